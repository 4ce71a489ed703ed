/**
 * The main thread's hold of its engines: `VnodeService` for the vnodes of this dnode. A vnode lives in the
 * engine `vgId % engines`. Writes and frames of other dnodes are gathered for the rest of the event loop's turn, and
 * while the engine is at work, and leave as one message per engine; everything else leaves at once, after what came
 * before it.
 */
import { ErrorCode, TaosError, type Logger, type TagValue, type VgId } from '@tdnode/common';
import type {
  FragmentStream,
  MemberChange,
  VnodeConfig,
  VnodeService,
  VnodeStart,
  VnodeStats,
  WriteKind,
  WriteResult,
} from '@tdnode/rpc';
import { FragmentReader } from './fragment-reader.ts';
import { visitFrames } from './frame-run.ts';
import { Outbox } from './outbox.ts';
import type { EnginePort, Scheduler } from './port.ts';
import {
  fromWire,
  type CallMethod,
  type FromEngine,
  type OpenedVnode,
  type ReplicaFrame,
  type RoleChange,
} from './protocol.ts';

interface PendingCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface EngineEnd {
  readonly port: EnginePort;
  readonly outbox: Outbox;
}

/** What a client stands on. */
export interface EngineClientServices {
  readonly scheduler: Scheduler;
  /** Where the engines' log lines go. */
  readonly logger: Logger;
}

/** See the head of this file. */
export class EngineClient implements VnodeService {
  readonly #engines: readonly EngineEnd[];
  readonly #services: EngineClientServices;
  readonly #calls = new Map<number, PendingCall>();
  readonly #streams = new Map<number, FragmentReader>();
  readonly #opened: OpenedVnode[] = [];
  #lastId = 0;
  #isFlushing = false;
  #onReady: (() => void) | undefined;
  #enginesReady = 0;
  #send: ((frame: ReplicaFrame) => void) | undefined;
  #roleChanged: ((change: RoleChange) => void) | undefined;

