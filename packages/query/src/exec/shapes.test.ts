/**
 * Nested selects, joins and unions against an evaluator over plain rows: random tables over several vgroups,
 * random filters, all shapes that put selects together.
 */
import { SqlType } from '@tdnode/common';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { column, query } from '../../test/world.ts';
import type { Value, World } from '../../test/world.ts';

const T = 1_600_000_000_000;
const RUNS = { numRuns: 150, seed: 20_204 };

interface Row {
  readonly g: number | null;
  readonly ts: number;
  readonly a: number | null;
  readonly f: number | null;
}

interface Sample {
  readonly world: World;
  /** Rows of each table, by time. */
  readonly tables: readonly (readonly Row[])[];
  /** Of all tables. */
  readonly rows: readonly Row[];
}

const maybe = <V>(value: fc.Arbitrary<V>): fc.Arbitrary<V | null> =>
  fc.option(value, { nil: null, freq: 5 });
const cell = fc.record({
  ts: fc.integer({ min: 0, max: 60 }).map((n) => T + n * 100),
  a: maybe(fc.integer({ min: -5, max: 5 })),
  f: maybe(fc.integer({ min: -20, max: 20 }).map((n) => n / 4)),
});
const tableOf = fc.record({
  g: maybe(fc.integer({ min: 1, max: 2 })),
  vgId: fc.constantFrom(2, 3, 4),
  rows: fc.uniqueArray(cell, { selector: (row) => row.ts, maxLength: 40 }),
});
const samples: fc.Arbitrary<Sample> = fc
  .record({
    tables: fc.array(tableOf, { minLength: 3, maxLength: 4 }),
    blockRows: fc.integer({ min: 1, max: 15 }),
    hasStats: fc.boolean(),
    hasNewestRow: fc.boolean(),
  })
  .map(({ tables: drawn, ...options }) => {
    const tables = drawn.map(({ g, rows }) =>
      [...rows].sort((x, y) => x.ts - y.ts).map((row) => ({ ...row, g })),
    );
    const world: World = {
      columns: [
        column('ts', SqlType.TIMESTAMP, 1),
        column('a', SqlType.INT, 2, 4),
        column('f', SqlType.DOUBLE, 3),
      ],
      tags: [column('g', SqlType.INT, 1, 4)],
      tables: drawn.map(({ g, vgId }, i) => ({
        name: `t${i}`,
        tags: [g],
        vgId,
        rows: tables[i]!.map((row) => ({ ts: row.ts, values: [row.a, row.f] })),
      })),
      options,
    };
    return { world, tables, rows: tables.flat() };
  });

interface Filter {
  /** For the columns of `q` (`''` or `'x.'`). */
  readonly sql: (q: string) => string;
  readonly passes: (row: Row) => boolean;
}

const filters: fc.Arbitrary<Filter> = fc.oneof(
  fc.constant<Filter>({ sql: (q) => `${q}ts > 0`, passes: () => true }),
  fc.integer({ min: -5, max: 5 }).map((n): Filter => ({
    sql: (q) => `${q}a > ${n}`,
    passes: (row) => row.a !== null && row.a > n,
  })),
  fc.integer({ min: 0, max: 60 }).map((n): Filter => ({
    sql: (q) => `${q}ts >= ${T + n * 100}`,
    passes: (row) => row.ts >= T + n * 100,
  })),
  fc.constant<Filter>({ sql: (q) => `${q}f is null`, passes: (row) => row.f === null }),
);

const inTime = (a: Row, b: Row): number => a.ts - b.ts;
const bag = (rows: readonly (readonly Value[])[]): string[] =>
  rows.map((row) => JSON.stringify(row)).sort();
const numbers = (rows: readonly Row[], name: 'a' | 'f'): number[] =>
  rows.flatMap((row) => row[name] ?? []);

/** count(*), count(a), sum(a), min(f), max(f); no row where there is none. */
function summary(rows: readonly Row[]): Value[][] {
  if (rows.length === 0) return [];
  const a = numbers(rows, 'a');
  const f = numbers(rows, 'f');
  const sum = a.length === 0 ? null : a.reduce((x, y) => x + y, 0);
  const extremes = f.length === 0 ? [null, null] : [Math.min(...f), Math.max(...f)];
  return [[rows.length, a.length, sum, ...extremes]];
}
const SUMMARY = 'count(*), count(a), sum(a), min(f), max(f)';

