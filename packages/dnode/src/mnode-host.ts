/**
 * The mnode of this dnode, where it has one: opens it, lets time and frames reach it, opens it again when its disk
 * failed, and begins or ends it as the cluster's answers to reports say.
 *
 * Invariant: an mnode that begins here because others say so joins them; only a dnode without a cluster founds one.
 */
import { systemRandom, type FileSystem, type Logger, type Random } from '@tdnode/common';
import {
  MNODE_TICK_MS,
  openMnode,
  type Mnode,
  type MnodeOptions,
  type MnodeReplication,
} from '@tdnode/mnode';
import type { MemberChange, VnodeReport } from '@tdnode/rpc';
import { notHere } from './not-here.ts';

/** How often a master of several dnodes looks after the cluster, in ticks of its replica. */
const WORK_TICKS = 2;
/** An mnode that cannot be opened again is tried after this. */
const REOPEN_MS = 1_000;

/** What a host stands on. */
export interface MnodeHostOptions {
  readonly fs: FileSystem;
  /** `dataDir/mnode`. */
  readonly dir: string;
  readonly logger: Logger;
  readonly dnodeId: () => number;
  /** Dnodes with an mnode, as last heard. */
  readonly mnodes: () => readonly number[];
  /** Whether there is nobody else to look after. */
  readonly isAlone: () => boolean;
  /** Everything else that an mnode needs. */
  readonly open: (dnodeId: number) => Omit<MnodeOptions, 'fs' | 'dir' | 'logger' | 'replication'>;
  readonly send: MnodeReplication['send'];
  /** The mnode here, when it is the master now; undefined when it is not. */
  readonly onMaster: (mnode: Mnode | undefined) => void;
  readonly random?: Random;
}

/** See the head of this file. */
export class MnodeHost {
  readonly #options: MnodeHostOptions;
  #mnode: Mnode | undefined;
  /** Opening and closing, one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #isTurning = false;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  #isClosed = false;

  constructor(options: MnodeHostOptions) {
    this.#options = options;
  }

  /** The mnode, if this dnode has one that is open. */
  get mnode(): Mnode | undefined {
    return this.#mnode;
  }

  /** Opens the mnode that is on disk, or founds a cluster. Throws CorruptionError. */
  async open(dnodeId: number): Promise<Mnode> {
    const { fs, dir, logger, mnodes, send, onMaster } = this.#options;
    const others = mnodes();
    const options = this.#options.open(dnodeId);
    const mnode = await openMnode({
      ...options,
      fs,
      dir,
      logger,
      replication: {
        random: this.#options.random ?? systemRandom,
        send,
        hasArbitrator: options.config.cluster.arbitrator !== '',
        ...(others.some((id) => id !== dnodeId) ? { join: others } : {}),
        onMaster: (isMaster) => onMaster(isMaster ? this.#mnode : undefined),
      },
    });
    this.#mnode = mnode;
    onMaster(mnode.isMaster ? mnode : undefined);
    this.#timer ??= setInterval(() => this.#tick(), MNODE_TICK_MS);
    return mnode;
  }

  /** Does what the list of mnodes says: one begins here, or ends. Once it is done, later lists count again. */
  obey(ids: readonly number[]): void {
    const dnodeId = this.#options.dnodeId();
    const isWanted = ids.includes(dnodeId);
    if (isWanted === (this.#mnode !== undefined) || this.#isTurning || this.#isClosed) return;
    this.#inTurn(isWanted ? 'begins' : 'ends', async () => {
      if (isWanted) await this.open(dnodeId);
      else await this.#remove();
    });
  }

  /** A frame of the mnode on another dnode. */
  receiveFrame(bytes: Uint8Array): void {
    this.#mnode?.receiveFrame(new Uint8Array(bytes));
  }

  /** The connection to a dnode broke. */
  peerLost(dnodeId: number): void {
    this.#mnode?.peerLost(dnodeId);
  }

  /** What this dnode reports of its mnode. */
  reports(): readonly VnodeReport[] {
    return this.#mnode === undefined ? [] : [this.#mnode.report()];
  }

  /** Changes the members of vgroup 1. */
  async changeMembers(change: MemberChange): Promise<void> {
    if (this.#mnode === undefined) throw notHere('mnode');
    await this.#mnode.changeMembers(change);
  }

  /** Before a planned end: another mnode takes over. */
  async handOver(): Promise<void> {
    await this.#mnode?.handOver();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#turn;
    await this.#mnode?.close();
  }

  async #remove(): Promise<void> {
    const { fs, dir, onMaster } = this.#options;
    const mnode = this.#mnode;
    this.#mnode = undefined;
    onMaster(undefined);
    await mnode?.close();
    fs.removeFolder(dir);
  }

  #tick(): void {
    const mnode = this.#mnode;
    if (mnode === undefined) return;
    mnode.tickReplica();
    if (++this.#ticks % WORK_TICKS === 0 && !this.#options.isAlone()) void mnode.tick();
    if (mnode.failure !== undefined && !this.#isTurning) this.#reopen(mnode);
  }

  #reopen(mnode: Mnode): void {
    const { logger, onMaster, dnodeId } = this.#options;
    logger.error('MND', `the mnode is opened anew: ${String(mnode.failure)}`);
    this.#inTurn('is opened anew', async () => {
      this.#mnode = undefined;
      onMaster(undefined);
      await mnode.close().catch(() => undefined); // it has failed already
      while (!this.#isClosed) {
        try {
          await this.open(dnodeId());
          return;
        } catch (error) {
          logger.error('MND', `the mnode does not open: ${String(error)}`);
          await new Promise((resolve) => setTimeout(resolve, REOPEN_MS));
        }
      }
    });
  }

  #inTurn(what: string, work: () => Promise<void>): void {
    const { logger } = this.#options;
    this.#isTurning = true;
    this.#turn = work()
      .then(() => logger.info('MND', `the mnode of this dnode ${what}`))
      .catch((error: unknown) => logger.error('MND', `the mnode ${what}: ${String(error)}`))
      .finally(() => (this.#isTurning = false));
  }
}
