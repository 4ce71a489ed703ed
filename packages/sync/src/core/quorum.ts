/**
 * Arithmetic of agreement: only numbers, no messages. The tests hold every function against a slow, obvious one.
 */
import type { ReplicaId } from './types.ts';

/** How many of `count` are more than half. */
export function majority(count: number): number {
  return Math.floor(count / 2) + 1;
}

/** The highest version that at least `count` of the replicas hold; `matched` has one entry a replica. */
export function versionHeldBy(matched: readonly number[], count: number): number {
  if (count < 1 || count > matched.length) return 0;
  if (matched.length === 1) return matched[0]!;
  return matched.toSorted((a, b) => b - a)[count - 1]!;
}

/** The outcome of a vote so far. */
export type VoteResult = 'won' | 'lost' | 'pending';

/** Counts `votes` (true: granted) of `electorate`; votes of others do not count. */
export function countVotes(
  electorate: readonly ReplicaId[],
  votes: ReadonlyMap<ReplicaId, boolean>,
): VoteResult {
  const needed = majority(electorate.length);
  let granted = 0;
  let refused = 0;
  for (const id of electorate) {
    const vote = votes.get(id);
    if (vote === true) granted++;
    else if (vote === false) refused++;
  }
  if (granted >= needed) return 'won';
  return electorate.length - refused < needed ? 'lost' : 'pending';
}

/** How many replicas have to hold a version before its client is answered: never more than there are. */
export function effectiveQuorum(quorum: number | 'majority', voterCount: number): number {
  if (quorum === 'majority') return majority(voterCount);
  return Math.max(1, Math.min(quorum, voterCount));
}
