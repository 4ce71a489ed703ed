/**
 * Writes to vnodes of other dnodes, over the connections of replication: no HTTP, no signature a write, and all writes and
 * answers of an event loop's turn leave as one message a dnode. Every write is answered by itself.
 *
 * A write whose connection breaks fails as one that may have been carried out; one that the transport does not take, as one
 * that was not. What is on the way to one dnode is bounded in number here and in bytes by the transport.
 */
import { ErrorCode, TaosError, type Clock, type VgId } from '@tdnode/common';
import { NetworkError, type VnodeService, type WriteKind, type WriteResult } from '@tdnode/rpc';
import { NO_VGROUP, failedFrame, readWriteFrame, writeHead, writtenFrame } from './write-frames.ts';

/** Writes on the way to one dnode; more are refused, and tried again by whoever wants them written. */
const MAX_ON_THE_WAY = 4096;
/** A dnode that hears us and does not answer: its disk stands still. */
const DEADLINE_MS = 30_000;
/** How often deadlines are looked at. */
const LOOK_MS = 1_000;
/** How long a stopping dnode waits for its engines to answer what others wrote. */
const CLOSE_GRACE_MS = 5_000;

/** What a write wire stands on. */
export interface WriteWireOptions {
  /** Puts a frame, whose parts are copied, on the wire to a dnode; false: it was not taken. */
  readonly send: (dnodeId: number, vgId: number, parts: readonly Uint8Array[]) => boolean;
  /** The vnodes of this dnode. */
  readonly vnodes: Pick<VnodeService, 'write'>;
  readonly clock: Clock;
}

interface OnTheWay {
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
  /** By the monotonic clock. */
  readonly deadline: number;
}

/** See the head of this file. */
export class WriteWire {
  readonly #options: WriteWireOptions;
  /** By dnode and request; requests in the order of their sending. */
  readonly #onTheWay = new Map<number, Map<number, OnTheWay>>();
  #lastRequest = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Writes of others that the engines have not answered. */
  #running = 0;
  #isClosing = false;
  #onIdle: (() => void) | undefined;

  constructor(options: WriteWireOptions) {
    this.#options = options;
  }

  /** As VnodeService.write, at a dnode. The payload is copied before this returns. */
  write(dnodeId: number, vgId: VgId, type: WriteKind, payload: Uint8Array): Promise<WriteResult> {
    let onTheWay = this.#onTheWay.get(dnodeId);
    if (onTheWay === undefined) this.#onTheWay.set(dnodeId, (onTheWay = new Map()));
    const request = ++this.#lastRequest;
    const parts = [writeHead(request, vgId, type), payload];
    const isTaken = onTheWay.size < MAX_ON_THE_WAY && this.#options.send(dnodeId, NO_VGROUP, parts);
    if (!isTaken) return Promise.reject(notTaken(dnodeId));
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
    const deadline = this.#options.clock.monotonic() + DEADLINE_MS;
    const waiting = onTheWay;
    return new Promise((resolve, reject) => waiting.set(request, { resolve, reject, deadline }));
  }

  /** A frame of another dnode: a write for a vnode here, or the answer to one of ours. */
  receive(from: number, bytes: Uint8Array): void {
    const frame = readWriteFrame(bytes);
    if (frame === undefined) return; // of a newer version: its sender gives it up
    if (frame.kind === 'write') {
      const { request, vgId, type, payload } = frame;
      this.#carryOut(from, request, () => this.#options.vnodes.write(vgId, type, payload));
      return;
    }
    const onTheWay = this.#onTheWay.get(from);
    const write = onTheWay?.get(frame.request);
    onTheWay?.delete(frame.request);
    if (frame.kind === 'written') write?.resolve({ version: frame.version });
    else write?.reject(frame.error);
  }

  /** The connection to a dnode broke: what is on the way may have arrived. */
  peerLost(dnodeId: number): void {
    const onTheWay = this.#onTheWay.get(dnodeId);
    this.#onTheWay.delete(dnodeId);
    for (const { reject } of onTheWay?.values() ?? []) {
      const why = `the connection to dnode ${dnodeId} broke`;
      reject(new NetworkError(ErrorCode.RPC_NETWORK_UNAVAIL, true, why));
    }
  }

  /** Takes no more writes of others, and resolves when those that run are answered, or after a while. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#timer);
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      setTimeout(resolve, CLOSE_GRACE_MS).unref();
    });
  }

  #carryOut(from: number, request: number, write: () => Promise<WriteResult>): void {
    if (this.#isClosing) {
      this.#answer(from, failedFrame(request, stopping()));
      return;
    }
    this.#running++;
    const answered = (frame: Uint8Array): void => {
      this.#answer(from, frame);
      if (--this.#running === 0) this.#onIdle?.();
    };
    write().then(
      ({ version }) => answered(writtenFrame(request, version)),
      (error: unknown) => answered(failedFrame(request, error)),
    );
  }

  /** An answer that is not taken is lost: its asker hears that the connection broke, or waits until its deadline. */
  #answer(to: number, frame: Uint8Array): void {
    this.#options.send(to, NO_VGROUP, [frame]);
  }

  #look(): void {
    const now = this.#options.clock.monotonic();
    let isAny = false;
    for (const [dnodeId, onTheWay] of this.#onTheWay) {
      for (const [request, { deadline, reject }] of onTheWay) {
        if (deadline > now) break;
        onTheWay.delete(request);
        reject(tooSlow(dnodeId));
      }
      isAny ||= onTheWay.size > 0;
    }
    if (isAny) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function notTaken(dnodeId: number): NetworkError {
  const why = `the connection to dnode ${dnodeId} takes no more writes at the moment`;
  return new NetworkError(ErrorCode.RPC_NETWORK_UNAVAIL, false, why);
}

function tooSlow(dnodeId: number): NetworkError {
  const why = `dnode ${dnodeId} did not answer a write within ${DEADLINE_MS} ms`;
  return new NetworkError(ErrorCode.RPC_TOO_SLOW, true, why);
}

/** Whoever gets this may ask again, elsewhere: nothing was carried out. */
function stopping(): TaosError {
  return new TaosError(ErrorCode.RPC_NETWORK_UNAVAIL, undefined, { detail: 'this dnode stops' });
}
