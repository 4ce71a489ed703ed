/**
 * A master's part: take proposals, count acknowledgements, keep its followers and its term.
 *
 * Leader append-only: a master never cuts or changes its own log. After every event `settle` brings what follows
 * from it in line, in one order: in-sync set, commit, changes, handover, sends.
 */
import { assert } from '@tdnode/common';
import type { AppendAck } from '../messages/append-ack.ts';
import type { HeartbeatAck } from '../messages/heartbeat-ack.ts';
import { electorate } from './config.ts';
import { settleChange, settleTransfer, tickChange } from './change.ts';
import { advanceCommit, isAnswering } from './commit.ts';
import type { Follower } from './follower.ts';
import { askArbitrator, onArbitratorSays, settleInSync } from './in-sync.ts';
import { effectiveQuorum, majority } from './quorum.ts';
import { sendAll, sendAppends, sendHeartbeats } from './replicate.ts';
import { adoptConfig, becomeUnsynced } from './roles.ts';
import { currentConfig, isAlone, type CoreState, type MasterState } from './state.ts';
import { ARBITRATOR, NOBODY, type ConfigAt, type ReplicaId } from './types.ts';

/**
 * Right after the election: an entry of the new term, whose append tells the others (a lone replica needs none).
 * The first heartbeat follows at the next tick, whatever becomes of the entry.
 */
export function beginMastership(state: CoreState, leading: MasterState): void {
  leading.heartbeatElapsed = state.settings.heartbeatTicks;
  if (isAlone(state)) {
    settle(state, leading);
  } else {
    leading.isWriting = true;
    (state.draft.write ??= []).push({ kind: 'noop' });
  }
}

/** Brings everything in line that follows from an event. */
export function settle(state: CoreState, leading: MasterState): void {
  settleInSync(state, leading);
  advanceCommit(state, leading);
  settleInSync(state, leading);
  settleChange(state, leading);
  sendAll(state, leading);
}

/** Entries are in this master's log. */
export function onAppended(
  state: CoreState,
  leading: MasterState,
  entry: {
    readonly lastVersion: number;
    readonly bytes: number;
    readonly configs?: readonly ConfigAt[];
  },
): void {
  assert(entry.lastVersion === state.log.lastVersion, 'the log is as the driver says');
  const hasConfigs = entry.configs !== undefined && entry.configs.length > 0;
  // A client's entries may come before a config that waits for room on the disk; a noop they replace.
  if (leading.writingConfig === undefined || hasConfigs) {
    leading.isWriting = false;
    leading.writingConfig = undefined;
  }
  leading.uncommitted.push({ version: entry.lastVersion, bytes: entry.bytes });
  leading.uncommittedBytes += entry.bytes;
  if (hasConfigs) {
    state.configs.push(...entry.configs);
    leading.unsentConfig = entry.configs.at(-1)!.version;
    adoptConfig(state);
  }
  settle(state, leading);
}

/** The own log has become durable further. */
export function onMasterPersisted(state: CoreState, leading: MasterState): void {
  settle(state, leading);
  settleTransfer(state, leading);
}

/** A follower took entries, or found that its log differs. */
export function onAppendAck(state: CoreState, leading: MasterState, message: AppendAck): void {
  const follower = leading.followers.get(message.from);
  if (follower === undefined) return;
  follower.heard();
  if (message.isRefused) onRefusal(state, follower, message);
  else follower.accepted(Math.min(message.version, state.log.lastVersion), state.log.firstVersion);
  settle(state, leading);
  if (leading.transferTo === follower.id) settleTransfer(state, leading);
}

/** Goes back to where the logs may agree: a whole conflicting term in one step, not an entry at a time. */
function onRefusal({ log }: CoreState, follower: Follower, message: AppendAck): void {
  if (follower.progress === 'files') return;
  if (follower.progress === 'stream') {
    // A refusal of something that it has accepted since is old news.
    if (message.version > follower.matched) follower.becomeProbe();
    return;
  }
  if (message.version !== follower.next - 1) return;
  let version = Math.min(message.hintVersion, log.lastVersion, message.version - 1);
  while (version >= log.firstVersion && log.termOf(version) > message.hintTerm) version--;
  follower.becomeProbe(Math.max(1, version + 1));
}

