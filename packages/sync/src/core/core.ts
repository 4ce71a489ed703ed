/**
 * The replication core of one replica: Raft (Ongaro and Ousterhout; Ongaro's thesis for pre-vote, learners,
 * handover) with TDengine's names, as a state machine without sockets, files, timers or luck of its own.
 * docs/protocol/sync.md has the state table and the safety argument.
 *
 * This file is the face: one door for events, one term guard for all messages, one place that makes the Output.
 */
import { assert } from '@tdnode/common';
import type { Message } from '../messages/message.ts';
import { onChange, onTransfer, settleTransfer } from './change.ts';
import { isAnswering } from './commit.ts';
import { arbitratorEra } from './config.ts';
import { answerVote, campaign, hearsMaster, onVote, onVoteAck, tickElection } from './election.ts';
import type { Follower } from './follower.ts';
import { onArbitratorSays } from './in-sync.ts';
import { becomeMaster, becomeSlave, becomeUnsynced } from './roles.ts';
import {
  createState,
  currentConfig,
  envelope,
  isAlone,
  refusalOf,
  type CoreState,
  type Draft,
} from './state.ts';
import {
  beginMastership,
  hasQuorum,
  onAppendAck,
  onAppended,
  onFilesSent,
  onFollowerLost,
  onHeartbeatAck,
  onMasterPersisted,
  settle,
  tickMaster,
} from './step-master.ts';
import {
  onAppend,
  onAppendFailed,
  onFilesInstalled,
  onHeartbeat,
  onSlavePersisted,
} from './step-slave.ts';
import type { Input, Output } from './step-types.ts';
import {
  NOBODY,
  NO_IN_SYNC,
  type ConfigAt,
  type CoreOptions,
  type CoreStart,
  type Refusal,
  type ReplicaId,
  type Role,
} from './types.ts';

/** One replica's view of one peer, for `show vgroups` and for tests. */
export interface PeerView {
  readonly id: ReplicaId;
  readonly role: Role;
  /** Durable and equal to the master's log up to here. */
  readonly matched: number;
  readonly progress: 'probe' | 'stream' | 'files';
  /** Payload bytes on the way. */
  readonly inFlightBytes: number;
}

/** See the head of this file. Everything readable here changes only in `step`. */
export class ReplicaCore {
  readonly #state: CoreState;

  constructor(start: CoreStart, options: CoreOptions) {
    assert(start.configs.length > 0, 'a replica has a config');
    assert(start.commit <= start.log.lastVersion, 'what is in files is not above the log');
    this.#state = createState(start, options);
  }

  /** To be called once, first of all: a group of one replica is master at once. Contract as for `step`. */
  start(): Output {
    const state = this.#state;
    state.draft = { messages: [] };
    const { voters } = currentConfig(state);
    if (isAlone(state)) {
      state.term++;
      state.votedFor = state.settings.id;
      becomeMaster(state);
    } else if (voters.length === 1 && voters[0] === state.settings.id) {
      campaign(state, false);
    }
    return this.#finish(undefined);
  }

  /** Takes one event, says what to do. Throws only on a broken invariant: then the replica has to stop. */
  step(input: Input): Output {
    const state = this.#state;
    state.draft = { messages: [] };
    const before = state.leading;
    if (input.kind === 'message') this.#onMessage(input.message);
    else if (before === undefined) this.#stepFollowing(input);
    else this.#stepLeading(input);
    return this.#finish(before);
  }

  #stepLeading(input: Exclude<Input, { kind: 'message' }>): void {
    const state = this.#state;
    const leading = state.leading!;
    switch (input.kind) {
      case 'tick':
        if (!isAlone(state)) tickMaster(state, leading);
        break;
      case 'appended':
        onAppended(state, leading, input);
        break;
      case 'persisted':
        if (this.#takePersisted(input)) onMasterPersisted(state, leading);
        break;
      case 'peerLost':
        onFollowerLost(state, leading, input.peer);
        break;
      case 'filesSent':
        onFilesSent(state, leading, input);
        break;
      case 'change':
        onChange(state, leading, input.change);
        settle(state, leading);
        break;
      case 'quorum':
        state.settings.quorum = input.quorum;
        settle(state, leading);
        break;
      case 'transfer':
        onTransfer(state, leading, input.to);
        settleTransfer(state, leading);
        break;
      case 'appendFailed':
      case 'filesInstalled':
        // Of the time before the election.
        break;
    }
  }

