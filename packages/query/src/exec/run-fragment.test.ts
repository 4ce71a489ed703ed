/** Slices, cancelling and budgets of running fragments. */
import { ErrorCode, SqlType } from '@tdnode/common';
import { parseStatement } from '@tdnode/sql';
import { expect, test } from 'vitest';
import { column, environmentOf, query, scanOf } from '../../test/world.ts';
import type { World } from '../../test/world.ts';
import { planSelect } from '../plan/plan-select.ts';
import { runFragment } from './run-fragment.ts';

const world: World = {
  columns: [column('ts', SqlType.TIMESTAMP, 1), column('a', SqlType.INT, 2, 4)],
  tags: [column('g', SqlType.INT, 1, 4)],
  tables: [0, 1, 2].map((t) => ({
    name: `t${t}`,
    tags: [t],
    vgId: 2,
    rows: Array.from({ length: 60_000 }, (_, i) => ({
      ts: 1000 + i * 3 + t,
      values: [(i * 7919) % 1000],
    })),
  })),
  options: { blockRows: 1000, hasStats: false, hasNewestRow: false },
};

function start(sql: string): {
  readonly work: Generator<Uint8Array | undefined>;
  readonly scan: ReturnType<typeof scanOf>;
} {
  const statement = parseStatement(sql);
  if (statement.kind !== 'select') throw new Error('a select is wanted');
  const scan = scanOf(world, 2);
  return {
    work: runFragment(planSelect(statement, environmentOf(world)).targets[0]!.fragment, scan),
    scan,
  };
}

test.each([
  'select sum(a) from st where a > 10',
  'select * from st where a > 1000',
  'select ts from st order by ts',
  'select max(a) from st interval(1s)',
])('%s gives control back within some 300,000 rows', (sql) => {
  const { work, scan } = start(sql);
  let blocks = 0;
  for (const step of work) {
    expect(scan.blocksRead - blocks).toBeLessThanOrEqual(300);
    blocks = scan.blocksRead;
    void step;
  }
  expect(scan.openCursors).toBe(0);
});

test.each([
  'select * from st',
  'select * from st order by ts desc',
  'select avg(a) from st where a > 1',
])('cancelling %s closes its cursors', (sql) => {
  const { work, scan } = start(sql);
  work.next();
  work.return(undefined);
  expect(scan.openCursors).toBe(0);
});

test('a limit stops the reading', () => {
  const { work, scan } = start('select * from st limit 10');
  expect([...work].filter((step) => step !== undefined)).toHaveLength(1);
  expect(scan.blocksRead).toBeLessThanOrEqual(2);
});

test.each([
  'select count(*) from st group by a',
  'select count(*) from st interval(10a)',
  'select * from st order by ts',
])('%s stops at the memory budget', async (sql) => {
  const small: World = { ...world, environment: { memoryBudgetBytes: 20_000 } };
  await expect(query(sql, small)).rejects.toMatchObject({ code: ErrorCode.QRY_NOT_ENOUGH_BUFFER });
});