  /** Resolves when all engines have opened their vnodes. */
  static async start(
    ports: readonly EnginePort[],
    services: EngineClientServices,
  ): Promise<EngineClient> {
    const client = new EngineClient(ports, services);
    await new Promise<void>((resolve, reject) => {
      client.#onReady = resolve;
      ports.forEach((port, i) => {
        port.listen((message) => client.#receive(i, message));
        port.onGone((error) => {
          client.#fail(error);
          reject(error);
        });
      });
    });
    return client;
  }

  private constructor(ports: readonly EnginePort[], services: EngineClientServices) {
    this.#services = services;
    this.#engines = ports.map((port) => ({ port, outbox: new Outbox(port) }));
  }

  /** The vnodes found on disk at the start, and which of them do not serve. */
  get opened(): readonly OpenedVnode[] {
    return this.#opened;
  }

  write(vgId: VgId, kind: WriteKind, payload: Uint8Array): Promise<WriteResult> {
    const written = this.#engine(vgId).outbox.add(vgId, kind, payload);
    this.#flushSoon();
    return written;
  }

  query(vgId: VgId, fragment: object, atLeast?: number): FragmentStream {
    const { port, outbox } = this.#engine(vgId);
    const stream = ++this.#lastId;
    const reader = new FragmentReader(stream, port, () => this.#streams.delete(stream));
    this.#streams.set(stream, reader);
    outbox.flush();
    port.post({ kind: 'query', stream, vgId, fragment, atLeast }, []);
    return reader;
  }

  tids(vgId: VgId, uids: Float64Array): Promise<Uint32Array> {
    return this.#call(vgId, 'tids', uids) as Promise<Uint32Array>;
  }

  tags(vgId: VgId, uid: number): Promise<readonly TagValue[] | undefined> {
    return this.#call(vgId, 'tags', uid) as Promise<readonly TagValue[] | undefined>;
  }

  stats(vgId: VgId): Promise<VnodeStats> {
    return this.#call(vgId, 'stats') as Promise<VnodeStats>;
  }

  /** `start`: whether it is one of the first voters, or joins a vgroup that is there (`replicas` names all then). */
  async create(config: VnodeConfig, start: VnodeStart = 'voter'): Promise<void> {
    await this.#call(config.vgId, 'create', config, start);
  }

  /**
   * Changes the members of a vgroup, or hands its mastership over, where its master is here; else RedirectError.
   * Resolves when the change is committed (a transfer: under way). What is in force already is no error.
   */
  async changeMembers(vgId: VgId, change: MemberChange): Promise<void> {
    await this.#call(vgId, 'changeMembers', change);
  }

  /** Says which dnode this is; until then vnodes with replicas stay closed. */
  identify(dnodeId: number): void {
    for (const { port } of this.#engines) port.post({ kind: 'identify', dnodeId }, []);
  }

  /**
   * Where frames for other dnodes go: to the transport, which copies them before it returns. What it does not take is
   * lost, and sent again.
   */
  onSend(send: (frame: ReplicaFrame) => void): void {
    this.#send = send;
  }

  /** Told when the role or the term of a replica here changes. */
  onRole(changed: (change: RoleChange) => void): void {
    this.#roleChanged = changed;
  }

  /** A frame of another dnode's replica; copied before this returns. */
  receiveFrame(vgId: VgId, bytes: Uint8Array): void {
    this.#engine(vgId).outbox.addFrame(vgId, bytes);
    this.#flushSoon();
  }

  /** The connection to a dnode broke: elections need not wait for silence. */
  peerLost(dnodeId: number): void {
    for (const { port, outbox } of this.#engines) {
      outbox.flush();
      port.post({ kind: 'peerLost', peer: dnodeId }, []);
    }
  }

  async alter(config: VnodeConfig): Promise<void> {
    await this.#call(config.vgId, 'alter', config);
  }

  async drop(vgId: VgId): Promise<void> {
    await this.#call(vgId, 'drop');
    this.#engine(vgId).outbox.forget(vgId);
  }

  async sync(vgId: VgId): Promise<void> {
    await this.#call(vgId, 'sync');
  }

  async flush(vgId: VgId): Promise<void> {
    await this.#call(vgId, 'flush');
  }

  /** Before a planned end: hands masterships to other replicas; resolves when that is done, or came to nothing. */
  async handOver(): Promise<void> {
    await Promise.all(this.#engines.map((_, i) => this.#call(i as VgId, 'handOver')));
  }

  /** Puts everything into files, closes it, and ends the engines. Throws the first thing that failed. */
  async close(): Promise<void> {
    const closing = this.#engines.map(async (_, i) => this.#call(i as VgId, 'close'));
    const results = await Promise.allSettled(closing);
    for (const { port } of this.#engines) await port.terminate();
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  #engine(vgId: VgId): EngineEnd {
    return this.#engines[vgId % this.#engines.length]!;
  }

  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    this.#services.scheduler.soon(() => this.#flush());
  }

  #flush(): void {
    this.#isFlushing = false;
    for (const { outbox } of this.#engines) outbox.flushIfAnswered();
  }

  #call(vgId: VgId, method: CallMethod, argument?: unknown, start?: VnodeStart): Promise<unknown> {
    const { port, outbox } = this.#engine(vgId);
    const call = ++this.#lastId;
    const answer = new Promise((resolve, reject) => this.#calls.set(call, { resolve, reject }));
    outbox.flush();
    const message = { kind: 'call', call, method, vgId, argument } as const;
    port.post(start === undefined ? message : { ...message, start }, []);
    return answer;
  }

  #receive(engine: number, message: FromEngine): void {
    switch (message.kind) {
      case 'turn':
        this.#takeTurn(this.#engines[engine]!.outbox, message);
        return;
      case 'rows':
        this.#streams.get(message.stream)?.receive(message);
        return;
      case 'reply':
        this.#settleCall(message);
        return;
      case 'ready':
        this.#opened.push(...message.vnodes);
        if (++this.#enginesReady === this.#engines.length) this.#onReady?.();
        return;
      case 'log':
        this.#log(message);
        return;
    }
  }

  /** Frames first: others wait for them, and the engine for their buffers. */
  #takeTurn(outbox: Outbox, turn: Extract<FromEngine, { kind: 'turn' }>): void {
    for (const { peer, lane, run } of turn.sent) {
      visitFrames(run, (vgId, bytes) => this.#send?.({ vgId, peer, bytes, lane }));
      if (lane !== 'bulk') outbox.giveBack(run.buffer);
    }
    for (const answer of turn.answers) outbox.settle(answer);
    for (const answer of turn.late) outbox.settleLate(answer);
    for (const change of turn.roles) this.#roleChanged?.(change);
  }

  #settleCall({ call, value, error }: Extract<FromEngine, { kind: 'reply' }>): void {
    const pending = this.#calls.get(call);
    this.#calls.delete(call);
    if (error === undefined) pending?.resolve(value);
    else pending?.reject(fromWire(error));
  }

  #log({ level, module, text }: Extract<FromEngine, { kind: 'log' }>): void {
    const { logger } = this.#services;
    if (level === 'debug') logger.debug(module, () => text);
    else logger[level](module, text);
  }

  /** An engine ended by itself: a bug. Nothing that waits for it will be answered. */
  #fail(cause: Error): void {
    const error = new TaosError(ErrorCode.VND_APP_ERROR, undefined, {
      detail: `an engine thread ended: ${cause.message}`,
      cause,
    });
    for (const { outbox } of this.#engines) outbox.fail(error);
    for (const call of this.#calls.values()) call.reject(error);
    this.#calls.clear();
    for (const stream of this.#streams.values()) stream.fail(error);
  }
}
