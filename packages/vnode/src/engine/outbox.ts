/**
 * Writes and other dnodes' frames on their way to one engine, gathered until the event loop has read what waits and the
 * engine has answered what it got before: one chunk of writes per vnode, one message per engine. A busy engine so gets
 * few large messages; waking a thread costs more than a small write. A chunk, and the run of a frame with records, is
 * exactly as large as it needs to be: the memory table keeps it.
 */
import type { VgId } from '@tdnode/common';
import type { WriteKind, WriteResult } from '@tdnode/rpc';
import { RECORD_HEADER_BYTES, recordBytes } from '@tdnode/wal';
import { RecordType } from '../record-type.ts';
import { FrameRun, singleRun } from './frame-run.ts';
import type { EnginePort } from './port.ts';
import { LATER, fromWire, type FlushAnswer, type LateAnswer } from './protocol.ts';

interface Waiting {
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

/** Chunks grow from this size; kept between flushes up to `STAGING_KEPT_BYTES`. */
const STAGING_BYTES = 64 * 1024;
const STAGING_KEPT_BYTES = 4 * 1024 * 1024;
/** Frames up to this size have no records that would be kept, and share a buffer. */
const SMALL_FRAME_BYTES = 128;

/** The writes for one vnode since the last flush. */
class Staging {
  bytes = new Uint8Array(STAGING_BYTES);
  view = new DataView(this.bytes.buffer);
  end = 0;
  waiting: Waiting[] = [];

  add(kind: WriteKind, payload: Uint8Array, waiting: Waiting): void {
    const at = this.end;
    this.end = at + recordBytes(payload.length);
    if (this.end > this.bytes.length) this.#grow(at);
    this.view.setUint32(at, payload.length, true);
    this.view.setUint8(at + 8, RecordType[kind]);
    this.bytes.set(payload, at + RECORD_HEADER_BYTES);
    this.waiting.push(waiting);
  }

  #grow(used: number): void {
    const grown = new Uint8Array(Math.max(this.end, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, used));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  /** The writes as a buffer of their own; the staging is empty then. */
  take(): { readonly chunk: ArrayBuffer; readonly waiting: Waiting[] } {
    const chunk = this.bytes.buffer.slice(0, this.end);
    const { waiting } = this;
    this.end = 0;
    this.waiting = [];
    if (this.bytes.length > STAGING_KEPT_BYTES) {
      this.bytes = new Uint8Array(STAGING_BYTES);
      this.view = new DataView(this.bytes.buffer);
    }
    return { chunk, waiting };
  }
}

/** See the head of this file. */
export class Outbox {
  readonly #port: EnginePort;
  readonly #stagings = new Map<VgId, Staging>();
  readonly #dirty: VgId[] = [];
  #small: FrameRun | undefined;
  #frames: Uint8Array<ArrayBuffer>[] = [];
  #spent: ArrayBuffer[] = [];
  readonly #flushes = new Map<number, Waiting[]>();
  /** Writes of answered flushes that wait for other replicas, by flush and place in it. */
  readonly #late = new Map<number, Map<number, Waiting>>();
  #flush = 0;

  constructor(port: EnginePort) {
    this.#port = port;
  }

  /** Whether nothing waits to be sent. */
  get isEmpty(): boolean {
    return this.#dirty.length === 0 && this.#small === undefined && this.#frames.length === 0;
  }

  /** Copies one write; it leaves with the next flush. */
  add(vgId: VgId, kind: WriteKind, payload: Uint8Array): Promise<WriteResult> {
    let staging = this.#stagings.get(vgId);
    if (staging === undefined) this.#stagings.set(vgId, (staging = new Staging()));
    if (staging.end === 0) this.#dirty.push(vgId);
    const target = staging;
    return new Promise((resolve, reject) => target.add(kind, payload, { resolve, reject }));
  }

  /** Copies one frame of another dnode's replica; it leaves with the next flush, in order with those of its vgroup. */
  addFrame(vgId: VgId, bytes: Uint8Array): void {
    if (bytes.length <= SMALL_FRAME_BYTES) {
      this.#small ??= new FrameRun();
      this.#small.add(vgId, [bytes]);
      return;
    }
    this.#sealSmall();
    this.#frames.push(singleRun(vgId, [bytes]));
  }

  /** The buffer of a run that has been sent: it goes back to the engine with the next flush. */
  giveBack(buffer: ArrayBuffer): void {
    this.#spent.push(buffer);
  }

  /** Sends all that waits, unless the engine is at work: then it leaves when the engine answers. */
  flushIfAnswered(): void {
    if (this.#flushes.size === 0) this.flush();
  }

  /** Sends all that waits as one message, now. */
  flush(): void {
    if (this.isEmpty) return;
    const vgIds = this.#dirty.splice(0);
    const chunks: ArrayBuffer[] = [];
    const all: Waiting[] = [];
    for (const vgId of vgIds) {
      const { chunk, waiting } = this.#stagings.get(vgId)!.take();
      chunks.push(chunk);
      all.push(...waiting);
    }
    const flush = ++this.#flush;
    this.#flushes.set(flush, all);
    this.#sealSmall();
    const frames = this.#frames;
    const spent = this.#spent;
    this.#frames = [];
    this.#spent = [];
    const transfer = [...chunks, ...frames.map((run) => run.buffer), ...spent];
    this.#port.post({ kind: 'work', flush, vgIds, chunks, frames, spent }, transfer);
  }

  #sealSmall(): void {
    if (this.#small === undefined) return;
    this.#frames.push(this.#small.take());
    this.#small = undefined;
  }

  /** Settles the writes of one flush, once the engine has its next ones. */
  settle({ flush, versions, errors }: FlushAnswer): void {
    const waiting = this.#flushes.get(flush) ?? [];
    this.#flushes.delete(flush);
    this.flushIfAnswered();
    for (const [i, error] of errors) waiting[i]!.reject(fromWire(error));
    for (let i = 0; i < waiting.length; i++) {
      const version = versions[i]!;
      if (version > 0) waiting[i]!.resolve({ version });
      else if (version === LATER) this.#keepLate(flush, i, waiting[i]!);
    }
  }

  #keepLate(flush: number, index: number, waiting: Waiting): void {
    let late = this.#late.get(flush);
    if (late === undefined) this.#late.set(flush, (late = new Map<number, Waiting>()));
    late.set(index, waiting);
  }

  /** Settles one write that waited for other replicas. */
  settleLate({ flush, index, version, error }: LateAnswer): void {
    const late = this.#late.get(flush);
    const waiting = late?.get(index);
    late?.delete(index);
    if (late?.size === 0) this.#late.delete(flush);
    if (error === undefined) waiting?.resolve({ version });
    else waiting?.reject(fromWire(error));
  }

  /** Forgets what was kept for a vnode that is gone. */
  forget(vgId: VgId): void {
    if (this.#stagings.get(vgId)?.end === 0) this.#stagings.delete(vgId);
  }

  /** The engine is gone: nothing that waits will be answered. */
  fail(error: Error): void {
    for (const waiting of this.#flushes.values()) for (const one of waiting) one.reject(error);
    this.#flushes.clear();
    for (const late of this.#late.values()) for (const one of late.values()) one.reject(error);
    this.#late.clear();
    for (const vgId of this.#dirty.splice(0)) {
      for (const one of this.#stagings.get(vgId)!.take().waiting) one.reject(error);
    }
  }
}
