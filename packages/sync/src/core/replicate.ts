/** What the master sends to its followers, within their windows. */
import type { TermRun } from '../messages/append.ts';
import { usesArbitrator } from './config.ts';
import type { Follower } from './follower.ts';
import { currentConfig, envelope, type CoreState, type MasterState } from './state.ts';
import { ARBITRATOR } from './types.ts';

/** Sends every follower what it may have now. */
export function sendAll(state: CoreState, leading: MasterState): void {
  for (const follower of leading.followers.values()) sendAppends(state, leading, follower);
}

/** Appends for one follower, until it has all or its window is full; asks for files when the log is too short. */
export function sendAppends(state: CoreState, leading: MasterState, follower: Follower): void {
  if (follower.progress === 'files' || follower.isProbeSent) return;
  if (follower.next < state.log.firstVersion) {
    follower.becomeFiles();
    (state.draft.files ??= []).push(follower.id);
    return;
  }
  if (follower.progress === 'probe') {
    sendOne(state, leading, follower);
    return;
  }
  while (follower.next <= sendLimit(state, leading) && follower.mayStream(state.settings))
    sendOne(state, leading, follower);
  // Followers learn the commit from the next append; when none is coming, from a heartbeat.
  if (follower.inFlightCount === 0 && follower.commitSent < state.commit)
    sendHeartbeat(state, follower);
}

/** A config entry leaves only when it is durable here: its master never forgets that it holds. */
function sendLimit({ log, persisted }: CoreState, { unsentConfig }: MasterState): number {
  return unsentConfig > persisted ? unsentConfig - 1 : log.lastVersion;
}

function sendOne(state: CoreState, leading: MasterState, follower: Follower): void {
  const { log, settings, commit } = state;
  const from = follower.next;
  const limit = sendLimit(state, leading);
  let to = from - 1;
  let bytes = 0;
  if (from <= limit) {
    const room = Math.min(settings.appendBytesMax, follower.roomBytes(settings));
    ({ to, bytes } = log.take(from, room));
    to = Math.min(to, limit);
  }
  state.draft.messages.push({
    ...envelope(state, follower.id),
    kind: 'append',
    prevVersion: from - 1,
    prevTerm: log.termOf(from - 1),
    lastVersion: to,
    commit,
    terms: termRuns(state, from, to),
    configs: state.configs.filter(({ version }) => version >= from && version <= to),
  });
  follower.commitSent = commit;
  follower.sent(to, bytes);
}

/** Terms of [from, to] as runs. Nearly always all are of one term: then two look-ups tell. */
function termRuns({ log }: CoreState, from: number, to: number): readonly TermRun[] {
  if (to < from) return [];
  const runs: TermRun[] = [{ version: from, term: log.termOf(from) }];
  if (log.termOf(to) === runs[0]!.term) return runs;
  for (let version = from + 1; version <= to; version++) {
    const term = log.termOf(version);
    if (term !== runs.at(-1)!.term) runs.push({ version, term });
  }
  return runs;
}

/** A sign of life for every follower and the arbitrator. */
export function sendHeartbeats(state: CoreState, leading: MasterState): void {
  for (const follower of leading.followers.values()) sendHeartbeat(state, follower);
  if (!usesArbitrator(currentConfig(state))) return;
  state.draft.messages.push({
    ...envelope(state, ARBITRATOR),
    kind: 'heartbeat',
    commit: state.commit,
    sentVersion: 0,
  });
}

function sendHeartbeat(state: CoreState, follower: Follower): void {
  follower.commitSent = state.commit;
  state.draft.messages.push({
    ...envelope(state, follower.id),
    kind: 'heartbeat',
    commit: state.commit,
    sentVersion: follower.progress === 'stream' ? follower.next - 1 : follower.matched,
  });
}
