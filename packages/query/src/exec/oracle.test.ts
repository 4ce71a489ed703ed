/**
 * Whole queries against a slow, obvious evaluator over plain rows: random tables, spread over vgroups, in
 * blocks of random size, with and without statistics; random filters and aggregates.
 */
import { SqlType } from '@tdnode/common';
import type { TagValue } from '@tdnode/common';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { column, query, text } from '../../test/world.ts';
import type { Value, World } from '../../test/world.ts';

const T = 1_600_000_000_000;

/** One row of the stable as the evaluator sees it. */
interface Row {
  readonly table: string;
  readonly g: number | null;
  readonly ts: number;
  readonly a: number | null;
  readonly f: number | null;
  readonly s: string | null;
}

interface Sample {
  readonly world: World;
  readonly rows: readonly Row[];
}

const maybe = <V>(value: fc.Arbitrary<V>): fc.Arbitrary<V | null> =>
  fc.option(value, { nil: null, freq: 5 });
const cell = fc.record({
  ts: fc.integer({ min: 0, max: 200 }).map((n) => T + n * 50),
  a: maybe(fc.integer({ min: -9, max: 9 })),
  f: maybe(fc.integer({ min: -40, max: 40 }).map((n) => n / 4)),
  s: maybe(fc.constantFrom('', 'a', 'ab', 'B')),
});
const tableOf = fc.record({
  g: maybe(fc.integer({ min: 1, max: 3 })),
  vgId: fc.constantFrom(2, 3, 4),
  rows: fc.uniqueArray(cell, { selector: (row) => row.ts, maxLength: 40 }),
});
const samples: fc.Arbitrary<Sample> = fc
  .record({
    tables: fc.array(tableOf, { minLength: 1, maxLength: 5 }),
    blockRows: fc.integer({ min: 1, max: 15 }),
    hasStats: fc.boolean(),
    hasNewestRow: fc.boolean(),
  })
  .map(({ tables, ...options }) => {
    const bytes = (value: string | null): TagValue => (value === null ? null : text(value));
    const sorted = tables.map((table) => ({
      ...table,
      rows: [...table.rows].sort((x, y) => x.ts - y.ts),
    }));
    const world: World = {
      columns: [
        column('ts', SqlType.TIMESTAMP, 1),
        column('a', SqlType.INT, 2, 4),
        column('f', SqlType.DOUBLE, 3),
        column('s', SqlType.BINARY, 4),
      ],
      tags: [column('g', SqlType.INT, 1, 4)],
      tables: sorted.map((table, i) => ({
        name: `t${i}`,
        tags: [table.g],
        vgId: table.vgId,
        rows: table.rows.map((row) => ({ ts: row.ts, values: [row.a, row.f, bytes(row.s)] })),
      })),
      options,
    };
    const rows = sorted.flatMap((table, i) =>
      table.rows.map((row) => ({ ...row, table: `t${i}`, g: table.g })),
    );
    return { world, rows };
  });

/** A filter as SQL and as a function. */
interface Filter {
  readonly sql: string;
  readonly passes: (row: Row) => boolean;
}

const comparisons: { readonly [op: string]: (a: number, b: number) => boolean } = {
  '=': (a, b) => a === b,
  '<>': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};
const op = fc.constantFrom(...Object.keys(comparisons));
const numberTest = fc
  .record({
    name: fc.constantFrom('a' as const, 'f' as const),
    op,
    value: fc.integer({ min: -9, max: 9 }),
  })
  .map(({ name, op, value }): Filter => ({
    sql: `${name} ${op} ${value}`,
    passes: (row) => row[name] !== null && comparisons[op]!(row[name], value),
  }));
