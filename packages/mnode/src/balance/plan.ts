/**
 * Which vgroups are to move, and where. Pure: looks at the dnodes and vgroups as they will be when all running
 * moves are done, and says what to begin now.
 *
 * Order of work: dropping dnodes are emptied; then vgroups get as many replicas as their database wants; then, with
 * `balance 1`, the most loaded dnode gives a vnode to the least loaded one as long as that leaves the giver
 * at least as loaded as the taker.
 *
 * It ends: such a move takes the higher of two scores strictly down, so that the descending list of all scores falls
 * in the order of words with every move, and no move is ever taken back while nothing else changes.
 */
import type { Move } from '../sdb/state.ts';
import { lastingScore, type ScoredDnode } from './score.ts';

export interface BalanceDnode extends Omit<ScoredDnode, 'vnodes'> {
  readonly isOnline: boolean;
  readonly isDropping: boolean;
  /** Whether its role lets it have vnodes. */
  readonly takesVnodes: boolean;
}

export interface BalanceVgroup {
  readonly vgId: number;
  /** Dnode ids of the voters. */
  readonly replicas: readonly number[];
  /** How many its database wants. */
  readonly wanted: number;
  readonly move: Move | undefined;
  /** Dnode of its master; undefined: there is none now, and nothing can be moved. */
  readonly master: number | undefined;
  /** Members whose dnode is there but has no such vnode: their copy is lost. */
  readonly lost: readonly number[];
  /** Dnodes that learn without anybody wanting it: what a move that was given up left in the vgroup's log. */
  readonly strays: readonly number[];
}

export interface BalanceInput {
  readonly dnodes: readonly BalanceDnode[];
  readonly vgroups: readonly BalanceVgroup[];
  /** taos.cfg `balance`. */
  readonly isBalancing: boolean;
  readonly mnodeEqualVnodeNum: number;
}

/** A move to begin. */
export interface PlannedMove extends Move {
  readonly vgId: number;
}

/** Moves that one dnode takes part in at a time, and all of them: they share disks and network with clients. */
export const MOVES_PER_DNODE = 5;
export const MOVES_IN_ALL = 16;

/** Scores nearer than this are equal: they are sums of fractions. */
const SAME_SCORE = 1e-6;

/** The moves to begin now, besides those that run. */
export function planBalance(input: BalanceInput): PlannedMove[] {
  const draft = new Draft(input);
  for (const vgroup of draft.idle()) emptyDropping(draft, vgroup);
  for (const vgroup of draft.idle()) fitReplicas(draft, vgroup);
  if (draft.moves.length === 0 && input.isBalancing) while (evenOut(draft));
  return draft.moves;
}

function emptyDropping(draft: Draft, vgroup: BalanceVgroup): void {
  const source = vgroup.replicas.find((id) => draft.isDropping(id));
  if (source === undefined) return;
  const target = vgroup.replicas.length > vgroup.wanted ? 0 : draft.leastLoaded(vgroup);
  if (target !== undefined) draft.begin(vgroup, { target, source });
}

function fitReplicas(draft: Draft, vgroup: BalanceVgroup): void {
  const { replicas, wanted, lost, strays } = vgroup;
  const gone = strays[0] ?? lost.find((id) => replicas.length > 1 && replicas.includes(id));
  if (gone !== undefined) {
    draft.begin(vgroup, { target: 0, source: gone });
  } else if (replicas.length < wanted) {
    const target = draft.leastLoaded(vgroup);
    if (target !== undefined) draft.begin(vgroup, { target, source: 0 });
  } else if (replicas.length > wanted) {
    draft.begin(vgroup, { target: 0, source: draft.worst(vgroup) });
  }
}

/** Begins one move that makes the load more even; false when there is none. */
function evenOut(draft: Draft): boolean {
  const byLoad = draft.usable();
  for (const source of byLoad.toReversed()) {
    for (const target of byLoad) {
      if (draft.after(source, -1) + SAME_SCORE < draft.after(target, 1)) break;
      const vgroup = draft.movable(source, target);
      if (vgroup === undefined) continue;
      draft.begin(vgroup, { target, source });
      return true;
    }
  }
  return false;
}

