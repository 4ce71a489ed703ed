/** The group by clause. */
import { invalidOperation, isFloatType, SqlType } from '@tdnode/common';
import type { GroupKey } from './fragment.ts';
import type { Branch } from './branch.ts';
import type { Resolved } from './scope.ts';

/** A group key and the name it was resolved from. */
export interface BoundKey {
  readonly key: GroupKey;
  readonly resolved: Resolved;
}

/** Binds the keys in their order; refuses what cannot be grouped by. */
export function bindGroupBy(branch: Branch): BoundKey[] {
  const { clauses, scope } = branch;
  const keys = clauses.groupBy.map((reference): BoundKey => {
    const resolved = scope.resolve(reference, 'invalid column name in group by clause');
    return { resolved, key: keyOf(resolved, branch) };
  });
  const columnKeys = keys.filter(({ key }) => key.kind === 'column');
  if (columnKeys.length > 1) throw invalidOperation('not support group by expression');
  if (columnKeys.length > 0 && clauses.window !== undefined) {
    throw invalidOperation('interval not allowed in group by normal column');
  }
  return keys;
}

function keyOf(resolved: Resolved, branch: Branch): GroupKey {
  const { scope } = branch;
  if (resolved.kind === 'tag' || resolved.kind === 'tbname') {
    if (!scope.isStable) throw invalidOperation('tags not allowed for table query');
    if (resolved.kind === 'tbname') return { kind: 'tbname' };
    return { kind: 'tag', colId: resolved.column.colId, type: resolved.column.type };
  }
  const { type } = resolved.column;
  if (isFloatType(type) || type === SqlType.TIMESTAMP) {
    throw invalidOperation('not allowed column type for group by');
  }
  return { kind: 'column', index: branch.columns.index(resolved.column), type };
}

/** Whether two names mean the same column, tag or name. */
export function isSameName(a: Resolved, b: Resolved): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'tbname' || b.kind === 'tbname') return true;
  return a.column.colId === b.column.colId;
}
