/** Deletes of rows, as a change says them, brought to the store. */
import type { Change } from '@tdnode/rpc';
import type { Store } from '@tdnode/tsdb';
import type { Meta } from './meta/meta.ts';

/** Carries out the deletes among the changes of one record; a table that is not here has nothing to delete. */
export function deleteRows(
  { meta, store }: { readonly meta: Meta; readonly store: Store },
  version: number,
  changes: readonly Change[],
): void {
  for (const change of changes) {
    if (change.kind === 'deleteRows') store.deleteRows(version, tidsOfDelete(meta, change), change);
  }
}

/** The tables of a vnode that a delete is about. */
export function tidsOfDelete(
  meta: Meta,
  { uid, isStable }: Extract<Change, { kind: 'deleteRows' }>,
): readonly number[] {
  if (isStable) return [...(meta.schema(uid)?.tids ?? [])];
  const tid = meta.tables.find(uid);
  return tid === 0 ? [] : [tid];
}
