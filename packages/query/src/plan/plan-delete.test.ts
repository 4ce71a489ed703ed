/** Deletes: which table, which vgroups, which times; and that nothing but a range of times is taken. */
import { SqlType, TaosError } from '@tdnode/common';
import { parseStatement } from '@tdnode/sql';
import { expect, test } from 'vitest';
import { NOW, column, environmentOf } from '../../test/world.ts';
import { planDelete, type DeletePlan } from './plan-delete.ts';

const environment = environmentOf({
  columns: [column('ts', SqlType.TIMESTAMP, 1), column('v', SqlType.INT, 2, 4)],
  tags: [column('g', SqlType.INT, 1, 4)],
  tables: [
    { name: 't', tags: [1], vgId: 3, rows: [] },
    { name: 'u', tags: [2], vgId: 4, rows: [] },
  ],
  options: { blockRows: 10, hasStats: true, hasNewestRow: false },
});

function plan(sql: string): DeletePlan {
  const statement = parseStatement(sql);
  if (statement.kind !== 'delete') throw new Error('a delete is wanted');
  return planDelete(statement, environment);
}

test.each<[string, number, number]>([
  ['ts = 5', 5, 5],
  ['ts > 5 and ts < 9', 6, 8],
  ['ts >= 5 and ts <= 9', 5, 9],
  ['ts between 5 and 9', 5, 9],
  ['ts between 5 and 9 and ts > 6', 7, 9],
  ['ts < now - 1s and ts > now - 1m', NOW - 60_000 + 1, NOW - 1001],
  ["ts = '2021-01-01 00:00:00'", 1_609_459_200_000, 1_609_459_200_000],
  ['_c0 > 3 and (ts < 9)', 4, 8],
])('where %s', (where, from, to) => {
  expect(plan(`delete from t where ${where}`)).toMatchObject({ from, to, vgIds: [3] });
});

test('a range that is empty is no error', () => {
  const { from, to } = plan('delete from t where ts > 9 and ts < 5');
  expect(from).toBeGreaterThan(to);
});

test('an open range goes on to the end of time', () => {
  const { from, to } = plan('delete from t where ts >= 5');
  expect([from, to]).toEqual([5, Number.MAX_SAFE_INTEGER]);
});

test('a stable concerns every vgroup of its database, a table its own', () => {
  expect(plan('delete from st where ts > 1')).toMatchObject({ table: { kind: 'stable' } });
  expect(plan('delete from st where ts > 1').vgIds).toEqual([2, 3, 4]);
  expect(plan('delete from u where ts > 1').vgIds).toEqual([4]);
});

test.each([
  'v > 3',
  'g = 1',
  "tbname like 't%'",
  'ts > 5 and v > 3',
  'ts > 5 and g = 1',
  'ts <> 5',
  'ts > 5 and ts <> 7',
  'ts > 5 or ts < 3',
  'ts is not null',
  'ts in (1, 2)',
  'ts',
  'ts > v',
])('refuses where %s', (where) => {
  for (const table of ['t', 'st']) {
    let thrown: unknown;
    try {
      plan(`delete from ${table} where ${where}`);
    } catch (error) {
      thrown = error;
    }
    expect(thrown, table).toBeInstanceOf(TaosError);
    expect((thrown as TaosError).code, table).toBe(512);
  }
});

test('refuses a table that is not there, and a time that is none', () => {
  expect(() => plan('delete from nosuch where ts > 1')).toThrow('Table does not exist');
  expect(() => plan("delete from t where ts > 'yesterday'")).toThrow('invalid timestamp');
  expect(() => plan('delete from t where nosuch > 1')).toThrow(TaosError);
});

test('a delete without where does not parse', () => {
  expect(() => parseStatement('delete from t')).toThrow('Syntax error in SQL');
});