const stringTest = fc.constantFrom<Filter>(
  { sql: "s = 'a'", passes: (row) => row.s === 'a' },
  { sql: "s <> 'a'", passes: (row) => row.s !== null && row.s !== 'a' },
  { sql: "s like '%b'", passes: (row) => row.s === 'ab' || row.s === 'B' },
  { sql: 's is null', passes: (row) => row.s === null },
);
const columnTest: fc.Arbitrary<Filter> = fc.letrec<{ tree: Filter; leaf: Filter }>((tie) => ({
  leaf: fc.oneof(numberTest, stringTest),
  tree: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    fc
      .record({ left: tie('tree'), right: tie('tree'), kind: fc.constantFrom('and', 'or') })
      .map(({ left, right, kind }): Filter => ({
        sql: `(${left.sql} ${kind} ${right.sql})`,
        passes: (row) =>
          kind === 'and'
            ? left.passes(row) && right.passes(row)
            : left.passes(row) || right.passes(row),
      })),
  ),
})).tree;
const tagTest = fc
  .record({ op, value: fc.integer({ min: 0, max: 4 }) })
  .map(({ op, value }): Filter => ({
    sql: `g ${op} ${value}`,
    passes: (row) => (row.g === null ? op === '<>' : comparisons[op]!(row.g, value)),
  }));
const timeTest = fc
  .record({ from: fc.integer({ min: 0, max: 200 }), to: fc.integer({ min: 0, max: 200 }) })
  .map(({ from, to }): Filter => ({
    sql: `ts >= ${T + from * 50} and ts < ${T + to * 50}`,
    passes: (row) => row.ts >= T + from * 50 && row.ts < T + to * 50,
  }));
const filters = fc
  .array(fc.oneof(columnTest, tagTest, timeTest), { maxLength: 3 })
  .filter(
    (list) =>
      list
        .map((filter) => filter.sql)
        .join()
        .split('like').length < 3,
  )
  .map((list): Filter => ({
    sql: list.length === 0 ? '' : ` where ${list.map((filter) => filter.sql).join(' and ')}`,
    passes: (row) => list.every((filter) => filter.passes(row)),
  }));

const orderKey = (row: readonly Value[]): string =>
  JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value));
const bag = (rows: readonly Value[][]): string[] => rows.map(orderKey).sort();
const SEED = { seed: 4711, numRuns: 300 };

test('projections', async () => {
  await fc.assert(
    fc.asyncProperty(samples, filters, async ({ world, rows }, filter) => {
      const expected = rows
        .filter(filter.passes)
        .map((row): Value[] => [row.ts, row.a, row.s, row.g, row.table]);
      const answer = await query(`select ts, a, s, g, tbname from st${filter.sql}`, world);
      expect(bag(answer.rows)).toEqual(bag(expected));
    }),
    SEED,
  );
});

test('order and limits', async () => {
  const limits = fc.record({
    limit: fc.option(fc.nat({ max: 30 }), { nil: undefined }),
    offset: fc.nat({ max: 10 }),
    desc: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      samples,
      filters,
      limits,
      async ({ world, rows }, filter, { limit, offset, desc }) => {
        const times = rows
          .filter(filter.passes)
          .map((row) => row.ts)
          .sort((a, b) => (desc ? b - a : a - b));
        const cut = limit === undefined ? '' : ` limit ${limit} offset ${offset}`;
        const sql = `select ts, a from st${filter.sql} order by ts ${desc ? 'desc' : 'asc'}${cut}`;
        const answer = await query(sql, world);
        expect(answer.rows.map((row) => row[0])).toEqual(
          limit === undefined ? times : times.slice(offset, offset + limit),
        );
        for (const scan of answer.scans.values()) expect(scan.openCursors).toBe(0);
      },
    ),
    SEED,
  );
});

/** count(*), count(a), sum(a), min(a), max(f), spread(a), avg(a) of rows; undefined when all say nothing. */
function aggregate(rows: readonly Row[]): Value[] | undefined {
  if (rows.length === 0) return undefined;
  const a = rows.flatMap((row) => (row.a === null ? [] : [row.a]));
  const f = rows.flatMap((row) => (row.f === null ? [] : [row.f]));
  const sum = a.reduce((x, y) => x + y, 0);
  const orNull = (value: number, list: readonly number[]): Value =>
    list.length === 0 ? null : value;
  return [
    rows.length,
    a.length,
    orNull(sum, a),
    orNull(Math.min(...a), a),
    orNull(Math.max(...f), f),
    orNull(Math.max(...a) - Math.min(...a), a),
    orNull(sum / a.length, a),
  ];
}
const CALLS = 'count(*), count(a), sum(a), min(a), max(f), spread(a), avg(a)';

