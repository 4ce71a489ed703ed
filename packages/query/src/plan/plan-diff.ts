/** `diff`: one column of one table, from row to row, under its time. */
import { invalidOperation, SqlType } from '@tdnode/common';
import type { BoundCall } from './bound-item.ts';
import { queryPlan, selectorOf } from './branch.ts';
import type { Branch } from './branch.ts';
import type { DiffFragment } from './fragment.ts';
import type { QueryPlan } from './metadata.ts';
import { NOT_FOR_STABLES } from './mixing.ts';
import { bindLimit, bindOrder } from './order.ts';

/** Plans the only item of a select list, a call of `diff`. */
export function planDiff(branch: Branch, call: BoundCall): QueryPlan {
  const { clauses, scope, columns, where, environment } = branch;
  const column = call.input.kind === 'column' ? call.input.column : undefined;
  if (column === undefined) throw invalidOperation('not support column types');
  if (clauses.window?.kind === 'interval')
    throw invalidOperation('column projection is not compatible with interval');
  if (clauses.window !== undefined)
    throw invalidOperation('group by/session/state_window not allowed on projection query');
  if (scope.isStable) throw invalidOperation(NOT_FOR_STABLES);
  if (clauses.groupBy.length > 0)
    throw invalidOperation('functions/columns not allowed in group by query');
  const ordering = bindOrder(clauses, { scope, isGroupKey: () => false, rankedColumn: undefined });
  const limit = bindLimit(clauses.limit);
  const fragment: DiffFragment = {
    kind: 'diff',
    tables: selectorOf(scope),
    filter: where.from > where.to ? { kind: 'constant', value: false } : where.condition,
    index: columns.index(column),
    scan: { columns: columns.list, from: where.from, to: where.to },
    descending: ordering.by === 'time' && ordering.descending,
    limit: limit.limit === undefined ? undefined : limit.limit + limit.offset,
    memoryBudgetBytes: environment.memoryBudgetBytes,
  };
  const heads = [
    { name: 'ts_dummy', type: SqlType.TIMESTAMP, bytes: 8 },
    ...branch.items.map((item) => item.head),
  ];
  return queryPlan(branch, heads, fragment, { kind: 'concat', ...limit });
}
