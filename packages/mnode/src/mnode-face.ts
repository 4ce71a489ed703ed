/** What an mnode is made of, and what its dnode does with it; DESIGN.md says when. */
import type { Clock, FileSystem, Logger } from '@tdnode/common';
import type {
  DnodeCommands,
  DnodeOperations,
  MemberChange,
  MnodeService,
  StatusAnswer,
  StatusReport,
  VnodeReport,
  VnodeService,
  StreamDefinition,
} from '@tdnode/rpc';
import type { AskWho } from './cluster/prober.ts';
import type { StreamRuns } from './cluster/stream-runs.ts';
import type { MnodeConfig } from './config.ts';
import type { DnodeInfo } from './context.ts';
import type { MnodeReplication } from './sdb/replication.ts';

/** See the head of this file. */
export interface MnodeOptions {
  readonly fs: FileSystem;
  /** The mnode's own folder, `dataDir/mnode`. */
  readonly dir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How vnodes are reached; they must be open already. */
  readonly vnodes: VnodeService;
  readonly config: MnodeConfig;
  readonly dnode: DnodeInfo;
  /** What `show variables` prints. */
  readonly variables: () => readonly (readonly [name: string, value: string])[];
  /** How dnodes are reached; without it there is this one only. */
  readonly commands?: DnodeCommands;
  /** Since when, ms, `tarbitrator` is connected that taos.cfg names; undefined: it is not. */
  readonly arbitratorSince?: () => number | undefined;
  /** How `show connections`, `show queries`, `kill` and `alter dnode` reach dnodes; without it there is nothing to show. */
  readonly operations?: DnodeOperations;
  /** Asks an end point who is there, when a dnode does not report; without it nobody looks into that. */
  readonly askWho?: AskWho;
  /** What `show streams` prints of runs; without it they never ran. */
  readonly streamRuns?: StreamRuns;
  /** How the mnodes reach each other; without it this one is alone and stays so. */
  readonly replication?: MnodeReplication;
}

/** The service, and what its owner needs besides. */
export interface Mnode extends MnodeService {
  readonly clusterId: string;
  /** Dnodes of a vgroup's replicas, the likeliest master first; undefined: there is no such vgroup. */
  replicasOf(vgId: number): readonly number[] | undefined;
  /** Whether the vgroup's database keeps the first of rows with equal time (`update 0`). */
  keepsFirst(vgId: number): boolean;
  /** Whether this mnode is the master. Only then it answers; others throw RedirectError, or 828 while there is none. */
  readonly isMaster: boolean;
  /** Set when this mnode has to be closed and opened anew: its disk failed. */
  readonly failure: unknown;
  /** The cluster's continuous queries, for whoever runs them: the master's dnode, nobody else. */
  streams(): readonly StreamDefinition[];
  /** Throws RedirectError or 828 unless this mnode is the master. */
  demandMaster(): void;
  /** Takes a frame that the mnode of another dnode sent; the frame may be kept. Never throws. */
  receiveFrame(frame: Uint8Array<ArrayBuffer>): void;
  /** To be called every `MNODE_TICK_MS`. Never throws, waits for nothing. */
  tickReplica(): void;
  /** The connection to the mnode of another dnode broke. */
  peerLost(dnodeId: number): void;
  /** What this dnode reports as vgId 1. */
  report(): VnodeReport;
  /** `DnodeCommands.changeMembers` of vgId 1. */
  changeMembers(change: MemberChange): Promise<void>;
  /** Before a planned end: another mnode becomes master, if one is ready. Resolves when that is so, or cannot be. */
  handOver(): Promise<void>;
  /** Takes a dnode's report; while this mnode is the master. */
  onStatus(report: StatusReport): Promise<StatusAnswer>;
  /**
   * Moves, drops, mnodes, masters: to be called about every 100 ms while this mnode is the master of a cluster of
   * several dnodes. Never rejects; a call while the last one runs does nothing.
   */
  tick(): Promise<void>;
  /** Waits for running deliveries, writes a checkpoint where this is the only mnode, closes the log. */
  close(): Promise<void>;
}
