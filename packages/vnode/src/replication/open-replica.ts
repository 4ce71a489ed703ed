/** Opens the replica that a vnode stands on, with the vnode as its state machine. */
import {
  ErrorCode,
  TaosError,
  type Clock,
  type FileSystem,
  type Logger,
  type Random,
} from '@tdnode/common';
import type { VnodeConfig } from '@tdnode/rpc';
import { Replica, type ReplicaServices, type Role, type SendLane } from '@tdnode/sync';
import { VnodeMachine, type MachineHost } from './vnode-machine.ts';

/** Length of one tick of a replica, ms. */
export const REPLICA_TICK_MS = 100;
/** Ticks without a word after which a slave campaigns (and up to as many more), or a master steps down. */
const ELECTION_TICKS = 10;
/** A master's heartbeat goes out every so many ticks. */
const HEARTBEAT_TICKS = 2;

/** What a vnode with replicas stands on besides the rest. */
export interface ReplicationServices {
  /** This dnode: the replica's id. */
  readonly dnodeId: number;
  readonly random: Random;
  /** Whether taos.cfg names an arbitrator. */
  readonly hasArbitrator: boolean;
  /** Sends a frame; `parts` are copied before it returns. It may get lost. */
  readonly send: (vgId: number, to: number, parts: readonly Uint8Array[], lane: SendLane) => void;
  readonly onRole: (vgId: number, role: Role, term: number) => void;
  /** Memory is about to be made anew: nobody may go on reading it. */
  readonly onRebuilt: (vgId: number) => void;
  /** Makes the replica's core; for simulations, which listen to it. */
  readonly createCore?: NonNullable<ReplicaServices['createCore']>;
}

/** The vnode, as far as its replica needs it. */
export interface ReplicaHost extends MachineHost {
  readonly config: VnodeConfig;
}

/** See the head of this file. The caller starts it. */
export function openReplica(
  services: {
    readonly fs: FileSystem;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly segmentBytes?: number;
    readonly replication?: ReplicationServices | undefined;
  },
  folder: string,
  host: ReplicaHost,
): Replica {
  const { fs, clock, logger, replication, segmentBytes } = services;
  if (replication === undefined) {
    throw new TaosError(ErrorCode.VND_NOT_SYNCED, undefined, {
      detail: 'this vnode has replicas, and which dnode this is is not known yet',
    });
  }
  const { vgId, options, replicas } = host.config;
  return Replica.open(
    {
      fs,
      clock,
      logger,
      random: replication.random,
      machine: new VnodeMachine(fs, folder, host),
      send: (to, parts, lane) => replication.send(vgId, to, parts, lane),
      ...(replication.createCore === undefined ? {} : { createCore: replication.createCore }),
    },
    {
      vgId,
      id: replication.dnodeId,
      folder,
      // Only a replica without a state file would begin with these.
      config: { voters: replicas.map(({ dnodeId }) => dnodeId), learners: [], arbitrator: false },
      quorum: options.quorum,
      applyOn: 'persisted',
      durability: options.walLevel === 2 && options.fsync === 0 ? 'synced' : 'written',
      electionTicks: ELECTION_TICKS,
      heartbeatTicks: HEARTBEAT_TICKS,
      hasArbitrator: replication.hasArbitrator,
      leadsFirst: replicas[0]?.dnodeId === replication.dnodeId,
      ...(segmentBytes === undefined ? {} : { segmentBytes }),
    },
  );
}
