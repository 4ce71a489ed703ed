/** One select with its names bound, and what all kinds of plans make of it in the same way. */
import type { SelectBranch } from '@tdnode/sql';
import type { BoundItem } from './bound-item.ts';
import type { Fragment, TableSelector } from './fragment.ts';
import type { MergeSpec, PlanColumn, PlanEnvironment, PlanTarget, QueryPlan } from './metadata.ts';
import type { ScanColumns } from './scan-columns.ts';
import type { Scope } from './scope.ts';
import type { Where } from './where.ts';

/** Everything known of a branch when its kind is decided. */
export interface Branch {
  readonly clauses: SelectBranch;
  readonly items: readonly BoundItem[];
  readonly scope: Scope;
  readonly environment: PlanEnvironment;
  readonly columns: ScanColumns;
  readonly where: Where;
}

/** Which tables of the vgroups a branch reads. */
export function selectorOf(scope: Scope): TableSelector {
  const { uid } = scope.table;
  return scope.isStable ? { kind: 'children', stableUid: uid } : { kind: 'one', uid };
}

/** The same fragment for every vgroup that holds rows of the table. */
export function targetsOf(branch: Branch, fragment: Fragment): PlanTarget[] {
  const { table, isStable } = branch.scope;
  const vgIds = isStable ? branch.environment.vgroups(table.db) : [table.vgId];
  return vgIds.map((vgId) => ({ vgId, fragment }));
}

/** A plan out of its parts. */
export function queryPlan(
  branch: Branch,
  columns: readonly PlanColumn[],
  fragment: Fragment,
  merge: MergeSpec,
): QueryPlan {
  const { precision, memoryBudgetBytes } = branch.environment;
  return { columns, precision, targets: targetsOf(branch, fragment), merge, memoryBudgetBytes };
}
