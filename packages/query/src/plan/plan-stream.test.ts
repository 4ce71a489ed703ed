/** Continuous queries: columns of their tables, windows, the select for some of them, and what is refused. */
import { SqlType, TaosError } from '@tdnode/common';
import { parseStatement, printStatement, type SelectStatement } from '@tdnode/sql';
import { expect, test } from 'vitest';
import { NOW, column, environmentOf } from '../../test/world.ts';
import { planStream, type StreamPlan } from './plan-stream.ts';

const environment = environmentOf({
  columns: [
    column('ts', SqlType.TIMESTAMP, 1),
    column('a', SqlType.INT, 2, 4),
    column('s', SqlType.NCHAR, 3, 8),
  ],
  tags: [column('g', SqlType.INT, 1, 4)],
  tables: [{ name: 't', tags: [1], vgId: 2, rows: [] }],
  options: { blockRows: 10, hasStats: true, hasNewestRow: false },
});

function planOf(sql: string): StreamPlan {
  return planStream(parseStatement(sql) as SelectStatement, environment);
}

test('columns are named after the results, as TDengine names them', () => {
  const { columns } = planOf(
    'select COUNT(*), avg(a), max(a) as Top, percentile(a, 50), avg(a)*2, last(s) from t interval(1m)',
  );
  expect(columns.map(({ name }) => name)).toEqual([
    'ts',
    'count___',
    'avg_a_',
    'top',
    'percentile_a__50_',
    'avg_a__2',
    'last_s_',
  ]);
  expect(columns.map(({ type, bytes }) => [type, bytes])).toEqual([
    [SqlType.TIMESTAMP, 8],
    [SqlType.BIGINT, 8],
    [SqlType.DOUBLE, 8],
    [SqlType.INT, 4],
    [SqlType.DOUBLE, 8],
    [SqlType.DOUBLE, 8],
    [SqlType.NCHAR, 8],
  ]);
});

test('the times of where bound the windows; now is the time of creation', () => {
  const plan = planOf(
    'select sum(a) from st where ts >= now and ts < now + 1h and g = 1 interval(1m)',
  );
  expect([plan.from, plan.to]).toEqual([NOW, NOW + 3_600_000 - 1]);
  expect(planOf('select sum(a) from st where a > 1 interval(1m)')).toMatchObject({
    from: undefined,
    to: undefined,
  });
});

test('a run reads the rows of its windows, and what where lets pass of them', () => {
  const plan = planOf(
    'select sum(a) from st where g = 1 or g = 2 interval(1m) fill(null) sliding(30s)',
  );
  expect(plan.fillsNull).toBe(true);
  expect(printStatement(plan.selectOf(60_000, 120_000))).toBe(
    'select sum(a) from st where (g = 1 or g = 2) and ts >= 60000 and ts < 120000 interval(1m) sliding(30s)',
  );
});

test.each<[string, string]>([
  ['select avg(a) from t', 'time interval is required'],
  ['select a from t', 'time interval is required'],
  ['select avg(a) from t session(ts, 1s)', 'time interval is required'],
  ['select 1', 'from missing in subclause'],
  ['select a from t interval(1m)', 'column projection is not compatible with interval'],
  ['select avg(a) from st group by g', 'time interval is required'],
  ['select avg(a) from st interval(1m) group by g', 'group by not allowed in continuous query'],
  [
    'select avg(a) from t interval(1m) limit 1',
    'order by, limit, having and distinct not allowed in continuous query',
  ],
  ['select top(a, 2) from t interval(1m)', 'functions not allowed in select clause'],
  ['select last_row(a) from t interval(1m)', 'functions or others can not be mixed up'],
  ['select avg(a) from t interval(1m) fill(prev)', 'fill option not supported in stream computing'],
  ['select avg(a) from t, st interval(1m)', 'invalid table name'],
  [
    'select avg(x) from (select avg(a) as x from t interval(1s)) interval(1m)',
    'invalid table name',
  ],
  ['select avg(a), avg(a) from t interval(1m)', 'duplicated column name in new table'],
  ['select avg(a) from t interval(1a)', 'interval cannot be less than 10 ms'],
  [
    'select avg(a) from t interval(1m) sliding(2m)',
    'sliding value no larger than the interval value',
  ],
])('refuses %s', (sql, reason) => {
  expect(() => planOf(sql)).toThrow(TaosError);
  expect(() => planOf(sql)).toThrow(`invalid SQL: invalid operation: ${reason}`);
});
