import { expect, test } from 'vitest';
import type { Cell } from '../format/cell.ts';
import { InsertBuilder, SqlText } from './insert-text.ts';

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

test.each<[Cell, string]>([
  [null, 'NULL'],
  [true, 'true'],
  [-0, '-0'],
  [1e300, '1e+300'],
  [2n ** 63n - 1n, '9223372036854775807'],
  [new Uint8Array([39, 92, 255, 0, 10]), "'\\'\\\\\xff\0\n'"],
])('%s is spelt %s', (cell, sql) => {
  const text = new SqlText();
  text.cell(cell);
  expect(textOf(text.bytes)).toBe(sql);
});

/** All statements of rows that are added one after the other. */
function statements(limits: { maxBytes: number; maxRows: number }, rows: number): string[] {
  const builder = new InsertBuilder(limits);
  const cells = [
    Array.from({ length: rows }, (_, i) => BigInt(i)),
    Array.from({ length: rows }, () => null),
  ];
  const sent: string[] = [];
  for (let i = 0; i < rows; i++) {
    const table = i < 3 ? 'd.a' : 'd.b';
    if (builder.add(table, cells, i)) continue;
    sent.push(textOf(builder.sql));
    builder.reset();
    expect(builder.add(table, cells, i)).toBe(true);
  }
  return [...sent, textOf(builder.sql)];
}

test('rows of several tables share a statement', () => {
  expect(statements({ maxBytes: 1000, maxRows: 100 }, 5)).toEqual([
    'insert into d.a values (0,NULL)(1,NULL)(2,NULL) d.b values (3,NULL)(4,NULL)',
  ]);
});

test('neither limit is passed, and a row alone always has room', () => {
  expect(statements({ maxBytes: 1000, maxRows: 2 }, 5)).toEqual([
    'insert into d.a values (0,NULL)(1,NULL)',
    'insert into d.a values (2,NULL) d.b values (3,NULL)',
    'insert into d.b values (4,NULL)',
  ]);
  expect(statements({ maxBytes: 40, maxRows: 100 }, 4)).toEqual([
    'insert into d.a values (0,NULL)(1,NULL)',
    'insert into d.a values (2,NULL)',
    'insert into d.b values (3,NULL)',
  ]);
  expect(statements({ maxBytes: 1, maxRows: 100 }, 2)).toHaveLength(2);
});