/** A follower or the arbitrator hears us. */
export function onHeartbeatAck(
  state: CoreState,
  leading: MasterState,
  message: HeartbeatAck,
): void {
  if (message.from === ARBITRATOR) {
    onArbitratorSays(leading, message.inSync);
    settle(state, leading);
    return;
  }
  const { log } = state;
  const follower = leading.followers.get(message.from);
  if (follower === undefined) return;
  follower.heard();
  if (follower.progress === 'probe') {
    follower.isProbeSent = false;
  } else if (follower.progress === 'stream') {
    follower.accepted(Math.min(message.persistedVersion, log.lastVersion), log.firstVersion);
    // It was sent more before this heartbeat than it has accepted: something was lost on the way, or it was
    // restarted and has not compared its log with ours since.
    if (message.lastVersion < message.sentVersion) follower.becomeProbe();
  }
  settle(state, leading);
  if (leading.transferTo === follower.id) settleTransfer(state, leading);
}

/** One tick: count silence, step down without a majority, heartbeat. */
export function tickMaster(state: CoreState, leading: MasterState): void {
  leading.arbitratorSilentTicks++;
  for (const follower of leading.followers.values()) {
    follower.silentTicks++;
    if (follower.matched < state.log.lastVersion) follower.stuckTicks++;
    else follower.stuckTicks = 0;
  }
  if (!hearsMajority(state, leading)) {
    becomeUnsynced(state, state.term);
    return;
  }
  tickChange(state, leading);
  if (++leading.heartbeatElapsed >= state.settings.heartbeatTicks) {
    leading.heartbeatElapsed = 0;
    sendHeartbeats(state, leading);
    askArbitrator(state, leading);
  }
  settle(state, leading);
  if (leading.transferTo !== NOBODY) settleTransfer(state, leading);
}

/** Check-quorum: a majority of the electorate answered within the election timeout. */
function hearsMajority(state: CoreState, leading: MasterState): boolean {
  const ids = electorate(currentConfig(state));
  const { electionTicks } = state.settings;
  const heard = ids.filter((id) => {
    if (id === state.settings.id) return true;
    if (id === ARBITRATOR) return leading.arbitratorSilentTicks < electionTicks;
    return (leading.followers.get(id)?.silentTicks ?? electionTicks) < electionTicks;
  });
  return heard.length >= majority(ids.length);
}

/** The connection to a follower broke: what was on the way may be lost, and it may be gone. */
export function onFollowerLost(state: CoreState, leading: MasterState, peer: ReplicaId): void {
  const follower = leading.followers.get(peer);
  if (follower === undefined) return;
  follower.isLost = true;
  if (follower.progress === 'stream') follower.becomeProbe();
  follower.isProbeSent = true;
  settle(state, leading);
}

/** Files reached a follower, or did not. */
export function onFilesSent(
  state: CoreState,
  leading: MasterState,
  sent: { readonly to: ReplicaId; readonly version: number | undefined },
): void {
  const follower = leading.followers.get(sent.to);
  if (follower?.progress !== 'files') return;
  const { version } = sent;
  follower.becomeProbe(version === undefined ? follower.matched + 1 : version + 1);
  // Sending again waits for a sign of life.
  follower.isProbeSent = version === undefined;
  if (version !== undefined) sendAppends(state, leading, follower);
}

/** Whether enough replicas answer for `quorum`; the master counts. */
export function hasQuorum(state: CoreState, leading: MasterState): boolean {
  const { voters } = currentConfig(state);
  const needed = effectiveQuorum(state.settings.quorum, voters.length);
  let answering = 1;
  for (const follower of leading.followers.values())
    if (voters.includes(follower.id) && isAnswering(state, follower)) answering++;
  return answering >= needed;
}
