/**
 * Each function: whole = split. Rows are divided at random places over several aggregators, their partial
 * states travel as batches and are merged in any order; the result must be that of one aggregator over all
 * rows. Statistics, where a function takes them, must say the same as the rows.
 */
import { decodeBatch, encodeBatch, SqlType, vectorValue } from '@tdnode/common';
import type { TagValue, Vector } from '@tdnode/common';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeVector } from '../../test/array-scan.ts';
import type { FunctionCall } from '../plan/fragment.ts';
import type { ColumnStats, ScanBlock } from '../scan.ts';
import type { Aggregator } from './aggregator.ts';
import { findFunction } from './table.ts';

const numeric = [SqlType.TINYINT, SqlType.INT, SqlType.UINT, SqlType.FLOAT, SqlType.DOUBLE];
const wide = [SqlType.BIGINT, SqlType.UBIGINT];
const cases: [string, readonly SqlType[]][] = [
  ['count', [...numeric, ...wide, SqlType.BINARY]],
  ['sum', [...numeric, ...wide]],
  ['avg', numeric],
  ['stddev', numeric],
  ['spread', numeric],
  ['min', [...numeric, ...wide]],
  ['max', [...numeric, ...wide]],
  ['first', [...numeric, ...wide, SqlType.BINARY, SqlType.BOOL]],
  ['last', [...numeric, ...wide, SqlType.NCHAR]],
  ['last_row', [...numeric, ...wide, SqlType.BINARY]],
  ['top', [...numeric, ...wide]],
  ['bottom', [...numeric, ...wide]],
  ['percentile', numeric],
  ['apercentile', numeric],
  ['leastsquares', [SqlType.TINYINT, SqlType.FLOAT]],
  ['twa', [SqlType.TINYINT, SqlType.FLOAT, SqlType.DOUBLE]],
  ['rate', numeric],
  ['irate', numeric],
];

function valuesOf(type: SqlType): fc.Arbitrary<TagValue> {
  const some: { readonly [type: number]: fc.Arbitrary<TagValue> } = {
    [SqlType.BOOL]: fc.constantFrom(0, 1),
    [SqlType.TINYINT]: fc.integer({ min: -127, max: 127 }),
    [SqlType.INT]: fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }),
    [SqlType.UINT]: fc.integer({ min: 0, max: 2 ** 32 - 2 }),
    [SqlType.FLOAT]: fc.integer({ min: -1000, max: 1000 }).map((n) => Math.fround(n / 10)),
    [SqlType.DOUBLE]: fc.integer({ min: -1_000_000, max: 1_000_000 }).map((n) => n / 100),
    [SqlType.BIGINT]: fc.oneof(
      fc.integer(),
      fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }),
    ),
    [SqlType.UBIGINT]: fc.oneof(fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 64n - 2n })),
    [SqlType.BINARY]: fc.uint8Array({ maxLength: 3 }),
    [SqlType.NCHAR]: fc.string({ maxLength: 3 }).map((text) => new TextEncoder().encode(text)),
  };
  return fc.option(some[type]!, { nil: null, freq: 4 });
}

/** Rows cut into pieces; each piece goes to its own aggregator. */
const pieces = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 });

function plain(aggregator: Aggregator): unknown[] {
  const vector = aggregator.result(1);
  const rows = aggregator.entrySlots?.(1).length ?? 1;
  if (!aggregator.hasResult(0)) return [];
  const values = Array.from({ length: rows }, (_, i) => {
    const value = vectorValue(vector, i);
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
    return typeof value === 'bigint'
      ? value
      : typeof value === 'number'
        ? BigInt(Math.round(value * 1e6))
        : value;
  });
  // Which of equal values stays depends on the order of merging; the values do not.
  return aggregator.entrySlots === undefined ? values : values.map(String).sort();
}

/** Integers of 64 bits are compared as they are, not scaled. */
function callOf(name: string, type: SqlType): FunctionCall {
  return {
    name,
    input: 0,
    type,
    parameters: [3, 1],
    ticksPerSecond: 1000,
    isWhole: false,
    tracksRow: false,
  };
}

