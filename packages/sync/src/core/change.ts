/**
 * Changes of the members and the handover of the mastership.
 *
 * One voter at a time, and only when the last change and an entry of this term are committed: then any majority
 * of the old config and any of the new have a replica in common. A change of the two voters that use the arbitrator
 * waits until the arbitrator knows only this master as in sync: then nobody else is elected with its help.
 */
import { applyChange, leavesArbitrator } from './config.ts';
import { isAnswering } from './commit.ts';
import { isSoleInSync } from './in-sync.ts';
import { majority } from './quorum.ts';
import {
  currentConfig,
  envelope,
  isAlone,
  refusalOf,
  type CoreState,
  type MasterState,
} from './state.ts';
import {
  NOBODY,
  type Config,
  type ConfigChange,
  type RefusalReason,
  type ReplicaId,
} from './types.ts';

/** Why `change` cannot be begun now. */
function changeRefusal(
  state: CoreState,
  leading: MasterState,
  change: ConfigChange,
): RefusalReason | undefined {
  if (leading.transferTo !== NOBODY) return 'transferring';
  const last = state.configs.at(-1)!;
  const hasCommitted = state.commit >= leading.termStart || last.config.voters.length === 1;
  if (leading.isWriting || leading.waitingChange !== undefined) return 'changePending';
  if (last.version > state.commit || !hasCommitted) return 'changePending';
  const next = applyChange(last.config, change);
  if (next === undefined || !next.voters.includes(state.settings.id)) return 'invalidChange';
  if (change.kind === 'promote' && !isUpToDate(state, leading, change.id)) return 'changePending';
  if (change.kind === 'remove' && !canServe(state, leading, next)) return 'noQuorum';
  return undefined;
}

/** Whether enough of `config`'s voters answer for it to go on by itself. */
function canServe(state: CoreState, leading: MasterState, config: Config): boolean {
  const answering = config.voters.filter((id) => {
    const follower = leading.followers.get(id);
    return follower === undefined || isAnswering(state, follower);
  });
  return answering.length >= majority(config.voters.length);
}

function isUpToDate(state: CoreState, leading: MasterState, id: ReplicaId): boolean {
  const follower = leading.followers.get(id);
  return (
    follower?.progress === 'stream' &&
    isAnswering(state, follower) &&
    follower.matched >= state.commit
  );
}

/** Begins a change, or says why not. */
export function onChange(state: CoreState, leading: MasterState, change: ConfigChange): void {
  const reason = changeRefusal(state, leading, change);
  if (reason !== undefined) {
    state.draft.refused = refusalOf(state, reason);
    return;
  }
  leading.waitingChange = change;
  leading.waitingElapsed = 0;
}

/** Writes the change that waits as soon as it may; promotes a learner that has caught up. */
export function settleChange(state: CoreState, leading: MasterState): void {
  if (leading.isWriting) return;
  promoteLearner(state, leading);
  const change = leading.waitingChange;
  if (change === undefined) return;
  const config = currentConfig(state);
  const next = applyChange(config, change);
  if (next === undefined) {
    leading.waitingChange = undefined;
  } else if (!leavesArbitrator(config, next) || isSoleInSync(state, leading)) {
    leading.waitingChange = undefined;
    leading.isWriting = true;
    leading.writingConfig = next;
    (state.draft.write ??= []).push({ kind: 'config', config: next });
  }
}

/** With two voters the config follows what this host was told of an arbitrator. */
function followHost(state: CoreState, leading: MasterState): void {
  const { hasArbitrator } = state.settings;
  const { voters, arbitrator } = currentConfig(state);
  if (hasArbitrator === undefined || hasArbitrator === arbitrator || voters.length !== 2) return;
  const change: ConfigChange = { kind: 'setArbitrator', isUsed: hasArbitrator };
  if (changeRefusal(state, leading, change) !== undefined) return;
  leading.waitingChange = change;
  leading.waitingElapsed = 0;
}

function promoteLearner(state: CoreState, leading: MasterState): void {
  for (const id of currentConfig(state).learners) {
    const change: ConfigChange = { kind: 'promote', id };
    if (changeRefusal(state, leading, change) !== undefined) continue;
    leading.waitingChange = change;
    leading.waitingElapsed = 0;
    return;
  }
}

/**
 * Gives a change up that the arbitrator has not allowed for an election timeout: whoever asked asks again. Begins the
 * change that the host wants.
 */
export function tickChange(state: CoreState, leading: MasterState): void {
  const { electionTicks } = state.settings;
  if (leading.waitingChange !== undefined && ++leading.waitingElapsed >= electionTicks)
    leading.waitingChange = undefined;
  if (leading.transferTo !== NOBODY && ++leading.transferElapsed >= electionTicks)
    leading.transferTo = NOBODY;
  followHost(state, leading);
}

/** Begins to hand the mastership over: no more proposals, and the other gets what it lacks. */
export function onTransfer(state: CoreState, leading: MasterState, to: ReplicaId): void {
  const follower = leading.followers.get(to);
  const isVoter = currentConfig(state).voters.includes(to);
  if (isAlone(state) || follower === undefined || !isVoter || !isAnswering(state, follower)) {
    state.draft.refused = refusalOf(state, 'invalidChange');
    return;
  }
  leading.transferTo = to;
  leading.transferElapsed = 0;
}

/** Tells the receiver of a handover to campaign once it has everything. */
export function settleTransfer(state: CoreState, leading: MasterState): void {
  const follower = leading.followers.get(leading.transferTo);
  if (follower === undefined || follower.matched < state.log.lastVersion) return;
  // Once each heartbeat would do; it campaigns in its own time and the term guard ends ours.
  if (leading.transferElapsed % state.settings.heartbeatTicks !== 0) return;
  state.draft.messages.push({ ...envelope(state, follower.id), kind: 'timeoutNow' });
}
