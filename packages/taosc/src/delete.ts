/**
 * `delete from t where ts …`: one change to each vgroup that holds rows of the table; each logs and applies it like any
 * write. The answer's count is taken just before and may miss rows that are written at the same moment.
 */
import { ErrorCode, TaosError, type TimeZone, type VgId } from '@tdnode/common';
import { planDelete } from '@tdnode/query';
import { encodeChanges, type Session } from '@tdnode/rpc';
import type { Delete, Expression, SelectStatement } from '@tdnode/sql';
import { executeSelect, planEnvironmentOf, type SelectEnvironment } from './select.ts';

/** Runs the statement; how many rows it deleted. Throws TaosError. */
export async function executeDelete(
  statement: Delete,
  session: Session & { readonly zone: TimeZone },
  environment: SelectEnvironment,
): Promise<number> {
  const count = countOf(statement);
  const planEnvironment = await planEnvironmentOf(count, session, environment);
  const { table, from, to, vgIds } = planDelete(statement, planEnvironment);
  if (from > to) return 0;
  const rows = await countRows(count, session, environment);
  const isStable = table.kind === 'stable';
  const payload = encodeChanges([{ kind: 'deleteRows', uid: table.uid, isStable, from, to }]);
  const writes = vgIds.map((vgId) => environment.vnodes.write(vgId as VgId, 'change', payload));
  const failed = (await Promise.allSettled(writes)).find((one) => one.status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  return rows;
}

/** `select count(*) from t where …`. */
function countOf({ table, where, start, end }: Delete): SelectStatement {
  const span = { start, end };
  const expression: Expression = {
    kind: 'call',
    name: 'count',
    args: [{ kind: 'star', table: undefined, ...span }],
    ...span,
  };
  return {
    kind: 'select',
    ...span,
    branches: [
      {
        distinct: false,
        items: [{ expression, alias: undefined, text: 'count(*)', ...span }],
        from: [{ kind: 'table', db: table.db, name: table.name, alias: undefined, ...span }],
        where,
        window: undefined,
        sliding: undefined,
        fill: undefined,
        groupBy: [],
        having: undefined,
        orderBy: [],
        slimit: undefined,
        limit: undefined,
        ...span,
      },
    ],
  };
}

async function countRows(
  count: SelectStatement,
  session: Session & { readonly zone: TimeZone },
  environment: SelectEnvironment,
): Promise<number> {
  const { signal } = new AbortController();
  const { batches } = await executeSelect(count, session, environment, signal);
  for await (const { columns } of batches) {
    const [column] = columns;
    if (column?.kind === 'f64') return column.data[0] ?? 0;
    throw new TaosError(ErrorCode.TSC_APP_ERROR);
  }
  return 0;
}
