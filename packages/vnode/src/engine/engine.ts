/**
 * One engine: the vnodes of one thread, their mailbox, and the work between two drains of it.
 *
 * A drain takes all messages that wait: runs of writes are carried out vnode by vnode with one log write each,
 * then frames of other replicas; everything else happens in its place among them. At its end everything that it brought
 * forth leaves as one message, answers and frames. Between drains, queries and background work
 * (commit, compaction, retention) run in slices of at most 5 and 1 ms, so that no write waits for them longer.
 *
 * A vnode that cannot be opened is quarantined: every call to it answers why; the others serve.
 */
import {
  CorruptionError,
  ErrorCode,
  TaosError,
  systemRandom,
  type Clock,
  type Logger,
  type Random,
  type VgId,
} from '@tdnode/common';
import { optionsHash, type MemberChange, type VnodeConfig, type VnodeStart } from '@tdnode/rpc';
import type { Scan } from '@tdnode/query';
import { Vnode } from '../vnode.ts';
import { VnodeScan } from '../vnode-read.ts';
import { runWrites, type VnodeWrite } from '../vnode-write.ts';
import { firstMembers } from './first-members.ts';
import { FragmentRunner, type RunningFragment } from './fragment-runner.ts';
import { WriteBatch } from './mailbox.ts';
import type { PostFromEngine, Scheduler } from './port.ts';
import { toWire, type FlushAnswer, type OpenedVnode, type ToEngine } from './protocol.ts';
import { EngineReplication } from './replication.ts';
import {
  createVnodeFolder,
  dropVnodeFolder,
  listVnodes,
  vnodeFolder,
  writeConfig,
  type VnodePlace,
} from './vnode-folder.ts';

/** Longest time that queries run between two drains, ms. */
const SLICE_MS = 5;
/** The same of background work: shorter, since few writers wait for their acknowledgements at a time. */
const BACKGROUND_MS = 1;
/** How long writes may wait at a time for a commit to free memory, ms. */
const RELIEF_MS = 200;
/** How often a vnode is asked whether something is due, ms. */
const TICK_MS = 1000;

/** What an engine stands on. */
export interface EngineServices {
  readonly place: VnodePlace;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly scheduler: Scheduler;
  readonly post: PostFromEngine;
  /** Package query's `runFragment`. */
  readonly runFragment: (fragment: object, scan: Scan) => RunningFragment;
  /** This engine holds the vnodes whose vgId leaves `index` when divided by `count`. */
  readonly index: number;
  readonly count: number;
  /** Which dnode this is; left out: not known yet, or vnodes have no replicas. */
  readonly dnodeId?: number;
  /** Whether taos.cfg names an arbitrator. */
  readonly hasArbitrator?: boolean;
  /** Bytes of one log segment; left out: the log's own default. */
  readonly segmentBytes?: number;
  /** Of elections; left out: the system's. */
  readonly random?: Random;
}

interface Slot {
  readonly vnode: Vnode | undefined;
  /** Why there is no vnode. */
  readonly error: unknown;
}

/** See the head of this file. */
export class Engine {
  readonly #services: EngineServices;
  readonly #slots = new Map<VgId, Slot>();
  readonly #runner: FragmentRunner;
  readonly #replication: EngineReplication;
  /** Batches that have been carried out and not answered. */
  #done: WriteBatch[] = [];
  #isScheduled = false;
  #isClosed = false;
  #cancelTimer: (() => void) | undefined;
  #timerDue = Infinity;