function filled(
  call: FunctionCall,
  vector: Vector,
  from: number,
  to: number,
  ts: Float64Array,
): Aggregator {
  const aggregator = findFunction(call.name)!.create(call);
  aggregator.grow(1);
  if (to > from) aggregator.add(0, vector, { ts, from, to }, 0);
  return aggregator;
}

/** A partial state after its travel. */
function sent(aggregator: Aggregator): {
  readonly rows: number;
  readonly columns: readonly Vector[];
} {
  const rows = aggregator.entrySlots?.(1).length ?? 1;
  return decodeBatch(encodeBatch({ rows, columns: aggregator.partial(1) }));
}

test.each(cases.flatMap(([name, types]) => types.map((type): [string, SqlType] => [name, type])))(
  '%s of type %i: whole = split',
  (name, type) => {
    const call = callOf(name, type);
    fc.assert(
      fc.property(
        fc.array(valuesOf(type), { minLength: 1, maxLength: 60 }),
        pieces,
        fc.boolean(),
        (values, cuts, backward) => {
          const vector = makeVector(type, values);
          const ts = Float64Array.from(values, (_, i) => 1000 + i);
          const whole = filled(call, vector, 0, values.length, ts);
          const parts = divide(values.length, cuts).map(([from, to]) =>
            sent(filled(call, vector, from, to, ts)),
          );
          const merged = findFunction(name)!.create(call);
          merged.grow(1);
          for (const part of backward ? parts.reverse() : parts) {
            for (let row = 0; row < part.rows; row++) merged.merge(0, part.columns, row, 0);
          }
          expect(roundedIfFloat(plain(merged))).toEqual(roundedIfFloat(plain(whole)));
        },
      ),
      { seed: 20_210 },
    );
  },
);

/** Sums of doubles depend on the order of their terms in the last digits: ±2 millionths are the same. */
function roundedIfFloat(values: unknown[]): unknown[] {
  return values.map((value) =>
    typeof value === 'bigint' ? (value + (value < 0n ? -4n : 4n)) / 10n : value,
  );
}

function divide(rows: number, cuts: readonly number[]): [number, number][] {
  const parts: [number, number][] = [];
  for (let at = 0, i = 0; at < rows; i++) {
    const to = Math.min(rows, at + cuts[i % cuts.length]!);
    parts.push([at, to]);
    at = to;
  }
  return parts;
}

const withStats = cases.filter(([name]) => findFunction(name)!.doc.statistics !== 'none');
test.each(withStats)('%s: statistics say what the rows say', (name) => {
  const call = callOf(name, SqlType.INT);
  fc.assert(
    fc.property(
      fc.array(valuesOf(SqlType.INT), { minLength: 1, maxLength: 30 }),
      pieces,
      (values, cuts) => {
        const ts = Float64Array.from(values, (_, i) => 1000 + i);
        const vector = makeVector(SqlType.INT, values);
        const byStats = findFunction(name)!.create(call);
        byStats.grow(1);
        for (const [from, to] of divide(values.length, cuts)) {
          const part = values.slice(from, to);
          const block = blockOf(ts.subarray(from, to));
          if (byStats.addStats(0, statsOf(part), block, 0)) continue;
          byStats.add(
            0,
            makeVector(SqlType.INT, part),
            { ts: ts.subarray(from, to), from: 0, to: to - from },
            0,
          );
        }
        expect(plain(byStats)).toEqual(plain(filled(call, vector, 0, values.length, ts)));
      },
    ),
    { seed: 20_211 },
  );
});

function blockOf(ts: Float64Array): ScanBlock {
  return {
    rows: ts.length,
    tsFirst: ts[0]!,
    tsLast: ts.at(-1)!,
    ts: () => ts,
    column: () => makeVector(SqlType.INT, []),
    stats: () => undefined,
  };
}

function statsOf(values: readonly TagValue[]): ColumnStats {
  const present = values.filter((value) => typeof value === 'number');
  return {
    nullCount: values.length - present.length,
    sum: present.reduce((a, b) => a + b, 0),
    min: Math.min(...present),
    max: Math.max(...present),
    first: Number(values[0] ?? NaN),
    last: Number(values.at(-1) ?? NaN),
  };
}
