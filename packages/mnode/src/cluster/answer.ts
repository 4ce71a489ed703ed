/**
 * What a dnode's report is answered: who everybody is, and the commands that repair what pushed ones did not reach.
 * Pure.
 *
 * A vnode is only dropped here when it is certain that nobody needs it: its vgroup is gone for good, or the vgroup
 * has a master elsewhere whose log says that this dnode is no member.
 */
import { optionsHash, type DnodeAddress, type StatusReport, type VnodeCommand } from '@tdnode/rpc';
import type { VnodeConfig } from '@tdnode/rpc';
import type { VgroupState } from '../sdb/state.ts';
import { allVgroups, holdersOf, masterOf, type ClusterView, type VgroupPlace } from './view.ts';

/** All dnodes of the cluster. */
export function dnodeList({ state }: ClusterView): DnodeAddress[] {
  return Array.from(state.dnodes.values(), ({ id, endPoint }) => ({ dnodeId: id, endPoint }));
}

/** Dnodes with an mnode, the master (this one) first. */
export function mnodeList({ state, self }: ClusterView): DnodeAddress[] {
  const ids = [...state.mnodes.keys()].sort((a, b) => Number(b === self) - Number(a === self));
  return ids.map((dnodeId) => ({ dnodeId, endPoint: state.dnodes.get(dnodeId)?.endPoint ?? '' }));
}

/** What a dnode is to do about its vnodes. `configOf` makes a vgroup's configuration. */
export function repairCommands(
  view: ClusterView,
  dnodeId: number,
  report: Pick<StatusReport, 'vnodes'>,
  configOf: (place: VgroupPlace) => VnodeConfig,
): VnodeCommand[] {
  const commands: VnodeCommand[] = [];
  const there = new Set<number>();
  const places = new Map<number, VgroupPlace>();
  for (const place of allVgroups(view.state)) places.set(place.vgroup.vgId, place);
  for (const { vgId, ...vnode } of report.vnodes) {
    there.add(vgId);
    const place = places.get(vgId);
    if (place === undefined) {
      if (vgId > 1 && vgId < view.state.nextVgId) commands.push({ kind: 'drop', vgId });
    } else if (!holdersOf(place.vgroup).includes(dnodeId)) {
      if (isOutside(view, place.vgroup, dnodeId)) commands.push({ kind: 'drop', vgId });
    } else if (
      vnode.optionsHash !== undefined &&
      vnode.optionsHash !== optionsHash(place.db.options)
    ) {
      commands.push({ kind: 'alter', config: configOf(place) });
    }
  }
  for (const place of places.values()) {
    const { vgId, replicas } = place.vgroup;
    if (there.has(vgId) || !replicas.includes(dnodeId)) continue;
    if (isNew(view, place, dnodeId))
      commands.push({ kind: 'create', config: configOf(place), start: 'voter' });
  }
  return commands;
}

/** Whether the vgroup's master, elsewhere, knows this dnode as no member. */
function isOutside(view: ClusterView, vgroup: VgroupState, dnodeId: number): boolean {
  const master = masterOf(view, vgroup);
  if (master === undefined || master.dnodeId === dnodeId) return false;
  const { voters, learners } = master.members;
  return !voters.includes(dnodeId) && !learners.includes(dnodeId);
}

/**
 * Whether the vgroup still has to begin: no other replica that is there has anything. Otherwise an empty copy must not
 * vote; the balance replaces it by one that learns.
 */
function isNew(view: ClusterView, { vgroup }: VgroupPlace, dnodeId: number): boolean {
  return vgroup.replicas.every((id) => {
    if (id === dnodeId) return true;
    const { isOnline, vnodes } = view.liveness.of(id);
    return isOnline && (vnodes.get(vgroup.vgId)?.version ?? 0) === 0;
  });
}
