/** Times of inserts into 'ns' databases, in every form, against their ticks. */
import { SqlType, readSubmit, ticksOfStored, timeZone, type Column } from '@tdnode/common';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InsertCatalog, TableSchema } from './catalog.ts';
import { ColumnBuffer } from './column-buffer.ts';
import { InsertParser } from './insert-parser.ts';
import { readNanoseconds } from './nanosecond-reader.ts';

const time: Column = { name: 'ts', type: SqlType.TIMESTAMP, bytes: 8, colId: 1 };
const value: Column = { name: 'v', type: SqlType.INT, bytes: 4, colId: 2 };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test('19 digits are their ticks', () => {
  const column = new ColumnBuffer(time, true, 'ns');
  column.reserve(1);
  const digits = fc.oneof(
    fc.bigInt({ min: 10n ** 18n, max: 4_607_182_409_999_999_999n }),
    fc.bigInt({ min: 1_609_459_199_999_999_990n, max: 1_609_459_210_000_000_010n }),
  );
  fc.assert(
    fc.property(digits, (ticks) => {
      const sql = bytesOf(`(${ticks},1)`);
      expect(readNanoseconds(column, 0, sql, 1)).toBe(20);
      expect(ticksOfStored(column.f64[0]!)).toBe(ticks);
    }),
    { seed: 19, numRuns: 2000 },
  );
});

test.each(['123456789012345678', '-1609459200000000001', '4607182418800017408', "'2021'", 'now'])(
  'the general way reads %s',
  (text) => {
    const column = new ColumnBuffer(time, true, 'ns');
    column.reserve(1);
    expect(readNanoseconds(column, 0, bytesOf(`(${text},1)`), 1)).toBe(-1);
  },
);

const schema: TableSchema = {
  ordinal: 0,
  schemaUid: 7,
  schema: { version: 1, columns: [time, value], tags: [] },
  precision: 'ns',
  database: 0,
};
const catalog: InsertCatalog = {
  findDatabase: () => 0,
  findTable: () => 0,
  databaseName: () => 'd',
  isStable: () => false,
  uid: () => 100,
  vgId: () => 2,
  schema: () => schema,
};
const context = { databaseName: 'd', database: 0, zone: timeZone('UTC'), nowMs: 1_600_000_000_123 };

const T = 1_609_459_200_000_000_000n;
test.each<[string, bigint]>([
  [`${T + 1n}`, T + 1n],
  [` +${T + 1n} `, T + 1n],
  [`${T + 1n} + 5b`, T + 6n],
  [`${T + 1n}-2u`, T - 1999n],
  ["'2021-01-01 00:00:00.000000007'", T + 7n],
  ["'2021-01-01T01:00:00.000000007+01:00'", T + 7n],
  ['now', 1_600_000_000_123_000_000n],
  ['now + 1b', 1_600_000_000_123_000_001n],
  ['5', 5n],
  ['0', 0n],
  ['-1', -1n],
  ["'1969-12-31 23:59:59.999999998'", -2n],
])('(%s, 1) is %i', (text, ticks) => {
  const result = new InsertParser(catalog).parse(
    bytesOf(`insert into t values (${text}, 1)`),
    context,
  );
  if (result.kind !== 'rows') throw new Error('a known table');
  const [group] = readSubmit(result.parts[0]!.payload);
  expect(ticksOfStored(group!.ts[0]!)).toBe(ticks);
});

test('rows are put in order, of two at one nanosecond the first stays', () => {
  const times = [T + 3n, T + 1n, -5n, T + 1n, T + 2n, 0n];
  const rows = times.map((ticks, i) => `(${ticks}, ${i})`).join(' ');
  const result = new InsertParser(catalog).parse(bytesOf(`insert into t values ${rows}`), context);
  if (result.kind !== 'rows') throw new Error('a known table');
  const [group] = readSubmit(result.parts[0]!.payload);
  const kept = Array.from(group!.ts, ticksOfStored);
  expect(kept).toEqual([-5n, 0n, T + 1n, T + 2n, T + 3n]);
  expect([group!.tsMin, group!.tsMax].map(ticksOfStored)).toEqual([-5n, T + 3n]);
});
