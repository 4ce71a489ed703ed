/** What sdb and reports together say of the cluster. Pure. */
import type { ReplicaRole, VgroupMembers } from '@tdnode/rpc';
import type { BalanceDnode, BalanceVgroup } from '../balance/plan.ts';
import type { DbState, SdbState, VgroupState } from '../sdb/state.ts';
import type { Liveness } from './liveness.ts';

/** taos.cfg `role`: such a dnode takes no vnodes. */
const MNODE_ONLY = 1;

export { MNODE_VGID } from '../sdb/replication.ts';

/** State and reports of one moment. */
export interface ClusterView {
  readonly state: SdbState;
  readonly liveness: Liveness;
  /** This dnode, which is there without reports. */
  readonly self: number;
}

/** A vgroup and its database. */
export interface VgroupPlace {
  readonly db: DbState;
  readonly vgroup: VgroupState;
}

/** All vgroups, by database in order of creation. */
export function* allVgroups(state: SdbState): Generator<VgroupPlace> {
  for (const db of state.dbs.values()) for (const vgroup of db.vgroups) yield { db, vgroup };
}

/** The vgroup of that id, if there is one. */
export function findVgroup(state: SdbState, vgId: number): VgroupPlace | undefined {
  for (const place of allVgroups(state)) if (place.vgroup.vgId === vgId) return place;
  return undefined;
}

/** Dnodes on which a vgroup has vnodes, or is getting one. */
export function holdersOf({ replicas, move }: VgroupState): readonly number[] {
  const target = move?.target ?? 0;
  return target === 0 || replicas.includes(target) ? replicas : [...replicas, target];
}

/** Vnodes of each dnode. */
export function vnodeCounts(state: SdbState): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { vgroup } of allVgroups(state))
    for (const id of holdersOf(vgroup)) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** The master of a vgroup, and the members that its log has. */
export interface Master {
  readonly dnodeId: number;
  readonly members: VgroupMembers;
}

/**
 * Who says it is master, under the highest term, on a dnode that is there; undefined: nobody. Those who should have a
 * replica are asked first, then all.
 */
export function masterOf(view: ClusterView, vgroup: VgroupState): Master | undefined {
  return (
    masterAmong(view, vgroup.vgId, holdersOf(vgroup)) ??
    masterAmong(view, vgroup.vgId, view.state.dnodes.keys())
  );
}

function masterAmong(
  view: ClusterView,
  vgId: number,
  dnodeIds: Iterable<number>,
): Master | undefined {
  let term = -1;
  let master: Master | undefined;
  for (const dnodeId of dnodeIds) {
    const report = view.liveness.isOnline(dnodeId)
      ? view.liveness.of(dnodeId).vnodes.get(vgId)
      : undefined;
    if (report?.role !== 'master' || report.members === undefined || report.term <= term) continue;
    term = report.term;
    master = { dnodeId, members: report.members };
  }
  return master;
}

/** The role of one replica as `show vgroups` prints it. */
export function roleOf(view: ClusterView, vgId: number, dnodeId: number): ReplicaRole {
  const status = view.liveness.of(dnodeId);
  if (!status.isOnline) return 'offline';
  if (!status.hasReported && dnodeId === view.self) return 'master';
  return status.vnodes.get(vgId)?.role ?? 'unsynced';
}

/** Replicas in the order in which to ask them: the master first. */
export function askOrder(view: ClusterView, vgroup: VgroupState): readonly number[] {
  const { replicas } = vgroup;
  if (replicas.length < 2) return replicas;
  const master = masterOf(view, vgroup)?.dnodeId;
  if (master === undefined || !replicas.includes(master) || replicas[0] === master) return replicas;
  return [master, ...replicas.filter((id) => id !== master)];
}

/** Dnodes for planning. */
export function balanceDnodes({ state, liveness }: ClusterView): BalanceDnode[] {
  return [...state.dnodes.values()].map(({ id, role, isDropping }) => {
    const { cores, load, isOnline } = liveness.of(id);
    return {
      id,
      cores,
      load,
      isOnline,
      isDropping,
      takesVnodes: role !== MNODE_ONLY,
      hasMnode: state.mnodes.has(id),
    };
  });
}

/** Dnodes that take new vnodes now. */
export function usableDnodes(view: ClusterView): BalanceDnode[] {
  return balanceDnodes(view).filter(
    ({ isOnline, isDropping, takesVnodes }) => isOnline && !isDropping && takesVnodes,
  );
}

/** Cores of all dnodes that are there. */
export function coresOnline({ state, liveness }: ClusterView): number {
  let cores = 0;
  for (const id of state.dnodes.keys()) {
    const status = liveness.of(id);
    if (status.isOnline) cores += status.cores;
  }
  return cores;
}

/** Vgroups for planning; `isLost(vgId, dnodeId)` knows copies that are missing for long. */
export function balanceVgroups(
  view: ClusterView,
  isLost: (vgId: number, dnodeId: number) => boolean,
): BalanceVgroup[] {
  return Array.from(allVgroups(view.state), ({ db, vgroup }) => {
    const { vgId, replicas, move } = vgroup;
    const master = masterOf(view, vgroup);
    return {
      vgId,
      replicas,
      wanted: db.options.replica,
      move,
      master: master?.dnodeId,
      lost: replicas.filter((id) => isLost(vgId, id)),
      strays: move === undefined ? (master?.members.learners ?? []) : [],
    };
  });
}

/** Members of whom the dnode is there and reports, but not of this vnode. */
export function isMissing(view: ClusterView, vgId: number, dnodeId: number): boolean {
  const { isOnline, hasReported, vnodes } = view.liveness.of(dnodeId);
  return isOnline && hasReported && !vnodes.has(vgId);
}

/** The voters of a log as replicas: those that stay keep their places, new ones follow. */
export function replicasAfter(before: readonly number[], voters: readonly number[]): number[] {
  return [
    ...before.filter((id) => voters.includes(id)),
    ...voters.filter((id) => !before.includes(id)),
  ];
}
