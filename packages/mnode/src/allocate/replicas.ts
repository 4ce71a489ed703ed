/** Which dnodes get the replicas of new vgroups. Pure. */
import { lastingScore, type ScoredDnode } from '../balance/score.ts';

/** A dnode that takes vnodes now. */
export interface PlaceableDnode extends ScoredDnode {
  /** Vgroups whose first replica it has. */
  readonly masters: number;
}

/**
 * Replicas of `vgroups` new vgroups, one after the other: each goes to the least loaded dnodes, and begins with the one
 * that has the fewest masters. Undefined: there are fewer dnodes than replicas.
 */
export function chooseReplicas(
  dnodes: readonly PlaceableDnode[],
  vgroups: number,
  replica: number,
  mnodeEqualVnodeNum: number,
): number[][] | undefined {
  if (dnodes.length < replica) return undefined;
  const counts = dnodes.map((dnode) => ({ ...dnode }));
  return Array.from({ length: vgroups }, () => {
    const chosen = counts
      .toSorted((a, b) => score(a) - score(b) || a.masters - b.masters || a.id - b.id)
      .slice(0, replica)
      .sort((a, b) => a.masters - b.masters || score(a) - score(b) || a.id - b.id);
    chosen.forEach((dnode, i) => {
      dnode.vnodes++;
      if (i === 0) dnode.masters++;
    });
    return chosen.map(({ id }) => id);
  });

  function score(dnode: ScoredDnode): number {
    return lastingScore(dnode, mnodeEqualVnodeNum);
  }
}
