/**
 * Which dnodes carry the metadata. Pure. Up to `numOfMnodes` dnodes do, in the order in which they joined; one change
 * at a time, and a replacement comes before the one that leaves.
 */
import type { DnodeRole } from '@tdnode/rpc';

export interface MnodeCandidate {
  readonly id: number;
  readonly role: DnodeRole;
  readonly isOnline: boolean;
  readonly isDropping: boolean;
  readonly hasMnode: boolean;
}

export type MnodeChange =
  | { readonly kind: 'add'; readonly dnodeId: number }
  | { readonly kind: 'remove'; readonly dnodeId: number };

/** taos.cfg `role`: such a dnode gets no mnode. */
const VNODES_ONLY: DnodeRole = 2;

/** The next change; `master` (the asking dnode) is never removed. */
export function planMnodes(
  dnodes: readonly MnodeCandidate[],
  numOfMnodes: number,
  master: number,
): MnodeChange | undefined {
  const fits = (dnode: MnodeCandidate): boolean => !dnode.isDropping && dnode.role !== VNODES_ONLY;
  const mnodes = dnodes.filter(({ hasMnode }) => hasMnode);
  const staying = mnodes.filter((dnode) => fits(dnode) || dnode.id === master);
  if (staying.length < numOfMnodes) {
    const next = dnodes.find((dnode) => fits(dnode) && dnode.isOnline && !dnode.hasMnode);
    if (next !== undefined) return { kind: 'add', dnodeId: next.id };
  }
  const leaving =
    mnodes.find((dnode) => !staying.includes(dnode)) ??
    (staying.length > numOfMnodes ? staying.findLast(({ id }) => id !== master) : undefined);
  return leaving === undefined ? undefined : { kind: 'remove', dnodeId: leaving.id };
}
