/**
 * `delete from t where ts …`: one change to each vgroup that holds rows of the table; each logs and applies it like any
 * write. The answer's count is taken just before and may miss rows that are written at the same moment.
 */
import type { TimeZone, VgId } from '@tdnode/common';
import { planDelete } from '@tdnode/query';
import { encodeChanges, type Session } from '@tdnode/rpc';
import type { Delete, SelectStatement } from '@tdnode/sql';
import { oneCall, oneNumber } from './one-call.ts';
import { executeSelect, planEnvironmentOf, type SelectEnvironment } from './select.ts';

/** Runs the statement; how many rows it deleted. Throws TaosError. */
export async function executeDelete(
  statement: Delete,
  session: Session & { readonly zone: TimeZone },
  environment: SelectEnvironment,
): Promise<number> {
  const { table: written, where } = statement;
  const count = oneCall({ name: 'count', column: undefined }, written, where, statement);
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

async function countRows(
  count: SelectStatement,
  session: Session & { readonly zone: TimeZone },
  environment: SelectEnvironment,
): Promise<number> {
  const { signal } = new AbortController();
  const { batches } = await executeSelect(count, session, environment, signal);
  return (await oneNumber(batches)) ?? 0;
}
