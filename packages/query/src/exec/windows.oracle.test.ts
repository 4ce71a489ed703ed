/**
 * Functions and windows of one table against a slow, obvious evaluator: random rows in blocks of random size, random
 * filters; diff, twa, percentiles, sessions, states, fill.
 */
import { SqlType } from '@tdnode/common';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { column, query } from '../../test/world.ts';
import type { Value, World } from '../../test/world.ts';

const T = 1_600_000_000_000;
const SEED = 20_214;

interface Row {
  readonly ts: number;
  readonly a: number | null;
  readonly state: number | null;
}

interface Sample {
  readonly world: World;
  readonly rows: readonly Row[];
  /** Rows with `a >= least` pass. */
  readonly least: number;
}

const maybe = (value: fc.Arbitrary<number>): fc.Arbitrary<number | null> =>
  fc.option(value, { nil: null, freq: 5 });

function samplesOf(state: fc.Arbitrary<number | null>): fc.Arbitrary<Sample> {
  const row = fc.record({
    ts: fc.integer({ min: 0, max: 60 }).map((n) => T + n * 500),
    a: maybe(fc.integer({ min: -20, max: 20 })),
    state,
  });
  return fc
    .record({
      rows: fc.uniqueArray(row, { selector: ({ ts }) => ts, minLength: 1, maxLength: 40 }),
      blockRows: fc.integer({ min: 1, max: 15 }),
      least: fc.integer({ min: -21, max: 0 }),
    })
    .map(({ rows, blockRows, least }) => {
      const sorted = [...rows].sort((x, y) => x.ts - y.ts);
      const world: World = {
        columns: [
          column('ts', SqlType.TIMESTAMP, 1),
          column('a', SqlType.INT, 2, 4),
          column('k', SqlType.INT, 3, 4),
        ],
        tags: [column('g', SqlType.INT, 1, 4)],
        tables: [
          {
            name: 't',
            tags: [1],
            vgId: 2,
            rows: sorted.map(({ ts, a, state: k }) => ({ ts, values: [a, k] })),
          },
        ],
        options: { blockRows, hasStats: true, hasNewestRow: false },
      };
      const passing = sorted.filter(({ a }) => a !== null && a >= least);
      return { world, rows: passing, least };
    });
}

const samples = samplesOf(fc.integer({ min: 1, max: 3 }));

async function check(
  sample: Sample,
  sql: string,
  expected: readonly (readonly Value[])[],
): Promise<void> {
  const { rows } = await query(sql, sample.world);
  expect(rounded(rows)).toEqual(rounded(expected));
}

function rounded(rows: readonly (readonly Value[])[]): unknown[] {
  return rows.map((row) =>
    row.map((value) => (typeof value === 'number' ? Number(value.toFixed(6)) + 0 : value)),
  );
}

/** Runs a statement, given the filter, over random samples. */
async function against(
  sqlOf: (filter: string) => string,
  expected: (rows: readonly Row[]) => Value[][],
  from = samples,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(from, (sample) =>
      check(sample, sqlOf(`a >= ${sample.least}`), expected(sample.rows)),
    ),
    { seed: SEED, numRuns: 200 },
  );
}

/** Rows cut where `isNew` says so. */
function cut(rows: readonly Row[], isNew: (row: Row, before: Row) => boolean): Row[][] {
  const parts: Row[][] = [];
  rows.forEach((row, i) => {
    if (i === 0 || isNew(row, rows[i - 1]!)) parts.push([]);
    parts.at(-1)!.push(row);
  });
  return parts;
}

const sum = (rows: readonly Row[]): number => rows.reduce((total, { a }) => total + a!, 0);

test('diff', () =>
  against(
    (filter) => `select diff(a) from t where ${filter}`,
    (rows) => rows.slice(1).map(({ ts, a }, i) => [ts, a! - rows[i]!.a!]),
  ));

test('diff, newest first', () =>
  against(
    (filter) => `select diff(a) from t where ${filter} order by ts desc limit 5 offset 1`,
    (rows) => {
      const backward = [...rows].reverse();
      const all = backward.slice(1).map(({ ts, a }, i) => [ts, a! - backward[i]!.a!]);
      return all.slice(1, 6);
    },
  ));

test('twa', () =>
  against(
    (filter) => `select twa(a) from t where ${filter}`,
    (rows) => {
      if (rows.length < 2) return rows.map(({ a }) => [a]);
      let area = 0;
      for (let i = 1; i < rows.length; i++) {
        area += ((rows[i]!.a! + rows[i - 1]!.a!) * (rows[i]!.ts - rows[i - 1]!.ts)) / 2;
      }
      return [[area / (rows.at(-1)!.ts - rows[0]!.ts)]];
    },
  ));

