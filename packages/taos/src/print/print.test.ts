/** Widths, numbers, cells and layouts: what 2.1.2 was recorded to print, and what it gets wrong. */
import { SqlType, f64Vector, timeZone, type Batch } from '@tdnode/common';
import type { ResultColumn } from '@tdnode/rpc';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { strings } from '../testing/fakes.ts';
import type { Style } from './cell.ts';
import { csvPrinter } from './csv.ts';
import { displayWidth, fitted } from './display-width.ts';
import { exact, fixed, fixedWithin } from './number.ts';
import { tablePrinter, verticalPrinter } from './table.ts';

const style: Style = { zone: timeZone('UTC'), isRawTime: false, stringWidth: 30 };

test.each([
  ['plain ascii', 11],
  ['中文字符', 8],
  ['ｆｕｌｌ', 8],
  ['한국어', 6],
  ['e\u{301}a', 2],
  ['👍🏽', 2],
  ['👨‍👩‍👧', 2],
  ['🇨🇳', 2],
  ['❤️', 2],
  ['a\u{200b}b\u{7}c', 3],
  ['', 0],
])('%j takes %d columns', (text, columns) => {
  expect(displayWidth(text)).toBe(columns);
});

test.each([
  ['plain ascii', 12, 'plain ascii '],
  ['中文字符 and latin', 12, '中文字符 ...'],
  ['中文字符', 7, '中文...'],
  ['中文字符', 6, '中... '],
  ['abcdef', 2, '..'],
  ['中文', 1, '.'],
  ['e\u{301}e\u{301}e\u{301}e\u{301}', 4, 'e\u{301}e\u{301}e\u{301}e\u{301}'],
  ['two\nlines', 10, 'twolines  '],
  ['as it is', 0, 'as it is'],
])('%j in %d columns', (text, width, expected) => {
  expect(fitted(text, width)).toBe(expected);
});

test('any text fills its column exactly', () => {
  const anyText = fc.string({
    unit: fc.oneof(fc.constantFrom('a', '中', '👍', 'é', '\t'), fc.string({ unit: 'binary' })),
  });
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 40 }), (text, width) => {
      expect(displayWidth(fitted(text, width))).toBe(width);
    }),
    { seed: 7, numRuns: 50 },
  );
});

test.each([
  [0.015625, 5, '0.01562'],
  [0.046875, 5, '0.04688'],
  [-0.015625, 5, '-0.01562'],
  [1 / 1024, 9, '0.000976562'],
  [2.718281928459045, 9, '2.718281928'],
  [-0, 5, '-0.00000'],
  [1e22, 5, '10000000000000000000000.00000'],
  [Infinity, 5, 'inf'],
])('%d with %d digits is what printf writes', (value, digits, expected) => {
  expect(fixed(value, digits)).toBe(expected);
});

test('numbers that are too wide get an exponent, exported ones as many digits as they need', () => {
  expect(fixedWithin(1e308, 9, 25)).toBe('1.000000000e+308');
  expect(fixedWithin(12345678.5, 9, 25)).toBe('12345678.500000000');
  expect(exact(Math.fround(10.3), 5, true)).toBe('10.30000');
  expect(exact(2.718281928459045, 9, false)).toBe('2.718281928459045');
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Math.fround(Number(exact(value, 5, true)))).toBe(value);
    }),
    { seed: 11 },
  );
});

const columns: readonly ResultColumn[] = [
  { name: 'ts', type: SqlType.TIMESTAMP, bytes: 8 },
  { name: 'bo', type: SqlType.BOOL, bytes: 1 },
  { name: 'f', type: SqlType.FLOAT, bytes: 4 },
  { name: 'us', type: SqlType.USMALLINT, bytes: 2 },
  { name: '名称', type: SqlType.NCHAR, bytes: 2 },
];
const batch: Batch = {
  rows: 2,
  columns: [
    f64Vector(new Float64Array([1_600_000_000_000, 1_600_000_002_000])),
    f64Vector(new Float64Array([1, Number.NaN])),
    f64Vector(new Float64Array([3.25, Number.NaN])),
    f64Vector(new Float64Array([65534, Number.NaN])),
    strings(["北'京", null]),
  ],
};

test('a table', () => {
  const printer = tablePrinter(columns, 'ms', style);
  expect(printer.head + printer.rows(batch, 0, 2, 1)).toBe(
    `           ts            |  bo   |          f           |   us   |   名称   |
=============================================================================
 2020-09-13 12:26:40.000 |  true |              3.25000 |  65534 | 北'京    |
 2020-09-13 12:26:42.000 | NULL  |                 NULL | NULL   | NULL     |
`,
  );
});

test('one line a value, from any row on', () => {
  const printer = verticalPrinter(columns, 'ms', style);
  expect(printer.rows(batch, 0, 2, 5)).toBe(
    `*************************** 5.row ***************************
  ts: 2020-09-13 12:26:40.000
  bo: true
   f: 3.25000
  us: 65534
名称: 北'京
*************************** 6.row ***************************
  ts: 2020-09-13 12:26:42.000
  bo: NULL
   f: NULL
  us: NULL
名称: NULL
`,
  );
});

test('a file', () => {
  const printer = csvPrinter(columns, 'ms', style);
  expect(printer.head + printer.rows(batch, 0, 2, 1)).toBe(
    `ts,bo,f,us,名称
'2020-09-13 12:26:40.000',1,3.25000,65534,'北''京'
'2020-09-13 12:26:42.000',NULL,NULL,NULL,NULL
`,
  );
});

test('times by precision and zone, or raw', () => {
  const time = (precision: 'us' | 'ns', isRawTime: boolean): string => {
    const one: Batch = { rows: 1, columns: [f64Vector(new Float64Array([1_600_000_000_000_001]))] };
    const zone = timeZone('Asia/Shanghai');
    const printer = tablePrinter([columns[0]!], precision, { zone, isRawTime, stringWidth: 30 });
    return printer.rows(one, 0, 1, 1);
  };
  expect(time('us', false)).toBe(' 2020-09-13 20:26:40.000001 |\n');
  expect(time('ns', false)).toBe(' 1970-01-19 20:26:40.000000001 |\n');
  expect(time('us', true)).toBe(' 1600000000000001  |\n');
});