  #stepFollowing(input: Exclude<Input, { kind: 'message' }>): void {
    const state = this.#state;
    switch (input.kind) {
      case 'tick':
        tickElection(state, input.luck);
        break;
      case 'appended':
        assert(state.role === 'master', 'only a master writes entries of its own');
        break;
      case 'persisted':
        if (this.#takePersisted(input)) onSlavePersisted(state);
        break;
      case 'appendFailed':
        onAppendFailed(state);
        break;
      case 'peerLost':
        state.lostPeers.add(input.peer);
        if (input.peer === state.master) hurryElection(state);
        break;
      case 'filesInstalled':
        onFilesInstalled(state, input);
        break;
      case 'quorum':
        state.settings.quorum = input.quorum;
        break;
      case 'filesSent':
        break;
      case 'change':
      case 'transfer':
        state.draft.refused = refusalOf(state, 'notMaster');
    }
  }

  /** News of an entry that was cut meanwhile is no news. */
  #takePersisted({ version, term }: { readonly version: number; readonly term: number }): boolean {
    const state = this.#state;
    const { log } = state;
    if (version <= state.persisted || version > log.lastVersion) return false;
    if (log.termOf(version) !== term) return false;
    state.persisted = version;
    return true;
  }

  /** The common term guard; whoever passes it is in our term. */
  #onMessage(message: Message): void {
    const state = this.#state;
    assert(message.to === state.settings.id, 'a message reaches whom it is for');
    state.lostPeers.delete(message.from);
    if (message.kind === 'vote') {
      // Whoever hears a master neither moves on nor votes, or a replica that was cut off could end a good term.
      const isUnwelcome = hearsMaster(state) && !message.isTransfer;
      if (message.term > state.term && isUnwelcome) {
        answerVote(state, message, false);
        return;
      }
      if (message.term > state.term && !message.isPreVote) becomeUnsynced(state, message.term);
      onVote(state, message);
      return;
    }
    const isPromise = message.kind === 'voteAck' && message.isPreVote && message.isGranted;
    if (isPromise) {
      if (message.term === state.term + 1) onVoteAck(state, message);
    } else if (message.term < state.term) {
      this.#onStale(message);
    } else {
      if (message.term > state.term) this.#onHigherTerm(message);
      this.#onPresent(message);
    }
  }

  #onHigherTerm(message: Message): void {
    const isMaster =
      message.kind === 'append' || message.kind === 'heartbeat' || message.kind === 'timeoutNow';
    if (isMaster) becomeSlave(this.#state, message.term, message.from);
    else becomeUnsynced(this.#state, message.term);
  }

  /** A master of the past learns of the present. */
  #onStale(message: Message): void {
    if (message.kind !== 'append' && message.kind !== 'heartbeat') return;
    const state = this.#state;
    state.draft.messages.push({
      ...envelope(state, message.from),
      kind: 'heartbeatAck',
      lastVersion: 0,
      persistedVersion: 0,
      sentVersion: 0,
      inSync: NO_IN_SYNC,
    });
  }

  #onPresent(message: Message): void {
    const state = this.#state;
    const { leading } = state;
    switch (message.kind) {
      case 'append':
        onAppend(state, message);
        break;
      case 'heartbeat':
        onHeartbeat(state, message);
        break;
      case 'timeoutNow':
        if (state.role === 'follower' && message.from === state.master) campaign(state, true);
        break;
      case 'appendAck':
        if (leading !== undefined) onAppendAck(state, leading, message);
        break;
      case 'heartbeatAck':
        if (leading !== undefined) onHeartbeatAck(state, leading, message);
        break;
      case 'voteAck':
        if (state.role === 'candidate' || state.role === 'preCandidate') onVoteAck(state, message);
        break;
      case 'inSyncAck':
        if (leading === undefined) break;
        onArbitratorSays(leading, message.inSync);
        settle(state, leading);
        break;
      case 'vote':
      case 'inSync':
        break;
    }
  }

  #finish(before: CoreState['leading']): Output {
    const state = this.#state;
    const { leading } = state;
    if (leading !== undefined && leading !== before) beginMastership(state, leading);
    const { draft } = state;
    const seen = {
      messages: draft.messages,
      role: this.role,
      term: state.term,
      acknowledged: leading?.acknowledged ?? 0,
      appliable: state.appliable,
      commit: state.commit,
    };
    // Most steps order nothing: an object of one shape is many times cheaper than a spread.
    const output: Output = hasOrders(draft) ? { ...draft, ...seen } : seen;
    const isSaved = state.term === state.savedTerm && state.votedFor === state.savedVote;
    // A lone replica's term is in its log; nobody else has to be able to rely on its votes.
    if (isSaved || (isAlone(state) && output.messages.length === 0)) return output;
    state.savedTerm = state.term;
    state.savedVote = state.votedFor;
    return { ...output, hardState: { term: state.term, votedFor: state.votedFor } };
  }

  /** Why a proposal would be refused now; undefined: write it to the log under `term`, then step `appended`. */
  refusal(): Refusal | undefined {
    const state = this.#state;
    const { leading } = state;
    if (leading === undefined) return refusalOf(state, 'notMaster');
    if (leading.transferTo !== NOBODY) return refusalOf(state, 'transferring');
    if (!hasQuorum(state, leading)) return refusalOf(state, 'noQuorum');
    if (leading.uncommittedBytes > state.settings.uncommittedBytesMax)
      return refusalOf(state, 'flowControl');
    return undefined;
  }

  get role(): Role {
    const { role, master, isCaughtUp } = this.#state;
    if (role === 'master') return 'master';
    if (master === NOBODY) return 'unsynced';
    return role === 'follower' && isCaughtUp ? 'slave' : 'syncing';
  }

  get term(): number {
    return this.#state.term;
  }

  /** Who is thought to be master; NOBODY. */
  get master(): ReplicaId {
    return this.#state.master;
  }

  get commit(): number {
    return this.#state.commit;
  }

  /** The newest config in the log: in force, committed or not. */
  get config(): ConfigAt {
    return this.#state.configs.at(-1)!;
  }

  /**
   * The config in force at `version`: goes with the files that end there, or stands where the log begins. While the
   * arbitrator is in use its version is that of the era, which outlives the entry with which it began.
   */
  configAt(version: number): ConfigAt {
    const { configs } = this.#state;
    const known = configs.filter((config) => config.version <= version);
    const last = known.at(-1) ?? configs[0]!;
    const era = arbitratorEra(known.length > 0 ? known : [last]);
    return era < 0 ? last : { version: era, config: last.config };
  }

  /**
   * Whether files up to `version` (whose term is `term`) may take the log's place. Not when the log has that entry:
   * what follows it may have been acknowledged. Ask right before the log is emptied.
   */
  wantsFiles(version: number, term: number): boolean {
    const { commit, log, leading } = this.#state;
    if (leading !== undefined || version <= commit) return false;
    return version > log.lastVersion || log.termOf(version) !== term;
  }

  /** Whether reads up to `appliable` may be answered here: a master, or a slave that hears its master. */
  get isReadable(): boolean {
    return this.role === 'master' || (this.role === 'slave' && hearsMaster(this.#state));
  }

  /** The master still needs the log from this version on for followers that are online; else lastVersion + 1. */
  get keepLogFrom(): number {
    const { leading, log } = this.#state;
    let from = log.lastVersion + 1;
    for (const follower of leading?.followers.values() ?? []) {
      if (isAnswering(this.#state, follower) && follower.progress !== 'files')
        from = Math.min(from, follower.matched + 1);
    }
    return from;
  }

  /** The master's view of the others; empty elsewhere. */
  get peers(): readonly PeerView[] {
    const { leading } = this.#state;
    return [...(leading?.followers.values() ?? [])].map((follower) => ({
      id: follower.id,
      role: this.#peerRole(follower),
      matched: follower.matched,
      progress: follower.progress,
      inFlightBytes: follower.inFlightBytes,
    }));
  }

  #peerRole(follower: Follower): Role {
    if (!isAnswering(this.#state, follower)) return 'offline';
    const isVoter = currentConfig(this.#state).voters.includes(follower.id);
    return isVoter && follower.progress === 'stream' ? 'slave' : 'syncing';
  }
}

function hasOrders({ truncateAfter, append, write, files, refused }: Draft): boolean {
  return (truncateAfter ?? append ?? write ?? files ?? refused) !== undefined;
}

/** The master is probably gone: others may be voted for at once, and luck spreads the campaigns over a few ticks. */
function hurryElection(state: CoreState): void {
  const { electionTicks, heartbeatTicks } = state.settings;
  state.electionElapsed = electionTicks;
  state.electionTimeout = 0;
  state.electionBase = electionTicks;
  state.electionSpread = 2 * heartbeatTicks;
}