  constructor(services: EngineServices) {
    this.#services = services;
    this.#runner = new FragmentRunner(services.post, services.clock);
    const { clock, logger, scheduler, post, random = systemRandom } = services;
    this.#replication = new EngineReplication(
      {
        clock,
        logger,
        scheduler,
        post,
        random,
        hasArbitrator: services.hasArbitrator ?? false,
        vnodes: () => this.#vnodes(),
        find: (vgId) => this.#slots.get(vgId)?.vnode,
        abortReads: (vgId) =>
          this.#runner.abort(vgId, toWire(new TaosError(ErrorCode.VND_NOT_SYNCED))),
        takeAnswers: () => this.#takeAnswers(),
        startQuery: (query) => this.#startQuery(query),
        reopen: (vnode) => this.#reopen(vnode),
        touched: (vnode) => {
          this.#tickOne(vnode);
          if (vnode.hasWork) this.#schedule();
        },
      },
      services.dnodeId,
    );
  }

  /** Opens the vnodes on disk and says so. */
  start(): void {
    const { place, index, count, post } = this.#services;
    const opened: OpenedVnode[] = [];
    for (const { vgId, config } of listVnodes(place, (id) => id % count === index)) {
      const isReadable = !(config instanceof CorruptionError);
      const { error } = isReadable ? this.#openSlot(config) : this.#quarantine(vgId, config);
      opened.push({
        vgId,
        error: error === undefined ? undefined : toWire(error),
        optionsHash: isReadable ? optionsHash(config.options) : undefined,
      });
    }
    post({ kind: 'ready', vnodes: opened }, []);
    this.#replication.flush();
    this.#replication.arm();
    this.#arm();
    this.#schedule();
  }

  /** Takes the messages that wait. */
  drain(messages: readonly ToEngine[]): void {
    let batch = new WriteBatch();
    let frames: Uint8Array<ArrayBuffer>[] = [];
    let hasOthers = false;
    for (const message of messages) {
      if (message.kind === 'work') {
        batch.add(message);
        frames.push(...message.frames);
        this.#replication.giveBack(message.spent);
        continue;
      }
      hasOthers = true;
      this.#runBatch(batch);
      this.#replication.receive(frames);
      batch = new WriteBatch();
      frames = [];
      this.#handle(message);
    }
    this.#runBatch(batch);
    this.#replication.receive(frames);
    this.#replication.endTurn();
    if (hasOthers) this.#runner.pump(this.#services.clock.monotonic() + SLICE_MS);
    this.#schedule();
  }

  #openSlot(config: VnodeConfig): Slot {
    const { place, clock, logger, segmentBytes } = this.#services;
    const { vgId } = config;
    const replication = this.#replication;
    const services = {
      fs: place.fs,
      clock,
      logger,
      ...(segmentBytes === undefined ? {} : { segmentBytes }),
      // Asked when it is needed: who this is may become known later.
      get replication() {
        return replication.services;
      },
    };
    try {
      const vnode = Vnode.open(services, vnodeFolder(place, vgId), config);
      const slot = { vnode, error: undefined };
      this.#slots.set(vgId, slot);
      return slot;
    } catch (error) {
      return this.#quarantine(vgId, error);
    }
  }

  #quarantine(vgId: VgId, error: unknown): Slot {
    const why = error instanceof Error ? error.message : String(error);
    this.#services.logger.error('VND', `vgId:${vgId}, not opened and out of service: ${why}`);
    const slot = { vnode: undefined, error };
    this.#slots.set(vgId, slot);
    return slot;
  }

  *#vnodes(): Generator<Vnode> {
    for (const { vnode } of this.#slots.values()) if (vnode !== undefined) yield vnode;
  }

  /** Opens a vnode anew whose replica has ended: its disk failed, or it met a bug. */
  #reopen(vnode: Vnode): void {
    const { config } = vnode;
    this.#runner.abort(config.vgId, toWire(new TaosError(ErrorCode.VND_NOT_SYNCED)));
    try {
      vnode.close();
    } catch (error) {
      this.#services.logger.warn('VND', `vgId:${config.vgId}, not closed well: ${String(error)}`);
    }
    this.#openSlot(config);
  }

  /** Which dnode this is: vnodes with replicas can open now. */
  #identify(dnodeId: number): void {
    this.#replication.identify(dnodeId);
    const { place } = this.#services;
    const isClosed = (id: number): boolean => this.#slots.get(id as VgId)?.error !== undefined;
    for (const { config } of listVnodes(place, isClosed))
      if (!(config instanceof CorruptionError)) this.#openSlot(config);
    this.#replication.flush();
    this.#replication.arm();
  }

  #vnode(vgId: VgId): Vnode {
    const slot = this.#slots.get(vgId);
    if (slot?.vnode !== undefined) return slot.vnode;
    if (slot !== undefined) throw slot.error;
    throw new TaosError(ErrorCode.VND_INVALID_VGROUP_ID, undefined, {
      detail: `this dnode has no vnode of vgroup ${vgId}`,
    });
  }

  #runBatch(batch: WriteBatch): void {
    if (batch.isEmpty) return;
    for (const [vgId, writes] of batch.byVnode) this.#runWrites(vgId, writes);
    this.#done.push(batch);
    this.#arm();
  }

  #takeAnswers(): FlushAnswer[] {
    if (this.#done.length === 0) return [];
    const done = this.#done;
    this.#done = [];
    return done.flatMap((batch) => batch.answers());
  }

  #runWrites(vgId: VgId, writes: readonly VnodeWrite[]): void {
    try {
      const vnode = this.#vnode(vgId);
      this.#makeRoom(vnode);
      this.#replication.touch(vnode);
      runWrites(vnode, writes);
    } catch (error) {
      this.#slots.get(vgId)?.vnode?.waiting.reject(error);
      for (const write of writes) write.error ??= error;
      return;
    }
    this.#tickOne(this.#vnode(vgId));
  }

  /** Lets a vnode do what is due. What fails then fails no write: it is tried again. */
  #tickOne(vnode: Vnode): void {
    try {
      vnode.tick();
    } catch (error) {
      this.#services.logger.error(
        'VND',
        `vgId:${vnode.config.vgId}, ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  /** Lets writes wait for a commit when memory is full; refuses them when that does not help. */
  #makeRoom(vnode: Vnode): void {
    if (!vnode.isFull) return;
    const { clock } = this.#services;
    this.#tickOne(vnode);
    const giveUp = clock.monotonic() + RELIEF_MS;
    while (vnode.isFull && clock.monotonic() < giveUp) {
      if (vnode.runSlice(Math.min(giveUp, clock.monotonic() + SLICE_MS)) === 'idle') break;
    }
    if (!vnode.isOverfull) return;
    throw new TaosError(ErrorCode.VND_IS_FULL, undefined, {
      detail: `${vnode.store.memoryBytes} bytes wait to be written to files`,
    });
  }

  #handle(message: Exclude<ToEngine, { kind: 'work' }>): void {
    switch (message.kind) {
      case 'query':
        this.#askQuery(message);
        return;
      case 'peerLost':
        this.#replication.peerLost(message.peer);
        return;
      case 'identify':
        this.#identify(message.dnodeId);
        return;
      case 'credit':
        this.#runner.addCredit(message.stream, message.count);
        return;
      case 'cancel':
        this.#replication.cancelRead(message.stream);
        this.#runner.cancel(message.stream);
        return;
      case 'call':
        this.#answer(message);
        return;
    }
  }

  #askQuery(message: Extract<ToEngine, { kind: 'query' }>): void {
    try {
      this.#replication.read(message, this.#vnode(message.vgId));
    } catch (error) {
      this.#refuseQuery(message.stream, error);
    }
  }

  #startQuery(message: Extract<ToEngine, { kind: 'query' }>): void {
    const { stream, vgId, fragment } = message;
    try {
      const running = this.#services.runFragment(fragment, new VnodeScan(this.#vnode(vgId)));
      this.#runner.start(stream, vgId, running);
      this.#schedule();
    } catch (error) {
      this.#refuseQuery(stream, error);
    }
  }

  #refuseQuery(stream: number, error: unknown): void {
    const answer = {
      kind: 'rows',
      stream,
      batches: [],
      isLast: true,
      error: toWire(error),
    } as const;
    this.#services.post(answer, []);
  }

  #answer(message: Extract<ToEngine, { kind: 'call' }>): void {
    const { call } = message;
    try {
      if (message.method === 'changeMembers') {
        this.#replication.change(call, this.#vnode(message.vgId), message.argument as MemberChange);
        return;
      }
      if (message.method === 'handOver') {
        this.#replication.handOver(call);
        return;
      }
      this.#services.post({ kind: 'reply', call, value: this.#call(message) }, []);
    } catch (error) {
      this.#services.post({ kind: 'reply', call, error: toWire(error) }, []);
    }
  }

  #call({ method, vgId, argument, start }: Extract<ToEngine, { kind: 'call' }>): unknown {
    switch (method) {
      case 'tids':
        return Uint32Array.from(argument as Float64Array, (uid) =>
          this.#master(vgId).meta.tables.find(uid),
        );
      case 'tags':
        return this.#master(vgId).meta.tagsOf(argument as number);
      case 'stats':
        return this.#vnode(vgId).stats();
      case 'create':
        return this.#create(argument as VnodeConfig, start ?? 'voter');
      case 'alter':
        return this.#alter(argument as VnodeConfig);
      case 'drop':
        return this.#drop(vgId);
      case 'sync':
        return this.#vnode(vgId).sync();
      case 'flush':
        return this.#vnode(vgId).flush();
      case 'changeMembers':
      case 'handOver':
        return undefined;
      case 'close':
        return this.#close();
    }
  }

  /** A vnode that may say what is so now. */
  #master(vgId: VgId): Vnode {
    const vnode = this.#vnode(vgId);
    if (vnode.readiness(undefined) === 'ready') return vnode;
    throw vnode.redirect();
  }

  #create(config: VnodeConfig, start: VnodeStart): void {
    if (this.#slots.has(config.vgId)) return;
    const members = firstMembers(config, start, this.#replication.dnodeId);
    createVnodeFolder(this.#services.place, config, members);
    const { error } = this.#openSlot(config);
    if (error !== undefined) throw error;
    this.#replication.arm();
  }

  #alter(config: VnodeConfig): void {
    const vnode = this.#vnode(config.vgId);
    writeConfig(this.#services.place, config);
    this.#replication.touch(vnode);
    vnode.setConfig(config);
  }

  #drop(vgId: VgId): void {
    const slot = this.#slots.get(vgId);
    if (slot === undefined) return;
    this.#runner.abort(vgId, toWire(new TaosError(ErrorCode.VND_IS_DROPPING)));
    slot.vnode?.waiting.reject(new TaosError(ErrorCode.VND_IS_DROPPING));
    this.#replication.flush();
    this.#slots.delete(vgId);
    slot.vnode?.close();
    dropVnodeFolder(this.#services.place, vgId);
  }

  /** Puts everything into files and closes it; goes on with the others when one fails, then throws. */
  #close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#replication.close();
    let failure: unknown;
    for (const [vgId, { vnode }] of this.#slots) {
      this.#runner.abort(vgId, toWire(new TaosError(ErrorCode.VND_IS_CLOSING)));
      vnode?.waiting.reject(new TaosError(ErrorCode.VND_IS_CLOSING));
      try {
        vnode?.flush();
      } catch (error) {
        failure ??= error;
      }
      try {
        vnode?.close();
      } catch (error) {
        failure ??= error;
      }
    }
    this.#replication.flush();
    this.#slots.clear();
    if (failure !== undefined) throw failure;
  }

  /** Has `#work` called when messages that wait were taken. */
  #schedule(): void {
    if (this.#isScheduled || this.#isClosed) return;
    this.#isScheduled = true;
    this.#services.scheduler.soon(() => {
      this.#isScheduled = false;
      if (!this.#isClosed) this.#work();
    });
  }

  /** One slice of queries and background work; comes again while there is more. */
  #work(): void {
    const { clock } = this.#services;
    this.#runner.pump(clock.monotonic() + SLICE_MS);
    let isMore = this.#runner.isRunnable;
    for (const { vnode } of this.#slots.values()) {
      if (vnode?.hasWork !== true) continue;
      if (vnode.runSlice(clock.monotonic() + BACKGROUND_MS) === 'more') isMore = true;
    }
    if (isMore) this.#schedule();
  }

  /** Arms the timer for the next thing that is due. */
  #arm(): void {
    if (this.#isClosed) return;
    const { clock, scheduler } = this.#services;
    let due = clock.monotonic() + TICK_MS;
    for (const { vnode } of this.#slots.values())
      if (vnode !== undefined) due = Math.min(due, vnode.syncDue);
    if (this.#cancelTimer !== undefined && due >= this.#timerDue) return;
    this.#cancelTimer?.();
    this.#timerDue = due;
    this.#cancelTimer = scheduler.later(Math.max(0, due - clock.monotonic()), () => this.#tick());
  }

  #tick(): void {
    this.#cancelTimer = undefined;
    for (const { vnode } of this.#slots.values()) {
      if (vnode === undefined) continue;
      this.#tickOne(vnode);
      vnode.hasWork = true;
    }
    this.#arm();
    this.#schedule();
  }
}
