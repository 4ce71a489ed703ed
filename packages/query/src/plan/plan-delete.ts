/** `delete from t where ts …`: which table, which times. */
import { invalidOperation } from '@tdnode/common';
import type { Delete, Expression } from '@tdnode/sql';
import type { PlanEnvironment, PlanTable } from './metadata.ts';
import { tableScope } from './scope.ts';
import { bindWhere } from './where.ts';

export interface DeletePlan {
  readonly table: PlanTable;
  /** Ticks, both ends included; `from > to`: nothing. */
  readonly from: number;
  readonly to: number;
  /** The vgroups that hold rows of the table. */
  readonly vgIds: readonly number[];
}

/** Plans a DELETE; refuses conditions on anything but the time. */
export function planDelete(
  { table: from, where }: Delete,
  environment: PlanEnvironment,
): DeletePlan {
  const { db, name, start, end } = from;
  const scope = tableScope({ kind: 'table', db, name, alias: undefined, start, end }, environment);
  if (!isExact(where)) throw invalidOperation(ONLY_TIME);
  const bound = bindWhere(where, { scope, environment, scanIndex: () => 0 });
  if (bound.condition !== undefined) throw invalidOperation(ONLY_TIME);
  const { table, isStable } = scope;
  const vgIds = isStable ? environment.vgroups(table.db) : [table.vgId];
  return { table, from: bound.from, to: bound.to, vgIds };
}

const ONLY_TIME = 'delete takes =, <, <=, >, >= and between on the timestamp, joined by and';

/** Whether the range says all that is written: a select takes `ts <> x` and does not look at it. */
function isExact(where: Expression): boolean {
  if (where.kind === 'between') return true;
  if (where.kind !== 'binary') return false;
  if (where.op === 'and') return isExact(where.left) && isExact(where.right);
  return where.op !== 'or' && where.op !== '<>';
}
