/**
 * How far a master's log is agreed upon: commit, and what its clients may be told.
 *
 * commit: held durably by a majority of the voters (with the arbitrator in use: by every replica that it counts,
 * or was asked to count, as in sync), and not below the first entry of this term, for only together with one of
 * this term is an older entry safe (the paper's figure 8). A group of one voter needs no such entry: nobody else
 * could have been elected without its vote.
 *
 * acknowledged: quorum 1: durable here. quorum ≥ 2: durable in so many voters *and* committed, so that every later
 * master has it.
 */
import { usesArbitrator } from './config.ts';
import type { Follower } from './follower.ts';
import { effectiveQuorum, majority, versionHeldBy } from './quorum.ts';
import { currentConfig, type CoreState, type MasterState } from './state.ts';
import type { ReplicaId } from './types.ts';

/** Moves commit, acknowledged and appliable as far as they may go. */
export function advanceCommit(state: CoreState, leading: MasterState): void {
  const { voters } = currentConfig(state);
  const matched = voters.map((id) => heldBy(state, leading, id));
  const held = usesArbitrator(currentConfig(state))
    ? Math.min(...leading.required.map((id) => heldBy(state, leading, id)))
    : versionHeldBy(matched, majority(voters.length));
  // The master counts, always: what goes into its files is in its log.
  const agreed = Math.min(held, state.persisted);
  if (agreed > state.commit && (agreed >= leading.termStart || voters.length === 1)) {
    state.commit = agreed;
    forgetCommitted(leading, agreed);
  }
  const acknowledged = acknowledgeable(state, leading, matched);
  leading.acknowledged = Math.max(leading.acknowledged, acknowledged);
  const own = state.settings.applyOn === 'persisted' ? state.persisted : 0;
  state.appliable = Math.max(state.appliable, state.commit, own);
}

function heldBy(state: CoreState, leading: MasterState, id: ReplicaId): number {
  if (id === state.settings.id) return state.persisted;
  return leading.followers.get(id)?.matched ?? 0;
}

function acknowledgeable(
  state: CoreState,
  leading: MasterState,
  matched: readonly number[],
): number {
  const config = currentConfig(state);
  const quorum = effectiveQuorum(state.settings.quorum, config.voters.length);
  if (state.settings.quorum === 'majority') return state.commit;
  if (quorum > 1) return Math.min(versionHeldBy(matched, quorum), state.commit);
  // Going on alone waits until the arbitrator has struck the silent other from the in-sync set.
  return usesArbitrator(config) && hasSilentRequired(state, leading)
    ? state.commit
    : state.persisted;
}

function hasSilentRequired(state: CoreState, leading: MasterState): boolean {
  for (const follower of leading.followers.values()) {
    const isSilent = !follower.hasAnswered || !isAnswering(state, follower);
    if (isSilent && leading.required.includes(follower.id)) return true;
  }
  return false;
}

/** Whether a follower answered within the election timeout and its connection is not known to be broken. */
export function isAnswering(state: CoreState, follower: Follower): boolean {
  return !follower.isLost && follower.silentTicks < state.settings.electionTicks;
}

function forgetCommitted(leading: MasterState, commit: number): void {
  const { uncommitted } = leading;
  let count = 0;
  while (count < uncommitted.length && uncommitted[count]!.version <= commit)
    leading.uncommittedBytes -= uncommitted[count++]!.bytes;
  if (count > 0) uncommitted.splice(0, count);
}
