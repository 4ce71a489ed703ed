/** What a replica is made of and how it works: given by whoever owns it. */
import type { SendLane } from '../transport/send-queue.ts';
import type { Clock, FileSystem, Logger, Random } from '@tdnode/common';
import type { ReplicaCore } from '../core/core.ts';
import type { Config, CoreOptions, CoreStart, ReplicaId } from '../core/types.ts';
import type { Bandwidth } from '../restore/bandwidth.ts';
import type { StateMachine } from './state-machine.ts';

/** The core's face, as far as the driver uses it. */
export type Core = Pick<
  ReplicaCore,
  | 'step'
  | 'start'
  | 'refusal'
  | 'role'
  | 'term'
  | 'master'
  | 'commit'
  | 'config'
  | 'configAt'
  | 'wantsFiles'
  | 'isReadable'
  | 'keepLogFrom'
  | 'peers'
>;

/** What a replica stands on. */
export interface ReplicaServices {
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly machine: StateMachine;
  /**
   * Sends one frame, made of `parts`; they must be copied or handed to the system before it returns, as the log's
   * buffers are among them. May lose it; must not call back.
   */
  readonly send: (to: ReplicaId, parts: readonly Uint8Array[], lane: SendLane) => void;
  /** Bounds what goes out as files, over all replicas that share it. Left out: no bound. */
  readonly bandwidth?: Bandwidth;
  /** Makes the core; the simulation plants bugs here. */
  readonly createCore?: (start: CoreStart, options: CoreOptions) => Core;
}

/** How one replica works. */
export interface ReplicaOptions extends CoreOptions {
  readonly vgId: number;
  /** The replica's folder; it is there, and has `wal/`. */
  readonly folder: string;
  /** The members when the group was made; counts only the first time. */
  readonly config: Config;
  /**
   * When a record counts as held, for the master's own part and for a follower's acknowledgement. `synced`: it is
   * on the disk (walLevel 2, fsync 0; the mnode). `written`: the operating system has it (walLevel 1, or fsync
   * above 0): a crash of the process loses nothing, a power cut on `quorum` hosts at once may.
   */
  readonly durability: 'written' | 'synced';
  /** Bytes of one log segment; left out: the log's own default. */
  readonly segmentBytes?: number;
}
