/**
 * Whole queries on a small database: what comes out, under which heads, and what is refused with which
 * words. Three tables in two vgroups, blocks of two rows.
 */
import { SqlType, TaosError } from '@tdnode/common';
import { expect, test } from 'vitest';
import { column, query, text } from '../test/world.ts';
import type { Value, World } from '../test/world.ts';

const T = 1_609_459_200_000;
const row = (
  seconds: number,
  ...values: (number | string | null)[]
): World['tables'][number]['rows'][number] => ({
  ts: T + seconds * 1000,
  values: values.map((value) => (typeof value === 'string' ? text(value) : value)),
});

const world: World = {
  columns: [
    column('ts', SqlType.TIMESTAMP, 1),
    column('a', SqlType.INT, 2, 4),
    column('f', SqlType.FLOAT, 3, 4),
    column('s', SqlType.BINARY, 4, 8),
    column('b', SqlType.BOOL, 5, 1),
    column('big', SqlType.BIGINT, 6),
  ],
  tags: [column('g', SqlType.INT, 1, 4), column('h', SqlType.NCHAR, 2, 8)],
  tables: [
    {
      name: 't1',
      tags: [1, text('Alpha')],
      vgId: 2,
      rows: [
        row(0, 1, 1.5, 'aa', 1, 2 ** 53 - 1),
        row(1, 2, Math.fround(0.1), 'ab', 0, 2 ** 53 - 1),
        row(2, null, null, null, null, null),
        row(3, 4, 4.5, '', 1, 3),
        row(4, 5, -5.5, 'aa', 0, -4),
      ],
    },
    {
      name: 't2',
      tags: [2, text('beta')],
      vgId: 3,
      rows: [row(0.5, 10, 10, 'x', 1, 1), row(1.5, 20, 20, 'y', 0, 2)],
    },
    { name: 't3', tags: [null, null], vgId: 3, rows: [] },
  ],
  options: { blockRows: 2, hasStats: true, hasNewestRow: true },
};

const at = (seconds: number): number => T + seconds * 1000;

