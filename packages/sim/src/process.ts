/**
 * What runs on a simulated host while it is up: one replica and the machine that it drives. There are three: a list
 * (`list-process`), a vnode (`vnode-process`), the metadata of an mnode (`mnode-process`).
 */
import type { Clock, FileSystem, Random } from '@tdnode/common';
import type { Config, ConfigChange, Core, CoreOptions, CoreStart, Replica } from '@tdnode/sync';
import type { ReplicaId } from '@tdnode/sync';
import type { Operation } from './history.ts';

/** The machines there are. */
export const MACHINES = ['list', 'vnode', 'mnode'] as const;

export type MachineKind = (typeof MACHINES)[number];

/** How a group's replicas work; the same for all of them. */
export interface ReplicaStyle {
  readonly quorum: number | 'majority';
  readonly applyOn: 'persisted' | 'committed';
  readonly durability: 'written' | 'synced';
}

/** What a process stands on. */
export interface ProcessServices {
  readonly id: ReplicaId;
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
  readonly style: ReplicaStyle;
  /** Whether this host was told of an arbitrator. */
  readonly hasArbitrator: boolean;
  readonly send: (to: ReplicaId, parts: readonly Uint8Array[]) => void;
  readonly createCore: (start: CoreStart, options: CoreOptions) => Core;
  /** A client got its yes. Says nothing once the process is dead. */
  readonly acknowledged: (operation: Operation) => void;
}

/** What a reader finds. */
export interface Contents {
  /** What clients wrote and where it is, in an order that is the same on all replicas. */
  readonly entries: readonly (readonly [value: number, place: number])[];
  /** All else that replicas have in common. */
  readonly rest: string;
}

/** See the head of this file. What is written, acknowledged and sent comes only from within calls to it. */
export interface SimProcess {
  /** To be looked at only. */
  readonly replica: Replica;
  /** What the files hold. */
  readonly filesVersion: number;
  /** Whether a client that reads here now, as from the master, is answered. */
  readonly isServing: boolean;
  receive(frame: Uint8Array<ArrayBuffer>): void;
  tick(): void;
  peerLost(peer: ReplicaId): void;
  change(change: ConfigChange): void;
  transfer(to: ReplicaId): void;
  /** Everything of this turn is brought to the disk, and answered. */
  endTurn(): void;
  /**
   * Clients' writes. Each gets `place` and `version` and becomes `unknown` when it may be in the log, `refused` when
   * it surely is not.
   */
  write(operations: readonly Operation[]): void;
  /** Puts what is committed into files. */
  commitFiles(): void;
  contents(): Contents;
}

/** Makes the disk of a new member: `config` is what the group knows of its members then. */
export type FoundMember = (fs: FileSystem, id: ReplicaId, config: Config) => void;

/** One of the machines. */
export interface Machine {
  readonly found: FoundMember;
  readonly open: (services: ProcessServices) => SimProcess;
}

/** Who may be told to lead a new group at once. */
export const FIRST_MASTER = 1;

/** The log's segments are small, so that they are often cut. */
export const SEGMENT_BYTES = 1024;
