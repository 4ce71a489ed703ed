/** The `order by`, `limit` and `slimit` clauses: what they ask, and what they may not. */
import { invalidOperation } from '@tdnode/common';
import type { LimitClause, SelectBranch } from '@tdnode/sql';
import type { RowLimit } from './metadata.ts';
import type { Resolved, Scope } from './scope.ts';

/** What rows are ordered by; `value`: the column that `top` ranks. */
export interface Ordering {
  readonly by: 'none' | 'time' | 'name' | 'group' | 'value';
  readonly descending: boolean;
}

/** What `order by` may name besides time and tbname. */
export interface OrderContext {
  readonly scope: Scope;
  /** Names the first group key, or the tag of `select distinct`. */
  readonly isGroupKey: (resolved: Resolved) => boolean;
  /** Name of the column that the single `top` or `bottom` ranks. */
  readonly rankedColumn: string | undefined;
}

const NONE: Ordering = { by: 'none', descending: false };

/** The order asked for; only the first item counts, and a number says nothing. */
export function bindOrder(branch: SelectBranch, context: OrderContext): Ordering {
  const [first] = branch.orderBy;
  if (first === undefined || first.expression.kind === 'number') return NONE;
  // `order by 1`: TDengine takes it and does not look at it.
  if (first.expression.kind === 'column' && /^\d+$/.test(first.expression.name)) return NONE;
  if (first.expression.kind !== 'column') throw invalidOperation('invalid column name');
  const { descending } = first;
  const resolved = context.scope.resolve(first.expression, 'invalid column name');
  if (resolved.kind === 'time') return { by: 'time', descending };
  if (context.isGroupKey(resolved) && resolved.kind !== 'column')
    return { by: 'group', descending };
  if (resolved.kind === 'tbname' && context.scope.isStable) return { by: 'name', descending };
  if (resolved.kind === 'column' && resolved.column.name === context.rankedColumn) {
    return { by: 'value', descending };
  }
  const allowed = 'primary timestamp or first tag in groupby clause allowed';
  throw invalidOperation(
    resolved.kind === 'column' && context.scope.isStable
      ? `invalid column in order by clause, only ${allowed}`
      : `order by ${allowed}`,
  );
}

/** A limit clause; a negative limit is none. */
export function bindLimit(clause: LimitClause | undefined): RowLimit {
  if (clause === undefined) return { limit: undefined, offset: 0 };
  if (clause.offset < 0) throw invalidOperation('soffset/offset can not be less than 0');
  return { limit: clause.limit < 0 ? undefined : clause.limit, offset: clause.offset };
}