test('an outer select over rows of many tables', async () => {
  const property = fc.asyncProperty(samples, filters, filters, async (sample, inner, outer) => {
    const from = `(select ts, f, a, g from st where ${inner.sql('')})`;
    const left = sample.rows.filter(inner.passes).filter(outer.passes);
    const where = `where ${outer.sql('')}`;
    const { world } = sample;
    const projected = await query(`select a, ts, g from ${from} ${where}`, world);
    expect(bag(projected.rows)).toEqual(bag(left.map((row) => [row.a, row.ts, row.g])));
    const aggregated = await query(`select ${SUMMARY} from ${from} ${where}`, world);
    expect(aggregated.rows).toEqual(summary(left));
    const windows = await query(`select ${SUMMARY} from ${from} ${where} interval(1s)`, world);
    const starts = [...new Set(left.map((row) => row.ts - (row.ts % 1000)))].sort((x, y) => x - y);
    const expected = starts.flatMap((start) =>
      summary(left.filter((row) => row.ts - (row.ts % 1000) === start)).map((one) => [
        start,
        ...one,
      ]),
    );
    expect(windows.rows).toEqual(expected);
  });
  await fc.assert(property, RUNS);
});

test('an outer select over selects: aggregates of aggregates, groups, order and limits', async () => {
  const property = fc.asyncProperty(
    samples,
    filters,
    fc.nat({ max: 20 }),
    fc.nat({ max: 10 }),
    async ({ world, tables, rows }, filter, limit, offset) => {
      const groups = tables.map((table) => table.filter(filter.passes)).filter((t) => t.length > 0);
      const inner = `select count(*) as c from st where ${filter.sql('')} group by tbname`;
      const sums = await query(`select sum(c), count(*) from (${inner})`, world);
      const total = groups.reduce((sum, table) => sum + table.length, 0);
      expect(sums.rows).toEqual(groups.length === 0 ? [] : [[total, groups.length]]);
      const ordered = `select * from (select ts, a from t0) order by ts desc limit ${limit} offset ${offset}`;
      const newestFirst = [...tables[0]!].reverse().slice(offset, offset + limit);
      const answer = await query(ordered, world);
      expect(answer.rows).toEqual(newestFirst.map((row) => [row.ts, row.a]));
      const cut = `select ${SUMMARY} from (select * from t0 order by ts desc limit ${limit})`;
      const newest = [...tables[0]!].reverse().slice(0, limit);
      expect((await query(cut, world)).rows).toEqual(summary(newest));
      const edges = await query(`select first(a), last(f) from (select ts, a, f from st)`, world);
      const sorted = [...rows].sort(inTime);
      const valueAt = (name: 'a' | 'f', of: readonly Row[]): (number | null)[] => {
        const found = of.find((row) => row[name] !== null);
        return of.filter((row) => row.ts === found?.ts).map((row) => row[name]);
      };
      for (const [first, last] of edges.rows) {
        if (first !== null) expect(valueAt('a', sorted)).toContain(first);
        if (last !== null) expect(valueAt('f', sorted.reverse())).toContain(last);
      }
    },
  );
  await fc.assert(property, RUNS);
});

test('joins of two and three tables', async () => {
  const property = fc.asyncProperty(
    samples,
    filters,
    filters,
    fc.boolean(),
    async ({ world, tables }, left, right, descending) => {
      const at = (rows: readonly Row[], ts: number): Row[] => rows.filter((row) => row.ts === ts);
      // A condition on time holds for all.
      const both = (row: Row): boolean => left.passes(row);
      const isOnTime = (filter: Filter): boolean => filter.sql('').startsWith('ts');
      const passes = (a: Row, b: Row): boolean =>
        both(a) &&
        right.passes(b) &&
        (!isOnTime(left) || left.passes(b)) &&
        (!isOnTime(right) || right.passes(a));
      const pairs = tables[0]!.flatMap((x) =>
        at(tables[1]!, x.ts).flatMap((y) => (passes(x, y) ? [{ x, y }] : [])),
      );
      const where = `x.ts = y.ts and ${left.sql('x.')} and ${right.sql('y.')}`;
      const sql = `select x.ts, x.a, y.f, y.g from t0 x, t1 y where ${where}`;
      const expected = pairs.map(({ x, y }) => [x.ts, x.a, y.f, y.g]);
      if (descending) expected.reverse();
      const order = descending ? 'desc' : 'asc';
      const answer = await query(`${sql} order by x.ts ${order}`, world);
      expect(answer.rows).toEqual(expected);
      const limited = await query(`${sql} order by x.ts ${order} limit 3 offset 1`, world);
      expect(limited.rows).toEqual(expected.slice(1, 4));
      const sums = await query(
        `select count(*), sum(x.a), max(y.f) from t0 x, t1 y where ${where}`,
        world,
      );
      const a = numbers(
        pairs.map(({ x }) => x),
        'a',
      );
      const f = numbers(
        pairs.map(({ y }) => y),
        'f',
      );
      const sum = a.length === 0 ? null : a.reduce((p, q) => p + q, 0);
      const max = f.length === 0 ? null : Math.max(...f);
      expect(sums.rows).toEqual(pairs.length === 0 ? [] : [[pairs.length, sum, max]]);
      const three = await query(
        `select x.a, y.a, z.a from t0 x, t1 y, t2 z where x.ts = y.ts and z.ts = y.ts and ${left.sql('x.')}`,
        world,
      );
      const triples = tables[0]!
        .filter(left.passes)
        .flatMap((x) =>
          at(tables[1]!, x.ts).flatMap((y) => at(tables[2]!, x.ts).map((z) => [x.a, y.a, z.a])),
        );
      expect(three.rows).toEqual(triples);
    },
  );
  await fc.assert(property, RUNS);
});

