/** What functions, windows and fill refuse, with TDengine's words; one that passes beside each family of refusals. */
import { SqlType, TaosError } from '@tdnode/common';
import { expect, test } from 'vitest';
import { column, query } from '../../test/world.ts';
import type { World } from '../../test/world.ts';

const T = 1_609_459_200_000;
const world: World = {
  columns: [
    column('ts', SqlType.TIMESTAMP, 1),
    column('a', SqlType.INT, 2, 4),
    column('f', SqlType.DOUBLE, 3),
    column('s', SqlType.BINARY, 4, 8),
    column('u', SqlType.UINT, 5, 4),
  ],
  tags: [column('g', SqlType.INT, 1, 4)],
  tables: [{ name: 't', tags: [1], vgId: 2, rows: [{ ts: T, values: [1, 2, null, 3] }] }],
  options: { blockRows: 10, hasStats: true, hasNewestRow: false },
};
const RANGE = `where ts >= ${T} and ts <= ${T + 5000}`;

test.each<[string, string]>([
  ['select percentile(a, 101) from t', 'parameter is out of range [0, 100]'],
  ['select apercentile(a, -1) from t', 'parameter is out of range [0, 100]'],
  ['select percentile(a) from t', 'invalid parameters'],
  ['select leastsquares(a, 1) from t', 'invalid parameters'],
  ['select twa(s) from t', 'not support column types'],
  ['select diff(u) from t', 'diff can no be applied to unsigned numeric type'],
  ['select diff(a), diff(f) from t', 'functions or others can not be mixed up'],
  ['select ts, diff(a) from t', 'functions or others can not be mixed up'],
  ['select diff(a) from st', 'function not support for super table query'],
  ['select diff(a) from t group by s', 'functions/columns not allowed in group by query'],
  ['select diff(a) from t interval(1s)', 'column projection is not compatible with interval'],
  ['select percentile(a, 5) from st', 'function not support for super table query'],
  ['select leastsquares(a, 1, 1) from st', 'function not support for super table query'],
  ['select twa(a) from st', 'TWA not allowed to apply to super table directly'],
  ['select twa(a) from st group by g', 'TWA only support group by tbname for super table query'],
  ['select interp(a) from t', 'point interpolation query needs timestamp'],
  ['select count(*) from st session(ts, 1s)', 'function not support for super table query'],
  ['select count(*) from t session(a, 1s)', 'invalid column name'],
  ['select count(*) from t session(ts, 1n)', 'gap should be fixed time window'],
  ['select count(*) from t session(ts, 0s)', 'invalid time window'],
  [
    'select a from t session(ts, 1s)',
    'group by/session/state_window not allowed on projection query',
  ],
  ['select count(*) from t state_window(f)', 'invalid column name'],
  ['select count(*) from t state_window(g)', 'not support state_window with group by '],
  ['select a from t state_window(a)', 'projection query on columns not allowed'],
  [`select sum(a) from t ${RANGE} fill(prev)`, 'fill only available for interval query'],
  [`select sum(a) from t ${RANGE} interval(1s) fill(nosuch)`, 'invalid fill option'],
  [`select sum(a) from t ${RANGE} interval(1s) fill(value)`, 'value is expected'],
  [`select sum(a) from t ${RANGE} interval(1s) fill(value, 'x')`, 'illegal value or data overflow'],
  [`select top(a, 1) from t ${RANGE} interval(1s) fill(null)`, 'top/bottom not support fill'],
  [
    'select sum(a) from t interval(1s) fill(prev)',
    'start(end) time of query range required or time range too large',
  ],
])('refuses %s', async (sql, reason) => {
  const error = await query(sql, world).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TaosError);
  expect((error as TaosError).message).toBe(`invalid SQL: invalid operation: ${reason}`);
});

test('a query that keeps values stays within its budget', async () => {
  const rows = Array.from({ length: 5000 }, (_, i) => ({ ts: T + i, values: [i, i, null, i] }));
  const large: World = {
    ...world,
    tables: [{ ...world.tables[0]!, rows }],
    environment: { memoryBudgetBytes: 20_000 },
  };
  const error = await query('select percentile(a, 50) from t', large).catch((e: unknown) => e);
  expect((error as TaosError).message).toBe('Query buffer limit has reached');
});