test.each<[string, Value[][]]>([
  ['select a from t1', [[1], [2], [null], [4], [5]]],
  [
    'select a + 1, a / 0, a % 0 from t1 limit 2',
    [
      [2, null, 1],
      [3, null, 2],
    ],
  ],
  ['select 1, "x", a from t1 limit 1', [[1, 'x', 1]]],
  ['select tbname, g from st where g = 1', [['t1', 1]]],
  [
    'select ts, a from t1 order by ts desc limit 2 offset 1',
    [
      [at(3), 4],
      [at(2), null],
    ],
  ],
  ['select a from st order by ts', [[1], [10], [2], [20], [null], [4], [5]]],
  ['select a from st order by ts desc limit 3 offset 1', [[4], [null], [20]]],
  [
    'select a, tbname from st order by tbname limit 6',
    [
      [1, 't1'],
      [2, 't1'],
      [null, 't1'],
      [4, 't1'],
      [5, 't1'],
      [10, 't2'],
    ],
  ],
  ['select a from t1 where a > 1 and a < 5', [[2], [4]]],
  ['select a from t1 where 2 < a or a = 1', [[1], [4], [5]]],
  ['select a from t1 where f = 0.1', [[2]]],
  ['select a from t1 where f >= 0.1 and f < 2', [[1], [2]]],
  ['select a from t1 where a <> 2', [[1], [4], [5]]],
  ['select a from t1 where a is null', [[null]]],
  ['select a from t1 where s = ""', [[4]]],
  ["select a from t1 where s like 'A_'", [[1], [2], [5]]],
  ['select a from t1 where b = true and a > 1', [[4]]],
  [
    "select a from t1 where ts >= '2021-01-01 00:00:01' and ts < '2021-01-01 00:00:04'",
    [[2], [null], [4]],
  ],
  ['select a from t1 where ts > now', []],
  ['select a from t1 where a > 1e400 or a = 99999999999999999999', []],
  ['select a from t1 where big > -99999999999999999999 and a < 3', [[1], [2]]],
  ['select a from t1 where big >= 9007199254740992 or big = -9007199254740992', []],
  ['select spread(ts), count(*) from (select ts, a from st)', [[4000, 7]]],
  ['select a from t1 where a > 0 / 0', []],
  ["select a from st where tbname in ('t2', 'T9')", [[10], [20]]],
  ["select tbname from st where h like 'ALPHA'", [['t1']]],
  ['select tbname from st where g <> 1 order by tbname', [['t2'], ['t3']]],
  ['select tbname from st where h like "_"', [['t3']]],
  ['select distinct g from st order by g desc', [[2], [1]]],
  ['select count(tbname), count(g) from st', [[3, 3]]],
  ['select count(*), count(a), sum(a), avg(a), min(a), max(a) from t1', [[5, 4, 12, 3, 1, 5]]],
  ['select sum(big) from t1', [[2n ** 54n - 3n]]],
  ['select spread(ts), spread(f) from t1', [[4000, 10]]],
  ['select count(*) from t1 where a > 100', []],
  ['select count(*) from t3', []],
  ['select sum(a) from t1 where ts = 1609459202000', []],
  ['select count(*), sum(a) from t1 where ts >= 1609459202000 and ts <= 1609459203000', [[2, 4]]],
  ['select first(a), last(s), last(ts) from t1', [[1, 'aa', at(4)]]],
  ['select last_row(*) from st', [[at(4), 5, -5.5, 'aa', 0, -4]]],
  [
    'select last_row(a), tbname from st group by g',
    [
      [5, 't1', 1],
      [20, 't2', 2],
    ],
  ],
  ['select max(a), ts, g from st', [[20, at(1.5), 2]]],
  [
    'select top(a, 2) from st',
    [
      [at(0.5), 10],
      [at(1.5), 20],
    ],
  ],
  [
    'select bottom(a, 2), tbname from st order by a desc',
    [
      [at(1), 2, 't1'],
      [at(0), 1, 't1'],
    ],
  ],
  [
    'select count(*), g from st group by g',
    [
      [5, 1, 1],
      [2, 2, 2],
    ],
  ],
  [
    'select sum(a) / count(*) from st group by g order by g desc',
    [
      [15, 2],
      [2.4, 1],
    ],
  ],
  ['select count(*) from st group by g slimit 1 soffset 1', [[2, 2]]],
  [
    'select s, count(*) from t1 group by s',
    [
      ['aa', 2],
      ['ab', 1],
      ['', 1],
    ],
  ],
  [
    'select count(*), sum(a) from t1 interval(2s)',
    [
      [at(0), 2, 3],
      [at(2), 2, 4],
      [at(4), 1, 5],
    ],
  ],
  [
    'select sum(a) from t1 interval(1s) order by ts desc limit 2',
    [
      [at(4), 5],
      [at(3), 4],
    ],
  ],
  [
    'select sum(a) from st interval(1s) group by g limit 1',
    [
      [at(0), 1, 1],
      [at(0), 10, 2],
    ],
  ],
  [
    'select count(*) from t1 interval(2s) sliding(1s) limit 2',
    [
      [at(-1), 1],
      [at(0), 2],
    ],
  ],
  ['select count(*) from st interval(1n)', [[T, 7]]],
  ['select max(a) from t1 limit 0', []],
  ['select database()', [['d']]],
  ['select server_status() union all select server_status()', [[1], [1]]],
])('%s', async (sql, rows) => {
  expect((await query(sql, world)).rows).toEqual(rows);
});

test.each<[string, [string, number, number][]]>([
  [
    'select *, a as X from st',
    [
      ['ts', 9, 8],
      ['a', 4, 4],
      ['f', 6, 4],
      ['s', 8, 8],
      ['b', 1, 1],
      ['big', 5, 8],
      ['g', 4, 4],
      ['h', 10, 8],
      ['x', 4, 4],
    ],
  ],
  [
    'select A+1, 1.5 as k, "str", 2 from t1',
    [
      ['a+1', 7, 8],
      ['k', 7, 8],
      ['str', 8, 3],
      ['2', 5, 8],
    ],
  ],
  [
    'select count( * ), avg(a) as "average a" from t1',
    [
      ['count( * )', 5, 8],
      ['averag', 7, 8],
    ],
  ],
  [
    'select last(*) from t3',
    [
      ['last(ts)', 9, 8],
      ['last(a)', 4, 4],
      ['last(f)', 6, 4],
      ['last(s)', 8, 8],
      ['last(b)', 1, 1],
      ['last(big)', 5, 8],
    ],
  ],
  [
    'select sum(a), sum(f) from st interval(1s) group by tbname, g',
    [
      ['ts', 9, 8],
      ['sum(a)', 5, 8],
      ['sum(f)', 7, 8],
      ['tbname', 8, 193],
      ['g', 4, 4],
    ],
  ],
  ['select 1', [['server_status()', 4, 4]]],
])('heads of %s', async (sql, heads) => {
  const { columns } = await query(sql, world);
  expect(columns.map((head) => [head.name, head.type, head.bytes])).toEqual(heads);
});

