/** From statement and metadata to plan: decides what kind of query it is and who plans it. */
import { invalidOperation } from '@tdnode/common';
import type { SelectBranch, SelectStatement } from '@tdnode/sql';
import { bindItems } from './bound-item.ts';
import type { BoundItem } from './bound-item.ts';
import { planConstant } from './constant-select.ts';
import type { Branch } from './branch.ts';
import type { PlanEnvironment, QueryPlan } from './metadata.ts';
import { planAggregate } from './plan-aggregate.ts';
import { planJoin } from './plan-join.ts';
import { planNested } from './plan-nested.ts';
import type { Planning } from './plan-nested.ts';
import { planRows } from './plan-rows.ts';
import { planTags } from './plan-tags.ts';
import { planUnion } from './plan-union.ts';
import { ScanColumns } from './scan-columns.ts';
import { tableScope } from './scope.ts';
import type { Scope } from './scope.ts';
import { bindWhere } from './where.ts';

/** Plans a SELECT; throws TaosError for what cannot be asked. */
export function planSelect(select: SelectStatement, environment: PlanEnvironment): QueryPlan {
  if (select.branches.every((branch) => branch.from.length === 0))
    return planConstants(select, environment);
  const [first, ...more] = select.branches.map((branch) => planOne(branch, environment));
  return more.length === 0 ? first! : planUnion([first!, ...more], environment);
}

function planOne(branch: SelectBranch, environment: PlanEnvironment): QueryPlan {
  const [first, second] = branch.from;
  if (first === undefined) return planConstants({ branches: [branch] }, environment);
  const planning: Planning = {
    environment,
    select: (select) => planSelect(select, environment),
    over: (outer, scope) => planOver(outer, scope, environment),
  };
  if (second !== undefined) return planJoin(branch, planning);
  if (first.kind === 'subquery') return planNested(branch, first, planning);
  return planOver(branch, tableScope(first, environment), environment);
}

/** Plans a branch whose names are known. */
function planOver(branch: SelectBranch, scope: Scope, environment: PlanEnvironment): QueryPlan {
  refuseHaving(branch);
  const items = bindItems(branch, { scope, environment });
  const columns = new ScanColumns();
  const where = bindWhere(branch.where, {
    scope,
    environment,
    scanIndex: (resolved) => columns.index(resolved.column),
  });
  return planBranch({ clauses: branch, items, scope, environment, columns, where });
}

function planConstants(
  select: Pick<SelectStatement, 'branches'>,
  environment: PlanEnvironment,
): QueryPlan {
  const rows = select.branches.map((branch) => planConstant(branch, environment));
  return {
    columns: [rows[0]!.column],
    precision: environment.precision,
    targets: [],
    merge: { kind: 'constant', rows: rows.map((row) => [row.value]) },
    memoryBudgetBytes: environment.memoryBudgetBytes,
  };
}

function refuseHaving(branch: SelectBranch): void {
  if (branch.having !== undefined && branch.groupBy.length === 0) {
    throw invalidOperation('having only works with group by');
  }
}

function planBranch(branch: Branch): QueryPlan {
  const { clauses, items, scope } = branch;
  const isGrouped = clauses.groupBy.length > 0;
  if (clauses.sliding !== undefined && clauses.window === undefined) {
    throw invalidOperation('sliding cannot be used without interval');
  }
  if (clauses.slimit !== undefined && !scope.isStable) {
    throw invalidOperation('slimit/soffset only available for STable query');
  }
  if (clauses.distinct) return planTags(branch);
  const hasCalls = items.some(
    (item) =>
      item.kind === 'call' ||
      item.kind === 'count-tables' ||
      (item.kind === 'arithmetic' && item.calls.length > 0),
  );
  if (hasCalls) return planAggregate(branch);
  const isTagsOnly =
    items.some(isOfTable) && items.every((item) => isOfTable(item) || item.kind === 'constant');
  if (isTagsOnly) {
    if (isGrouped || clauses.window !== undefined) {
      throw invalidOperation('retrieve tags not compatible with group by or interval query');
    }
    return planTags(branch);
  }
  if (clauses.window?.kind === 'interval')
    throw invalidOperation('column projection is not compatible with interval');
  if (clauses.window?.kind === 'session')
    throw invalidOperation('group by/session/state_window not allowed on projection query');
  if (isGrouped || clauses.window !== undefined)
    throw invalidOperation('projection query on columns not allowed');
  if (clauses.slimit !== undefined)
    throw invalidOperation('slimit/soffset can not apply to projection query');
  return planRows(branch);
}

function isOfTable(item: BoundItem): boolean {
  return item.kind === 'tag' || item.kind === 'tbname';
}
