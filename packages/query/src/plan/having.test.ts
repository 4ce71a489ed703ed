/** Having: what passes and what does not, over every operator and kind of result, and what is refused. */
import { SqlType, TaosError } from '@tdnode/common';
import { expect, test } from 'vitest';
import { column, query, text, type Value, type World } from '../../test/world.ts';

const T = 1_600_000_000_000;

/** Three tables: a of 4 rows (v 1..4), b of 2 (10, NULL), c of 1 (NULL); s is the name, twice. */
const world: World = {
  columns: [
    column('ts', SqlType.TIMESTAMP, 1),
    column('v', SqlType.INT, 2, 4),
    column('s', SqlType.BINARY, 3, 8),
  ],
  tags: [column('g', SqlType.INT, 1, 4)],
  tables: [
    ['a', [1, 2, 3, 4]],
    ['b', [10, null]],
    ['c', [null]],
  ].map(([name, values], i) => ({
    name: name as string,
    tags: [i],
    vgId: 2 + i,
    rows: (values as (number | null)[]).map((v, at) => ({
      ts: T + at,
      values: [v, text(`${name as string}${name as string}`)],
    })),
  })),
  options: { blockRows: 2, hasStats: true, hasNewestRow: false },
};

/** Names of the groups that stay. */
async function groups(having: string): Promise<Value[]> {
  const { rows } = await query(`select count(*) from st group by tbname having ${having}`, world);
  return rows.map((row) => row[1]!).sort();
}

test.each<[string, string[]]>([
  ['count(*) = 2', ['b']],
  ['count(*) <> 2', ['a', 'c']],
  ['count(*) > 1', ['a', 'b']],
  ['count(*) >= 4', ['a']],
  ['count(*) < 2', ['c']],
  ['count(*) <= 2', ['b', 'c']],
  ['sum(v) > 9.5', ['a', 'b']],
  ['avg(v) > 2.4 and avg(v) < 2.6', ['a']],
  ['avg(v) between 2.5 and 10', ['a', 'b']],
  ['max(v) = 4 or max(v) = 10', ['a', 'b']],
  ['max(v) > 100', []],
  ['sum(v) is null', ['c']],
  ['sum(v) is not null', ['a', 'b']],
  ['first(s) = "bb"', ['b']],
  ["last(s) like 'c%'", ['c']],
  ['count(*) > 1 + 1', ['a']],
  ['min(v) > -1 and (count(v) = 1 or count(v) = 4)', ['a', 'b']],
])('having %s', async (clause, names) => {
  expect(await groups(clause)).toEqual(names);
});

test('a result that is not selected is not answered either', async () => {
  const { columns, rows } = await query(
    'select max(v) from st group by tbname having count(*) = 4',
    world,
  );
  expect(columns.map(({ name }) => name)).toEqual(['max(v)', 'tbname']);
  expect(rows).toEqual([[4, 'a']]);
});

test('groups that are gone do not count for slimit', async () => {
  const { rows } = await query(
    'select count(*) from st group by tbname having count(*) < 4 slimit 1 soffset 1',
    world,
  );
  expect(rows).toHaveLength(1);
});

test('windows of a group are judged one by one', async () => {
  const { rows } = await query(
    'select count(*) from st interval(10a) group by tbname having sum(v) > 9',
    world,
  );
  expect(rows.map((row) => row.slice(1))).toEqual([
    [4, 'a'],
    [2, 'b'],
  ]);
});

test.each<[string, string]>([
  ['select count(*) from st having count(*) > 1', 'having only works with group by'],
  ['v > 1', 'invalid having clause'],
  ['count(*)', 'invalid expression in having clause'],
  ['count(*) > max(v)', 'invalid having clause'],
  ['1 < count(*)', 'invalid having clause'],
  ['count(*) + 1 > 2', 'invalid having clause'],
  ['count(*) in (1, 2)', 'invalid having clause'],
  ["first(s) > 'a'", 'invalid operator for binary column in having clause'],
])('refuses %s', async (clause, reason) => {
  const sql = clause.startsWith('select')
    ? clause
    : `select count(*) from st group by tbname having ${clause}`;
  const error = await query(sql, world).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TaosError);
  expect((error as TaosError).message).toBe(`invalid SQL: invalid operation: ${reason}`);
});
