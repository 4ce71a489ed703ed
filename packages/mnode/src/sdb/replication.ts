/** What an mnode needs in order to be one of several. */
import type { Random } from '@tdnode/common';
import type { Bandwidth, ReplicaServices, SendLane } from '@tdnode/sync';

/** The metadata's own vgroup. */
export const MNODE_VGID = 1;

/** How often an mnode that is one of several has to be told that time passes: `Mnode.tickReplica`. */
export const MNODE_TICK_MS = 50;

/** Ticks without a word after which a slave campaigns (and up to as many more), or a master steps down. */
export const ELECTION_TICKS = 10;

/** A master's heartbeat goes out every so many ticks. */
export const HEARTBEAT_TICKS = 2;

/** See the head of this file. */
export interface MnodeReplication {
  readonly random: Random;
  /**
   * Sends one frame, made of `parts`, to the mnode of another dnode, which takes it with `receiveFrame`. The parts
   * are copied or handed over before it returns; it may lose them, and must not call back.
   */
  readonly send: (dnodeId: number, parts: readonly Uint8Array[], lane: SendLane) => void;
  /**
   * Dnodes that have an mnode: this one joins them, and has no vote before they say so. Counts only where the folder
   * holds no mnode yet. Left out: this dnode founds the cluster.
   */
  readonly join?: readonly number[];
  /** Whether taos.cfg names an arbitrator, which votes while there are two mnodes. */
  readonly hasArbitrator?: boolean;
  /** Bounds checkpoints that go out, together with whatever else shares it. */
  readonly bandwidth?: Bandwidth;
  /** This mnode became master or ceased to be; not called for what `Mnode.isMaster` says when it is opened. */
  readonly onMaster?: (isMaster: boolean) => void;
  /** Bytes of a log segment; left out: the log's own default. */
  readonly segmentBytes?: number;
  /** Bytes logged since the last checkpoint from which a new one is made; left out: 4 MiB. */
  readonly checkpointBytes?: number;
  /** Has the end of a turn come soon: what comes until then shares its fsync. Left out: setImmediate. */
  readonly soon?: (endTurn: () => void) => void;
  /** Makes the replica's core; for simulations, which listen to it. */
  readonly createCore?: NonNullable<ReplicaServices['createCore']>;
}