test('joins of stables by time and tag, and of inner selects with repeated times', async () => {
  const property = fc.asyncProperty(samples, filters, async ({ world, rows }, filter) => {
    const left = rows.filter(filter.passes);
    const byTag = await query(
      `select x.ts, x.a, y.f from st x, st2 y where x.ts = y.ts and x.g = y.g and ${filter.sql('x.')}`,
      world,
    );
    const pairs = left.flatMap((x) => rows.filter((y) => y.ts === x.ts).map((y) => ({ x, y })));
    const equal = pairs.filter(({ x, y }) => x.g !== null && x.g === y.g);
    const plain = ({ x, y }: { x: Row; y: Row }): Value[] => [x.ts, x.a, y.f];
    expect(bag(byTag.rows)).toEqual(bag(equal.map(plain)));
    const inner = `(select ts, a, f from st where ${filter.sql('')}) x, (select ts, f from st2) y`;
    const nested = await query(`select x.ts, x.a, y.f from ${inner} where x.ts = y.ts`, world);
    expect(bag(nested.rows)).toEqual(bag(pairs.map(plain)));
  });
  await fc.assert(property, RUNS);
});

test('unions, alone and inside', async () => {
  const property = fc.asyncProperty(samples, filters, async ({ world, tables, rows }, filter) => {
    const union = `select ts, a from t0 where ${filter.sql('')} union all select ts, a from t1`;
    const answer = await query(union, world);
    const expected = [...tables[0]!.filter(filter.passes), ...tables[1]!];
    expect(answer.rows).toEqual(expected.map((row) => [row.ts, row.a]));
    const all = tables.map((_, i) => `select ts, a, f from t${i}`).join(' union all ');
    expect((await query(`select ${SUMMARY} from (${all})`, world)).rows).toEqual(summary(rows));
  });
  await fc.assert(property, RUNS);
});

const large: World = {
  columns: [column('ts', SqlType.TIMESTAMP, 1), column('a', SqlType.INT, 2, 4)],
  tags: [column('g', SqlType.INT, 1, 4)],
  tables: ['t0', 't1'].map((name) => ({
    name,
    tags: [1],
    vgId: 2,
    rows: Array.from({ length: 20_000 }, (_, i) => ({ ts: T + i, values: [i % 7] })),
  })),
  options: { blockRows: 1000, hasStats: true, hasNewestRow: true },
  environment: { memoryBudgetBytes: 200_000 },
};

test.each([
  ['sorting an inner answer', 'select * from (select ts, a from st) order by ts desc'],
  ['a function that needs all rows at once', 'select twa(a) from (select ts, a from t0)'],
])('memory: %s is refused beyond the budget', async (_what, sql) => {
  await expect(query(sql, large)).rejects.toMatchObject({ code: 1803 });
});

test.each([
  ['rows pass through', 'select a from (select ts, a from st)', 40_000],
  ['a join holds two batches', 'select x.a, y.a from t0 x, t1 y where x.ts = y.ts', 20_000],
  ['an aggregate sees pieces', 'select count(*) from (select a from t0)', 1],
])('memory: %s within the budget', async (_what, sql, rows) => {
  expect((await query(sql, large)).rows).toHaveLength(rows);
});

test('a limit ends what is below', async () => {
  for (const sql of [
    'select a from (select a from st) limit 5',
    'select x.a from t0 x, t1 y where x.ts = y.ts limit 5',
  ]) {
    const { rows, scans } = await query(sql, large);
    expect(rows).toHaveLength(5);
    for (const scan of scans.values()) expect(scan.openCursors).toBe(0);
  }
});
