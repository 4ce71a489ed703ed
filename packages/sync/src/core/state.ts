/**
 * The state of one replica's core, and the output that a step is building. Functions in the other files of
 * this folder work on it; `roles.ts` alone changes `role`, `term`, `votedFor` and `master`.
 *
 * Invariants: commit ≤ persisted ≤ log.lastVersion on a voter that ever matched; commit and term never fall;
 * `configs` is ascending by version, its first is in force where the log begins.
 */
import type { Message } from '../messages/message.ts';
import { replicas } from './config.ts';
import type { Follower, Window } from './follower.ts';
import type { AppendOrder, OwnEntry } from './step-types.ts';
import {
  NOBODY,
  type Config,
  type ConfigAt,
  type ConfigChange,
  type CoreOptions,
  type CoreRole,
  type CoreStart,
  type InSyncSet,
  type LogView,
  type Refusal,
  type RefusalReason,
  type ReplicaId,
} from './types.ts';

/** The options with their defaults in. */
export interface Settings extends Window {
  readonly id: ReplicaId;
  /** Changed by `alter database`. */
  quorum: number | 'majority';
  readonly applyOn: 'persisted' | 'committed';
  readonly heartbeatTicks: number;
  readonly electionTicks: number;
  readonly appendBytesMax: number;
  readonly uncommittedBytesMax: number;
  readonly hasArbitrator: boolean | undefined;
}

/** An Output while it is built. */
export interface Draft {
  messages: Message[];
  truncateAfter?: number;
  append?: AppendOrder;
  write?: OwnEntry[];
  files?: ReplicaId[];
  refused?: Refusal;
}

/** What only a master has; made anew with every mastership. */
export interface MasterState {
  readonly followers: Map<ReplicaId, Follower>;
  /** Version of the first entry of this term: what is below counts as committed only together with it. */
  readonly termStart: number;
  heartbeatElapsed: number;
  /** Ticks since the arbitrator answered. */
  arbitratorSilentTicks: number;
  acknowledged: number;
  /** A noop or config was asked for by Output.write and has not been reported as appended: a full disk makes it wait. */
  isWriting: boolean;
  /** That config. Whatever was found before it was asked for must stay true until it is appended. */
  writingConfig: Config | undefined;
  /** A version that may not leave before it is persisted: the newest config entry. */
  unsentConfig: number;
  transferTo: ReplicaId;
  transferElapsed: number;
  /** A change that waits until the arbitrator knows only this master as in sync. */
  waitingChange: ConfigChange | undefined;
  waitingElapsed: number;
  /** Replicas that must hold a version before it is committed, while the arbitrator is in use. */
  required: readonly ReplicaId[];
  /** What the arbitrator keeps, as far as it said so in this term. */
  registered: InSyncSet | undefined;
  /** What the arbitrator was asked to keep and has not confirmed. */
  asked: InSyncSet | undefined;
  /** Sizes of what is not committed yet. */
  uncommitted: { readonly version: number; readonly bytes: number }[];
  uncommittedBytes: number;
}

export interface CoreState {
  readonly settings: Settings;
  readonly log: LogView;
  role: CoreRole;
  term: number;
  votedFor: ReplicaId;
  savedTerm: number;
  savedVote: ReplicaId;
  master: ReplicaId;
  configs: ConfigAt[];
  commit: number;
  persisted: number;
  appliable: number;
  /** Slave: equal to the present master's log up to here. */
  matched: number;
  /** Slave: the highest commit heard of. */
  knownCommit: number;
  /** Slave: has once in this term held all that the master said was committed. */
  isCaughtUp: boolean;
  /** Ticks since the master was heard, or since the campaign began. */
  electionElapsed: number;
  /** Campaign at this many; 0: to be drawn at the next tick. */
  electionTimeout: number;
  /** The most that luck adds at the next draw, and what it adds to. */
  electionBase: number;
  electionSpread: number;
  votes: Map<ReplicaId, boolean>;
  isTransferCampaign: boolean;
  /** What the arbitrator said with its vote. */
  voteInSync: InSyncSet | undefined;
  leading: MasterState | undefined;
  /** Peers whose connection broke and that were not heard since: a new master does not wait for them. */
  readonly lostPeers: Set<ReplicaId>;
  draft: Draft;
}

const MIB = 1024 * 1024;
/** A new group's first master campaigns after so many ticks and one more: the others are being made as well. */
const FIRST_MASTER_TICKS = 1;

/** The state after a start: nobody's follower yet. */
export function createState(start: CoreStart, options: CoreOptions): CoreState {
  const heartbeatTicks = options.heartbeatTicks ?? 2;
  const electionTicks = options.electionTicks ?? Math.max(10, 3 * heartbeatTicks);
  const { term, votedFor } = start.hardState;
  const leadsNow = options.leadsFirst === true && term === 0 && start.log.lastVersion === 0;
  return {
    settings: {
      id: options.id,
      quorum: options.quorum,
      applyOn: options.applyOn,
      heartbeatTicks,
      electionTicks,
      appendBytesMax: options.appendBytesMax ?? MIB,
      bytesMax: options.inFlightBytesMax ?? 16 * MIB,
      messagesMax: options.inFlightMessagesMax ?? 256,
      uncommittedBytesMax: options.uncommittedBytesMax ?? 256 * MIB,
      hasArbitrator: options.hasArbitrator,
    },
    log: start.log,
    role: start.configs.at(-1)!.config.voters.includes(options.id) ? 'follower' : 'learner',
    term: Math.max(term, start.log.termOf(start.log.lastVersion)),
    votedFor: start.log.termOf(start.log.lastVersion) > term ? NOBODY : votedFor,
    savedTerm: term,
    savedVote: votedFor,
    master: NOBODY,
    configs: [...start.configs],
    commit: start.commit,
    persisted: start.log.lastVersion,
    appliable: start.commit,
    matched: start.commit,
    knownCommit: start.commit,
    isCaughtUp: false,
    electionElapsed: 0,
    electionTimeout: 0,
    electionBase: leadsNow ? FIRST_MASTER_TICKS : electionTicks,
    electionSpread: leadsNow ? 0 : electionTicks,
    votes: new Map(),
    isTransferCampaign: false,
    voteInSync: undefined,
    leading: undefined,
    lostPeers: new Set(),
    draft: { messages: [] },
  };
}

/** The config in force: the newest in the log. */
export function currentConfig(state: CoreState): Config {
  return state.configs.at(-1)!.config;
}

/** Nobody else takes part: no messages, no elections, no waiting. */
export function isAlone(state: CoreState): boolean {
  const { voters, learners } = currentConfig(state);
  return voters.length === 1 && learners.length === 0 && voters[0] === state.settings.id;
}

/** The others that get the log. */
export function otherReplicas(state: CoreState): readonly ReplicaId[] {
  return replicas(currentConfig(state)).filter((id) => id !== state.settings.id);
}

/** A refusal as this replica sees things. */
export function refusalOf(state: CoreState, reason: RefusalReason): Refusal {
  return { reason, master: state.master };
}

/** Sender, receiver and term of a message from here. */
export function envelope(
  state: CoreState,
  to: ReplicaId,
): { readonly from: ReplicaId; readonly to: ReplicaId; readonly term: number } {
  return { from: state.settings.id, to, term: state.term };
}