const INVALID = 'invalid SQL: invalid operation: ';
test.each<[string, number, string]>([
  ['select nosuch from t1', 512, `${INVALID}invalid column name`],
  ['select a from nosuch', 866, 'Table does not exist'],
  ['select x.a from t1', 512, `${INVALID}invalid column name`],
  ['select a, max(f) from t1', 512, 'invalid SQL: Invalid operation'],
  ['select g + 1 from st', 512, `${INVALID}tag columns can not be used in arithmetic expression`],
  [
    'select s + 1 from t1',
    512,
    `${INVALID}invalid column name, illegal column type, or columns in arithmetic expression from two tables`,
  ],
  ['select sum(s) from t1', 512, `${INVALID}not support column types`],
  ['select sum(g) from st', 512, `${INVALID}function applied to tags not allowed`],
  ['select sum(*) from t1', 512, `${INVALID}invalid parameters`],
  ['select top(a, 101) from t1', 512, `${INVALID}parameter is out of range [0, 100]`],
  ['select top(a, 2), a from t1', 512, `${INVALID}functions or others can not be mixed up`],
  [
    'select last_row(a), count(*) from t1',
    512,
    `${INVALID}functions or others can not be mixed up`,
  ],
  [
    'select first(*) as x from t1',
    512,
    `${INVALID}multi-columns selection does not support alias column name`,
  ],
  [
    'select tbname, g, count(*) from st group by tbname',
    512,
    `${INVALID}only one selectivity function allowed in presence of tags function`,
  ],
  ['select a from t1 where a in (1)', 512, `${INVALID}not supported filter condition`],
  ["select a from t1 where s > 'a'", 512, `${INVALID}binary column not support this operator`],
  ['select a from t1 where b > false', 512, `${INVALID}bool column not support this operator`],
  ['select a from t1 where a = null', 512, `${INVALID}only support is [not] null`],
  ['select a from t1 where a = f', 512, `${INVALID}not support ordinary column join`],
  ['select a from t1 where a * 2 > 4', 512, 'invalid SQL: Invalid operation'],
  ['select a from t1 where g = 1', 512, `${INVALID}filter on tag not supported for normal table`],
  [
    'select a from st where g = 1 or a = 1',
    512,
    `${INVALID}query condition between different columns must use 'AND'`,
  ],
  ['select a from t1 where ts > 1 or ts < 0', 512, `${INVALID}only one query time range allowed`],
  ['select a from t1 where ts > 1 / 0', 512, `${INVALID}invalid timestamp`],
  ["select a from t1 where ts > '2021-01-01'", 512, `${INVALID}invalid timestamp`],
  [
    "select a from st where tbname = 't1'",
    512,
    `${INVALID}only in/like allowed in filter table name`,
  ],
  [
    "select a from t1 where s like '123456789012345678901'",
    512,
    `${INVALID}wildcard string should be less than 20 characters`,
  ],
  [
    'select a from t1 order by a',
    512,
    `${INVALID}order by primary timestamp or first tag in groupby clause allowed`,
  ],
  ['select a from t1 limit 1 offset -1', 512, `${INVALID}soffset/offset can not be less than 0`],
  ['select a from t1 slimit 1', 512, `${INVALID}slimit/soffset only available for STable query`],
  ['select a from st group by g', 512, `${INVALID}projection query on columns not allowed`],
  ['select count(*) from t1 group by g', 512, `${INVALID}tags not allowed for table query`],
  ['select count(*) from t1 group by f', 512, `${INVALID}not allowed column type for group by`],
  ['select count(*) from t1 interval(9a)', 512, `${INVALID}interval cannot be less than 10 ms`],
  [
    'select count(*), ts from t1 interval(1s)',
    512,
    `${INVALID}column projection is not compatible with interval`,
  ],
  ['select distinct a from t1', 512, `${INVALID}only support distinct one tag`],
  ['select a, tbname from st where nosuch > 10', 512, `${INVALID}illegal column name`],
  ['select nosuch(a) from t1', 512, 'invalid SQL: Invalid operation'],
])('refuses %s', async (sql, code, desc) => {
  const error = await query(sql, world).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TaosError);
  expect([(error as TaosError).code, (error as TaosError).message]).toEqual([code, desc]);
});
