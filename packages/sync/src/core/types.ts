/**
 * The words of the replication core: who takes part, what is durable, what the log looks like from here.
 * docs/protocol/sync.md says how they work together.
 *
 * Invariants: versions and terms are integers ≥ 0; version 0 and term 0 stand before the first entry.
 */

/** A replica: the id of its dnode, from 1. */
export type ReplicaId = number;

/** The arbitrator's id in messages and votes; no dnode has it. */
export const ARBITRATOR: ReplicaId = 0;

/** No replica: nobody voted for, no master known. */
export const NOBODY: ReplicaId = -1;

/** What a replica is inside the core. A learner follows too, but neither votes nor campaigns. */
export type CoreRole = 'follower' | 'learner' | 'preCandidate' | 'candidate' | 'master';

/** A replica's role as `show vgroups` prints it. `offline` is only ever others' view of a silent replica. */
export type Role = 'master' | 'slave' | 'syncing' | 'unsynced' | 'offline';

/** Who takes part in a vgroup. */
export interface Config {
  /** Replicas with a vote, ascending. */
  readonly voters: readonly ReplicaId[];
  /** Replicas that catch up before they get one, ascending. */
  readonly learners: readonly ReplicaId[];
  /** Whether the arbitrator is asked while there are exactly two voters. */
  readonly arbitrator: boolean;
}

/** A config and the version of the entry that brought it; 0: the one a vgroup was created with. */
export interface ConfigAt {
  readonly version: number;
  readonly config: Config;
}

/** One change of a config. A learner is promoted by the master itself as soon as it has caught up. */
export type ConfigChange =
  | { readonly kind: 'addLearner'; readonly id: ReplicaId }
  | { readonly kind: 'promote'; readonly id: ReplicaId }
  | { readonly kind: 'remove'; readonly id: ReplicaId }
  | { readonly kind: 'setArbitrator'; readonly isUsed: boolean };

/** What must survive a crash besides the log: written and fsynced before anything else happens. */
export interface HardState {
  readonly term: number;
  /** Who got this replica's vote in `term`; NOBODY. */
  readonly votedFor: ReplicaId;
}

/**
 * The log as the core reads it; the driver implements it over its `Log`. Always up to date: what the core
 * was told as `appended`, and what an Output asked to append or cut, is in it at the next step.
 */
export interface LogView {
  /** The oldest version that entries can still be read from; lastVersion + 1 when there are none. */
  readonly firstVersion: number;
  /** The newest version, on the disk or not. */
  readonly lastVersion: number;
  /** Term of `version`, which lies in [firstVersion - 1, lastVersion]; 0 for version 0. */
  termOf(version: number): number;
  /**
   * The most entries from `from` (≤ lastVersion) on whose payloads fit `maxBytes`: last version and bytes.
   * At least one entry, however long. Called for every message: has to be cheap.
   */
  take(from: number, maxBytes: number): { readonly to: number; readonly bytes: number };
}

/** Settings of one replica's core. Times are in ticks: the driver decides how long one is. */
export interface CoreOptions {
  readonly id: ReplicaId;
  /** Replicas, the master counted, that must hold a version before its client is answered. */
  readonly quorum: number | 'majority';
  /** When the master applies: as soon as it has persisted (data), or once committed (metadata). */
  readonly applyOn: 'persisted' | 'committed';
  /** A master's heartbeat goes out every so many ticks. 2. */
  readonly heartbeatTicks?: number;
  /**
   * A slave that heard nothing for this many ticks, and up to as many more by luck, campaigns; a master that
   * no majority answered for this long steps down. At least 3 × heartbeatTicks. 10.
   */
  readonly electionTicks?: number;
  /** Payload bytes of one append message; a longer entry travels alone. 1 MiB. */
  readonly appendBytesMax?: number;
  /** Payload bytes on the way to one follower: bounds what a slow slave holds in the master. 16 MiB. */
  readonly inFlightBytesMax?: number;
  /** Append messages on the way to one follower. 256. */
  readonly inFlightMessagesMax?: number;
  /** Payload bytes not yet committed before proposals are refused: they cannot go into files. 256 MiB. */
  readonly uncommittedBytesMax?: number;
  /**
   * Whether this host was told of an arbitrator: as master of two voters it changes the config to that. Left out: the
   * config stays as it is.
   */
  readonly hasArbitrator?: boolean;
  /** Whether this replica should be the first master of a group that is new: it campaigns at once. */
  readonly leadsFirst?: boolean;
}

/** Which of two replicas hold everything committed, as the arbitrator keeps it. */
export interface InSyncSet {
  readonly members: readonly ReplicaId[];
  /** Grows with every change that a master makes. */
  readonly epoch: number;
  /** Version of the config entry with which this use of the arbitrator began; see `arbitratorEra`. */
  readonly era: number;
}

/** What everybody but the arbitrator says about the in-sync set. */
export const NO_IN_SYNC: InSyncSet = { members: [], epoch: 0, era: 0 };

/** What a core starts from after a crash or for the first time. */
export interface CoreStart {
  /** All that is in it counts as persisted: where the database asks for fsync, do one first. */
  readonly log: LogView;
  /** As last written; term 0 and NOBODY the first time. */
  readonly hardState: HardState;
  /** All config entries of the log, ascending, and before them the one that holds at its beginning. Not empty. */
  readonly configs: readonly ConfigAt[];
  /** A version known to be committed (what is in files); the log has it or begins right after it. */
  readonly commit: number;
}

/** Why a proposal, a change or a handover is not accepted. */
export type RefusalReason =
  /** This replica is not the master; `master` may know who is. Ask there. */
  | 'notMaster'
  /** Fewer replicas answer than `quorum` asks for. Writes wait until one is back, reads go on. */
  | 'noQuorum'
  /** Too much is not committed yet. Try again shortly. */
  | 'flowControl'
  /** The mastership is being handed over. Try again shortly, at the new master. */
  | 'transferring'
  /** Another change is not committed yet, or the master has not committed in its term yet. */
  | 'changePending'
  /** The change makes no sense with this config (already there, not there, the last voter, the master itself). */
  | 'invalidChange';

/** A refusal, with who is thought to be master. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly master: ReplicaId;
}
