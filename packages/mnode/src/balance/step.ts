/**
 * What a move needs next. Pure, and derived anew each time from the goal (in the sdb), the vgroup's own members
 * and the reports: a crash of anybody at any point leaves nothing to remember.
 *
 * A move goes: a learner on the target → it catches up → it becomes a voter → the source hands the mastership over
 * → the source leaves the members → its vnode is dropped. At every point the vgroup serves with the members
 * that it has.
 */
import type { MemberChange, VgroupMembers, VnodeReport } from '@tdnode/rpc';
import type { Move } from '../sdb/state.ts';

/** A vgroup with a master, as far as a step depends on it. */
export interface MovingVgroup {
  readonly move: Move;
  /** Dnode of the master. */
  readonly master: number;
  /** From the master's log. */
  readonly members: VgroupMembers;
  /** Whether a dnode is there and is to stay. */
  isUsable(dnodeId: number): boolean;
  /** What the vnode on a dnode that is online said last. */
  vnode(dnodeId: number): VnodeReport | undefined;
}

export type Step =
  /** Make a vnode that learns. */
  | { readonly kind: 'createVnode'; readonly dnodeId: number }
  /** Ask the master. */
  | { readonly kind: 'changeMembers'; readonly change: MemberChange }
  /** Nothing to do but look again. */
  | { readonly kind: 'wait'; readonly why: string }
  /** Go on with another goal, or (undefined) with none. */
  | { readonly kind: 'setMove'; readonly move: Move | undefined };

/** The next step. */
export function nextStep(vgroup: MovingVgroup): Step {
  const { target } = vgroup.move;
  return target === 0 ? removeSource(vgroup) : addTarget(vgroup, target);
}

function addTarget(vgroup: MovingVgroup, target: number): Step {
  const { members, move, master } = vgroup;
  const isVoter = members.voters.includes(target);
  const isLearner = members.learners.includes(target);
  if (!vgroup.isUsable(target)) {
    if (isVoter || isLearner) return { kind: 'setMove', move: { target: 0, source: target } };
    return { kind: 'setMove', move: undefined };
  }
  if (isVoter) {
    if (move.source !== 0) return removeSource(vgroup);
    return { kind: 'setMove', move: undefined };
  }
  const there = vgroup.vnode(target);
  if (there === undefined) return { kind: 'createVnode', dnodeId: target };
  if (!isLearner) return change('addLearner', target);
  const source = vgroup.vnode(master);
  const hasCaughtUp = source !== undefined && there.version >= source.version;
  if (hasCaughtUp && there.role === 'slave') return change('promote', target);
  return {
    kind: 'wait',
    why: `dnode ${target} is at version ${there.version} of ${source?.version ?? '?'}`,
  };
}

function removeSource(vgroup: MovingVgroup): Step {
  const { members, move, master } = vgroup;
  const { source } = move;
  const isVoter = members.voters.includes(source);
  if (!isVoter && !members.learners.includes(source)) return { kind: 'setMove', move: undefined };
  if (isVoter && members.voters.length === 1) return { kind: 'setMove', move: undefined };
  if (source !== master) return change('remove', source);
  const heir = heirOf(vgroup);
  if (heir === undefined) return { kind: 'wait', why: `no slave can follow dnode ${source}` };
  return change('transfer', heir);
}

/** Who gets the mastership: the target, else the slave that has most. */
function heirOf({ members, move, ...vgroup }: MovingVgroup): number | undefined {
  const slaves = members.voters.filter(
    (id) => id !== move.source && vgroup.isUsable(id) && vgroup.vnode(id)?.role === 'slave',
  );
  if (slaves.includes(move.target)) return move.target;
  const version = (id: number): number => vgroup.vnode(id)?.version ?? 0;
  return slaves.reduce<number | undefined>(
    (best, id) => (best === undefined || version(id) > version(best) ? id : best),
    undefined,
  );
}

function change(kind: MemberChange['kind'], dnodeId: number): Step {
  return { kind: 'changeMembers', change: { kind, dnodeId } };
}
