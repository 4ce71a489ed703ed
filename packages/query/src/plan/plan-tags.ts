/** Queries that need no rows: tags and names of tables, `distinct` of one tag. */
import { invalidOperation } from '@tdnode/common';
import type { BoundItem } from './bound-item.ts';
import type { TagOutput, TagsFragment } from './fragment.ts';
import type { MergeSpec, QueryPlan } from './metadata.ts';
import { bindLimit, bindOrder } from './order.ts';
import { queryPlan, selectorOf } from './branch.ts';
import type { Branch } from './branch.ts';
import type { Resolved } from './scope.ts';

/** Plans a query over tags only. */
export function planTags(branch: Branch): QueryPlan {
  const { clauses, items, scope, where, environment } = branch;
  const [item, ...more] = items;
  const isOneTag =
    item !== undefined && more.length === 0 && (item.kind === 'tag' || item.kind === 'tbname');
  if (clauses.distinct && !(scope.isStable && isOneTag))
    throw invalidOperation('only support distinct one tag');
  if (clauses.slimit !== undefined)
    throw invalidOperation('slimit/soffset can not apply to projection query');
  if (where.testsColumns)
    throw invalidOperation('only tag query not compatible with normal column filter');
  const isDistinctKey = (resolved: Resolved): boolean =>
    clauses.distinct && item !== undefined && isSame(item, resolved);
  const ordering = bindOrder(clauses, {
    scope,
    isGroupKey: isDistinctKey,
    rankedColumn: undefined,
  });
  const limit = bindLimit(clauses.limit);
  const byName = ordering.by === 'name' && !clauses.distinct;
  const outputs = items.map(outputOf);
  if (byName) outputs.push({ kind: 'tbname' });
  const fragment: TagsFragment = {
    kind: 'tags',
    tables: selectorOf(scope),
    filter: where.condition,
    outputs,
    distinct: clauses.distinct,
    order: byName ? 'name' : 'none',
    descending: ordering.descending,
    limit: limit.limit === undefined || clauses.distinct ? undefined : limit.limit + limit.offset,
    memoryBudgetBytes: environment.memoryBudgetBytes,
  };
  return queryPlan(
    branch,
    items.map((one) => one.head),
    fragment,
    mergeOf(),
  );

  function mergeOf(): MergeSpec {
    const { descending } = ordering;
    if (clauses.distinct) return { kind: 'distinct', descending, ...limit };
    return byName ? { kind: 'ordered', descending, ...limit } : { kind: 'concat', ...limit };
  }
}

function isSame(item: BoundItem, resolved: Resolved): boolean {
  if (item.kind === 'tag' && resolved.kind === 'tag')
    return item.column.colId === resolved.column.colId;
  return item.kind === 'tbname' && resolved.kind === 'tbname';
}

function outputOf(item: BoundItem): TagOutput {
  if (item.kind === 'tag') return { kind: 'tag', colId: item.column.colId, type: item.column.type };
  return item.kind === 'constant' ? { kind: 'constant', value: item.value } : { kind: 'tbname' };
}
