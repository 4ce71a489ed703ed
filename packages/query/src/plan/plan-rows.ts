/** Projections: rows as they are, with arithmetic, tags and constants. */
import type { RowOutput, RowsFragment } from './fragment.ts';
import type { BoundItem } from './bound-item.ts';
import type { MergeSpec, QueryPlan } from './metadata.ts';
import { bindLimit, bindOrder } from './order.ts';
import { queryPlan, selectorOf } from './branch.ts';
import type { Branch } from './branch.ts';
import { mapInputs } from './scan-columns.ts';

/** Plans a projection. */
export function planRows(branch: Branch): QueryPlan {
  const { clauses, items, scope, columns, where, environment } = branch;
  const ordering = bindOrder(clauses, { scope, isGroupKey: () => false, rankedColumn: undefined });
  const limit = bindLimit(clauses.limit);
  const outputs = items.map((item) => outputOf(item, branch));
  // One table is read in time order anyway: only several need a key to be merged by.
  const byKey = scope.isStable && (ordering.by === 'time' || ordering.by === 'name');
  if (byKey) outputs.push(ordering.by === 'time' ? { kind: 'time' } : { kind: 'tbname' });
  const fragment: RowsFragment = {
    kind: 'rows',
    tables: selectorOf(scope),
    filter: where.from > where.to ? { kind: 'constant', value: false } : where.condition,
    scan: { columns: columns.list, from: where.from, to: where.to },
    outputs,
    order: byKey ? (ordering.by === 'time' ? 'time' : 'name') : 'none',
    descending: ordering.descending,
    limit: limit.limit === undefined ? undefined : limit.limit + limit.offset,
    memoryBudgetBytes: environment.memoryBudgetBytes,
  };
  const merge: MergeSpec = byKey
    ? { kind: 'ordered', descending: ordering.descending, ...limit }
    : { kind: 'concat', ...limit };
  return queryPlan(
    branch,
    items.map((item) => item.head),
    fragment,
    merge,
  );
}

function outputOf(item: BoundItem, branch: Branch): RowOutput {
  switch (item.kind) {
    case 'column':
      return { kind: 'column', index: branch.columns.index(item.column) };
    case 'tag':
      return { kind: 'tag', colId: item.column.colId, type: item.column.type };
    case 'arithmetic':
      return {
        kind: 'arithmetic',
        expression: mapInputs(item.tree, (input) => branch.columns.index(item.columns[input]!)),
      };
    case 'constant':
      return { kind: 'constant', value: item.value };
    case 'tbname':
      return { kind: 'tbname' };
    default:
      return { kind: 'time' };
  }
}