function groups<K>(rows: readonly Row[], key: (row: Row) => K): [K, Row[]][] {
  const found = new Map<K, Row[]>();
  for (const row of rows) found.set(key(row), [...(found.get(key(row)) ?? []), row]);
  return [...found];
}

test('aggregates, whole, by tag, by name, by column, by window', async () => {
  await fc.assert(
    fc.asyncProperty(samples, filters, async ({ world, rows }, filter) => {
      const passed = rows.filter(filter.passes);
      const check = async (
        clause: string,
        expected: readonly (Value[] | undefined)[],
        head = '',
      ): Promise<void> => {
        const answer = await query(`select ${head}${CALLS} from st${filter.sql}${clause}`, world);
        expect(bag(answer.rows)).toEqual(bag(expected.filter((row) => row !== undefined)));
      };
      await check('', [aggregate(passed)]);
      await check(
        ' group by g',
        groups(passed, (row) => row.g).map(([g, list]) => [...aggregate(list)!, g]),
      );
      await check(
        ' group by tbname',
        groups(passed, (row) => row.table).map(([name, list]) => [...aggregate(list)!, name]),
      );
      await check(
        ' group by s',
        groups(
          passed.filter((row) => row.s !== null),
          (row) => row.s,
        ).map(([s, list]) => [s, ...aggregate(list)!]),
        's, ',
      );
      const start = (row: Row): number => Math.floor((row.ts - 100) / 700) * 700 + 100;
      await check(
        ' interval(700a, 100a)',
        groups(passed, start).map(([ts, list]) => [ts, ...aggregate(list)!]),
      );
    }),
    SEED,
  );
});

test('first, last, last_row, top, bottom', async () => {
  await fc.assert(
    fc.asyncProperty(
      samples,
      filters,
      fc.integer({ min: 1, max: 6 }),
      async ({ world, rows }, filter, k) => {
        const passed = rows.filter(filter.passes);
        const present = passed
          .flatMap((row) => (row.a === null ? [] : [row.a]))
          .sort((x, y) => x - y);
        const top = await query(`select top(a, ${k}) from st${filter.sql}`, world);
        expect(top.rows.map((row) => Number(row[1])).sort((x, y) => x - y)).toEqual(
          present.slice(-k),
        );
        const bottom = await query(`select bottom(a, ${k}) from st${filter.sql}`, world);
        expect(bottom.rows.map((row) => Number(row[1])).sort((x, y) => x - y)).toEqual(
          present.slice(0, k),
        );
        const edges = await query(
          `select first(ts), last(ts), last(a), first(f) from st${filter.sql}`,
          world,
        );
        const times = passed.map((row) => row.ts);
        expect(edges.rows.map((row) => row.slice(0, 2))).toEqual(
          passed.length === 0 ? [] : [[Math.min(...times), Math.max(...times)]],
        );
        const newest = await query(`select last_row(ts), last_row(a) from st${filter.sql}`, world);
        const candidates = passed
          .filter((row) => row.ts === Math.max(...times))
          .map((row) => row.a);
        if (passed.length === 0) expect(newest.rows).toEqual([]);
        else expect(candidates).toContain(newest.rows[0]![1]);
        const lastA = Math.max(...passed.filter((row) => row.a !== null).map((row) => row.ts));
        if (present.length > 0) {
          const wanted = passed.filter((row) => row.ts === lastA).map((row) => row.a);
          expect(wanted).toContain(edges.rows[0]![2]);
        }
      },
    ),
    SEED,
  );
});
