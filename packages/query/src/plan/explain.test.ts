import { SqlType } from '@tdnode/common';
import { parseStatement } from '@tdnode/sql';
import { expect, test } from 'vitest';
import { column, environmentOf, scanOf } from '../../test/world.ts';
import type { World } from '../../test/world.ts';
import { decodeCounts } from '../exec/counting-scan.ts';
import { runFragment } from '../exec/run-fragment.ts';
import { explainPlan } from './explain.ts';
import type { QueryPlan } from './metadata.ts';
import { planSelect } from './plan-select.ts';

const world: World = {
  columns: [column('ts', SqlType.TIMESTAMP, 1), column('a', SqlType.INT, 2, 4)],
  tags: [column('g', SqlType.INT, 1, 4)],
  tables: ['t0', 't1'].map((name, i) => ({
    name,
    tags: [i],
    vgId: 2,
    rows: Array.from({ length: 100 }, (_, row) => ({ ts: row, values: [row] })),
  })),
  options: { blockRows: 10, hasStats: true, hasNewestRow: true },
};

function plan(sql: string): QueryPlan {
  const statement = parseStatement(sql);
  if (statement.kind !== 'select') throw new Error('a select is wanted');
  return planSelect(statement, environmentOf(world));
}

test.each([
  ['select server_version()', ['values known without reading']],
  [
    'select count(*), max(a) from st where ts >= 5 and a > 3 and g = 1 interval(1s) group by g slimit 2 limit 3',
    [
      'partial states merged, slimit 2, limit 3',
      '  vgroup 2: count(*), max($0) by tag 1 in windows of 1000 every 1000, child tables of the stable, ' +
        'time 5.., filter ($0 in [4, Infinity] and tag 1 in [1, 1])',
    ],
  ],
  [
    'select x.a from t0 x, t1 y where x.ts = y.ts order by x.ts desc limit 2',
    [
      'rows as they come, limit 2',
      '  coordinator: 1 columns of rows, limit 2',
      '    merge join of 2 by equal times',
      '      rows as they come',
      '        vgroup 2: 2 columns of rows descending, one table',
      '      rows as they come',
      '        vgroup 2: 1 columns of rows descending, one table',
    ],
  ],
  [
    'select last(a) from (select * from t0 union all select * from t1)',
    [
      'partial states merged',
      '  coordinator: last($0), ascending by time',
      '    rows of',
      '      union all of 2 selects, one after the other',
      '        rows as they come',
      '          vgroup 2: 2 columns of rows, one table',
      '        rows as they come',
      '          vgroup 2: 2 columns of rows, one table',
    ],
  ],
])('%s', (sql, lines) => {
  expect(explainPlan(plan(sql))).toEqual(lines);
});

test.each([
  ['select count(*) from st', { tables: 2, newestRows: 0, blocks: 20, pruned: 20, rows: 0 }],
  [
    'select sum(a) from t0 where a < 25',
    { tables: 1, newestRows: 0, blocks: 10, pruned: 9, rows: 10 },
  ],
  ['select last_row(a) from st', { tables: 0, newestRows: 2, blocks: 0, pruned: 0, rows: 0 }],
])('what a fragment read: %s', (sql, counts) => {
  const { fragment } = plan(sql).targets[0]!;
  const batches = [...runFragment({ kind: 'counted', fragment }, scanOf(world, 2))];
  const last = batches.filter((batch) => batch !== undefined).at(-1)!;
  expect(decodeCounts(last)).toEqual(counts);
});
