/**
 * A slave's (or learner's) part: match the master's log, follow its commit, say how far it got.
 *
 * Log matching: if two logs have an entry with the same version and term, they are equal up to it. So an
 * append is accepted only right behind an entry that both have, and what contradicts it is cut.
 */
import { assert } from '@tdnode/common';
import type { Append } from '../messages/append.ts';
import type { Heartbeat } from '../messages/heartbeat.ts';
import { adoptConfig, becomeSlave } from './roles.ts';
import { envelope, type CoreState } from './state.ts';
import { NOBODY, NO_IN_SYNC, type ConfigAt } from './types.ts';

/** The master's entries, or a question whether the logs agree at `prevVersion`. */
export function onAppend(state: CoreState, message: Append): void {
  becomeSlave(state, message.term, message.from);
  const { log, commit } = state;
  // What is committed is equal everywhere: only what lies above needs a look.
  const base = Math.max(message.prevVersion, commit);
  if (message.prevVersion > commit && !matches(state, message)) {
    refuse(state, message);
    return;
  }
  const from = firstNew(state, message, base + 1);
  if (from <= message.lastVersion) {
    if (from <= log.lastVersion) truncate(state, from - 1);
    state.draft.append = { from, to: message.lastVersion };
    takeConfigs(state, message.configs, from);
  }
  state.matched = Math.max(state.matched, message.lastVersion, base);
  state.knownCommit = Math.max(state.knownCommit, message.commit);
  followCommit(state);
  if (from > message.lastVersion) acknowledge(state);
}

function matches({ log }: CoreState, { prevVersion, prevTerm }: Append): boolean {
  return prevVersion <= log.lastVersion && log.termOf(prevVersion) === prevTerm;
}

/** The first version of the message that the log lacks or contradicts; one above its last when it has them all. */
function firstNew({ log }: CoreState, { lastVersion, terms }: Append, from: number): number {
  const end = Math.min(lastVersion, log.lastVersion);
  let run = 0;
  for (let version = from; version <= end; version++) {
    while (run + 1 < terms.length && terms[run + 1]!.version <= version) run++;
    if (terms[run]!.term !== log.termOf(version)) return version;
  }
  return Math.max(from, end + 1);
}

/** Where the master may look next: nothing of ours above it can be equal to its log. */
function refuse(state: CoreState, message: Append): void {
  const { log, commit } = state;
  let hintVersion = Math.min(message.prevVersion, log.lastVersion);
  while (hintVersion > commit && log.termOf(hintVersion) > message.prevTerm) hintVersion--;
  state.draft.messages.push({
    ...envelope(state, message.from),
    kind: 'appendAck',
    version: message.prevVersion,
    isRefused: true,
    hintVersion,
    hintTerm: log.termOf(hintVersion),
  });
}

function truncate(state: CoreState, version: number): void {
  assert(version >= state.commit, 'what is committed is never cut');
  state.draft.truncateAfter = version;
  state.persisted = Math.min(state.persisted, version);
  state.appliable = Math.min(state.appliable, version);
  state.matched = Math.min(state.matched, version);
  dropConfigs(state, version);
}

function takeConfigs(state: CoreState, configs: readonly ConfigAt[], from: number): void {
  const fresh = configs.filter(({ version }) => version >= from);
  if (fresh.length === 0) return;
  state.configs.push(...fresh);
  adoptConfig(state);
}

function dropConfigs(state: CoreState, version: number): void {
  const kept = state.configs.filter((config) => config.version <= version);
  assert(kept.length > 0, 'the config at the beginning of the log is committed');
  if (kept.length === state.configs.length) return;
  state.configs = kept;
  adoptConfig(state);
}

/** A slave's commit: what the master committed, as far as it is matched and durable here. */
export function followCommit(state: CoreState): void {
  const reach = Math.min(state.matched, state.persisted);
  state.commit = Math.max(state.commit, Math.min(state.knownCommit, reach));
  state.appliable = Math.max(state.appliable, state.commit);
  if (reach >= state.knownCommit) state.isCaughtUp = true;
}

/** Tells the master how far this log is durable and equal to its own. */
export function acknowledge(state: CoreState): void {
  state.draft.messages.push({
    ...envelope(state, state.master),
    kind: 'appendAck',
    version: Math.min(state.persisted, state.matched),
    isRefused: false,
    hintVersion: 0,
    hintTerm: 0,
  });
}

/** The master is there. */
export function onHeartbeat(state: CoreState, message: Heartbeat): void {
  becomeSlave(state, message.term, message.from);
  state.knownCommit = Math.max(state.knownCommit, message.commit);
  followCommit(state);
  state.draft.messages.push({
    ...envelope(state, message.from),
    kind: 'heartbeatAck',
    lastVersion: state.matched,
    persistedVersion: Math.min(state.persisted, state.matched),
    sentVersion: message.sentVersion,
    inSync: NO_IN_SYNC,
  });
}

/** The log has become durable up to `version`. */
export function onSlavePersisted(state: CoreState): void {
  if (state.master === NOBODY) return;
  followCommit(state);
  if (state.matched > 0) acknowledge(state);
}

/** The entries that Output.append asked for are not in the log: the master's heartbeat will find out. */
export function onAppendFailed(state: CoreState): void {
  const { lastVersion } = state.log;
  state.matched = Math.min(state.matched, lastVersion);
  dropConfigs(state, lastVersion);
}

/** Files up to `at.version` took the place of the log. */
export function onFilesInstalled(
  state: CoreState,
  { version, config }: { readonly version: number; readonly config: ConfigAt },
): void {
  assert(state.leading === undefined, 'a master needs no files');
  assert(version >= state.commit, 'files never take a replica back');
  state.commit = version;
  state.persisted = version;
  state.appliable = version;
  state.matched = version;
  state.knownCommit = Math.max(state.knownCommit, version);
  state.configs = [config];
  adoptConfig(state);
  if (state.master !== NOBODY) acknowledge(state);
}
