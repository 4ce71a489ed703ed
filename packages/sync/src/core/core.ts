/**
 * The replication core of one replica: Raft (Ongaro and Ousterhout; Ongaro's thesis for pre-vote, learners,
 * handover) with TDengine's names, as a state machine without sockets, files, timers or luck of its own.
 * docs/protocol/sync.md has the state table and the safety argument.
 */
import { assert } from '@tdnode/common';
import type { Input, Output } from './step-types.ts';
import type { ConfigAt, CoreOptions, CoreStart, Refusal, ReplicaId, Role } from './types.ts';

/** One replica's view of one peer, for `show vgroups` and for tests. */
export interface PeerView {
  readonly id: ReplicaId;
  readonly role: Role;
  /** Durable and equal to the master's log up to here. */
  readonly matched: number;
  readonly progress: 'probe' | 'stream' | 'files';
}

/** See the head of this file. Everything readable here changes only in `step`. */
export class ReplicaCore {
  constructor(_start: CoreStart, _options: CoreOptions) {
    assert(false, 'not built yet');
  }

  /** Takes one event, says what to do. Throws only on a broken invariant: then the replica has to stop. */
  step(_input: Input): Output {
    return assert(false, 'not built yet') as never;
  }

  /**
   * What the core wants first of all, once after construction: a group of one replica is master at once.
   * Same contract as `step`.
   */
  start(): Output {
    return assert(false, 'not built yet') as never;
  }

  /** Why a proposal would be refused now; undefined: write it to the log under `term`, then step `appended`. */
  refusal(): Refusal | undefined {
    return undefined;
  }

  get role(): Role {
    return 'unsynced';
  }

  get term(): number {
    return 0;
  }

  /** Who is thought to be master; NOBODY. */
  get master(): ReplicaId {
    return -1;
  }

  get commit(): number {
    return 0;
  }

  /** The newest config in the log: in force, committed or not. */
  get config(): ConfigAt {
    return assert(false, 'not built yet') as never;
  }

  /** The config in force at `version`: goes with the files that end there. */
  configAt(_version: number): ConfigAt {
    return assert(false, 'not built yet') as never;
  }

  /** Whether a slave may answer reads up to `commit`: it heard its master within the election timeout. */
  get isReadable(): boolean {
    return false;
  }

  /** The master still needs the log from this version on for followers that are online; else lastVersion + 1. */
  get keepLogFrom(): number {
    return 0;
  }

  /** The master's view of the others; empty elsewhere. */
  get peers(): readonly PeerView[] {
    return [];
  }
}