test('twa of windows: lines reach to the first and the last tick', () =>
  against(
    (filter) => `select twa(a) from t where ${filter} interval(3s)`,
    (rows) =>
      cut(rows, (row, before) => windowOf(row) !== windowOf(before)).map((part) => {
        const start = windowOf(part[0]!);
        const points = part.map(({ ts, a }) => [ts, a!] as const);
        const before = rows[rows.indexOf(part[0]!) - 1];
        const after = rows[rows.indexOf(part.at(-1)!) + 1];
        if (before !== undefined) points.unshift(between(start, before, part[0]!));
        if (after !== undefined) points.push(between(start + 2999, part.at(-1)!, after));
        let area = 0;
        for (let i = 1; i < points.length; i++) {
          area += ((points[i]![1] + points[i - 1]![1]) * (points[i]![0] - points[i - 1]![0])) / 2;
        }
        const time = points.at(-1)![0] - points[0]![0];
        return [start, time === 0 ? points[0]![1] : area / time];
      }),
  ));

function windowOf({ ts }: Row): number {
  return ts - (ts % 3000);
}

function between(ts: number, a: Row, b: Row): readonly [number, number] {
  return [ts, a.a! + ((b.a! - a.a!) * (ts - a.ts)) / (b.ts - a.ts)];
}

test('percentile', () =>
  against(
    (filter) => `select percentile(a, 30), percentile(a, 100) from t where ${filter}`,
    (rows) => {
      const sorted = rows.map(({ a }) => a!).sort((x, y) => x - y);
      if (sorted.length === 0) return [];
      const place = 0.3 * (sorted.length - 1);
      const low = sorted[Math.floor(place)]!;
      const high = sorted[Math.ceil(place)]!;
      return [[low + (high - low) * (place - Math.floor(place)), sorted.at(-1)!]];
    },
  ));

test('session', () =>
  against(
    (filter) => `select count(*), sum(a), last(ts) from t where ${filter} session(ts, 1s)`,
    (rows) =>
      cut(rows, (row, before) => row.ts - before.ts > 1000).map((part) => [
        part[0]!.ts,
        part.length,
        sum(part),
        part.at(-1)!.ts,
      ]),
  ));

test('state_window', () =>
  against(
    (filter) => `select k, count(*), sum(a) from t where ${filter} state_window(k)`,
    (rows) =>
      cut(rows, (row, before) => row.state !== before.state).map((part) => [
        part[0]!.state,
        part.length,
        sum(part),
      ]),
  ));

test('state_window: rows without a state between two states say nothing', () =>
  against(
    (filter) => `select count(*) from t where ${filter} state_window(k)`,
    (rows) => {
      const parts = cut(
        rows.filter(({ state }) => state !== null),
        (row, before) => row.state !== before.state,
      );
      return parts.map((part) => [part.length]);
    },
    samplesOf(maybe(fc.integer({ min: 1, max: 3 }))),
  ));

const FROM = T + 2000;
const TO = T + 20_000;

/** Sums by second; undefined: no row. */
function seconds(rows: readonly Row[]): (number | undefined)[] {
  const sums: (number | undefined)[] = [];
  for (let start = FROM; start <= TO; start += 1000) {
    const inside = rows.filter(({ ts }) => ts >= start && ts < start + 1000 && ts <= TO);
    sums.push(inside.length === 0 ? undefined : sum(inside));
  }
  return sums;
}

const fills: readonly [
  mode: string,
  fill: (sums: readonly (number | undefined)[], i: number) => Value,
][] = [
  ['null', () => null],
  ['value, 7', () => 7],
  ['prev', (sums, i) => sums.slice(0, i).findLast((value) => value !== undefined) ?? null],
  ['next', (sums, i) => sums.slice(i).find((value) => value !== undefined) ?? null],
  [
    'linear',
    (sums, i) => {
      const before = sums.slice(0, i).findLastIndex((value) => value !== undefined);
      const after = sums.findIndex((value, at) => at > i && value !== undefined);
      if (before < 0 || after < 0) return null;
      const share = (i - before) / (after - before);
      return Math.trunc(sums[before]! + (sums[after]! - sums[before]!) * share);
    },
  ],
];

for (const order of ['', ' order by ts desc']) {
  test.each(fills)(`fill(%s)${order}`, (mode, fill) =>
    against(
      (filter) =>
        `select sum(a) from t where ${filter} and ts >= ${FROM} and ts <= ${TO} interval(1s) fill(${mode})${order}`,
      (rows) => {
        const sums = seconds(rows);
        if (sums.every((value) => value === undefined)) return [];
        const filled = sums.map((value, i): Value[] => [FROM + i * 1000, value ?? fill(sums, i)]);
        return order === '' ? filled : filled.reverse();
      },
    ),
  );
}