/** The cluster as it will be, and the moves found so far. */
class Draft {
  readonly moves: PlannedMove[] = [];
  readonly #input: BalanceInput;
  readonly #dnodes = new Map<number, BalanceDnode>();
  /** Vnodes of a dnode when all moves are done. */
  readonly #vnodes = new Map<number, number>();
  /** Moves that a dnode takes part in. */
  readonly #busy = new Map<number, number>();
  readonly #moving = new Set<number>();

  constructor(input: BalanceInput) {
    this.#input = input;
    for (const dnode of input.dnodes) this.#dnodes.set(dnode.id, dnode);
    for (const { vgId, replicas, move } of input.vgroups) {
      for (const id of replicas) add(this.#vnodes, id, 1);
      if (move === undefined) continue;
      const target = replicas.includes(move.target) ? 0 : move.target;
      this.#count(vgId, replicas, { target, source: move.source });
    }
  }

  /** Vgroups that could begin a move. */
  idle(): BalanceVgroup[] {
    if (this.#moving.size >= MOVES_IN_ALL) return [];
    return this.#input.vgroups.filter(
      ({ vgId, master }) => master !== undefined && !this.#moving.has(vgId),
    );
  }

  isDropping(id: number): boolean {
    return this.#dnodes.get(id)?.isDropping !== false;
  }

  /** Dnodes that give and take, the least loaded first. */
  usable(): number[] {
    const ids = [...this.#dnodes.values()].filter(isUsable).map(({ id }) => id);
    return ids.sort((a, b) => this.after(a, 0) - this.after(b, 0) || a - b);
  }

  /** The score of a dnode with `more` vnodes. */
  after(id: number, more: number): number {
    const dnode = this.#dnodes.get(id)!;
    const vnodes = (this.#vnodes.get(id) ?? 0) + more;
    return lastingScore({ ...dnode, vnodes }, this.#input.mnodeEqualVnodeNum);
  }

  /** Where a vgroup's next replica goes; undefined: nowhere now. */
  leastLoaded({ replicas }: BalanceVgroup): number | undefined {
    return this.usable().find((id) => !replicas.includes(id) && this.#isFree(id));
  }

  /** Which replica a vgroup can do without: an offline one, else that of the most loaded dnode, the master last. */
  worst({ replicas, master }: BalanceVgroup): number {
    const badness = (id: number): number => {
      const dnode = this.#dnodes.get(id);
      if (dnode === undefined || !isUsable(dnode)) return Infinity;
      return id === master ? -1 : this.after(id, 0);
    };
    return replicas.reduce((worst, id) => (badness(id) > badness(worst) ? id : worst));
  }

  /** A vgroup that could move from `source` to `target`: rather one whose master is elsewhere. */
  movable(source: number, target: number): BalanceVgroup | undefined {
    if (!this.#isFree(source) || !this.#isFree(target)) return undefined;
    const fitting = this.idle().filter(
      ({ replicas }) => replicas.includes(source) && !replicas.includes(target),
    );
    return fitting.find(({ master }) => master !== source) ?? fitting[0];
  }

  begin({ vgId, replicas }: BalanceVgroup, move: Move): void {
    if (this.#moving.size >= MOVES_IN_ALL || this.#moving.has(vgId)) return;
    if (move.source !== 0 && !this.#isFree(move.source)) return;
    this.moves.push({ vgId, ...move });
    this.#count(vgId, replicas, move);
  }

  #count(vgId: number, replicas: readonly number[], { target, source }: Move): void {
    this.#moving.add(vgId);
    if (target !== 0) add(this.#vnodes, target, 1);
    if (replicas.includes(source)) add(this.#vnodes, source, -1);
    for (const id of [target, source]) if (id !== 0) add(this.#busy, id, 1);
  }

  #isFree(id: number): boolean {
    return (this.#busy.get(id) ?? 0) < MOVES_PER_DNODE;
  }
}

function isUsable({ isOnline, isDropping, takesVnodes }: BalanceDnode): boolean {
  return isOnline && !isDropping && takesVnodes;
}

function add(counts: Map<number, number>, id: number, more: number): void {
  counts.set(id, (counts.get(id) ?? 0) + more);
}
