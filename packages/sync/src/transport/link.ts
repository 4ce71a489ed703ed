/**
 * One socket between two transports, from the handshake to its end: dispatches messages, sends what the queue
 * holds while the socket takes it, live before bulk, and finds out when a direction is dead.
 *
 * Invariants: before the handshake is done no frame goes either way; `onEnd` is called once, and nothing after it.
 */
import type { Socket } from 'node:net';
import type { Clock } from '@tdnode/common';
import type { WebSocket } from 'ws';
import { BulkAssembly } from './bulk-assembly.ts';
import type { ConnectionFacts } from './duplicates.ts';
import type { Handshake, HandshakeStep } from './handshake.ts';
import {
  BULK_ACK_BYTES,
  BULK_CHUNK_BYTES,
  BULK_WINDOW_BYTES,
  LIVE_AHEAD_BYTES,
  type TransportTiming,
} from './limits.ts';
import { Liveness } from './liveness.ts';
import { SendQueue, type Lane } from './send-queue.ts';
import type { TokenBucket } from './token-bucket.ts';
import {
  WireKind,
  encodeBulk,
  encodeNumber,
  encodeWords,
  parseBulk,
  parseLive,
  parseNumber,
} from './wire-message.ts';

/** Close codes of our own. */
export const CloseCode = { duplicate: 4009, refused: 4003, malformed: 1002, going: 1001 } as const;

/** What a link stands on, and whom it tells. */
export interface LinkOptions {
  readonly socket: WebSocket;
  readonly raw: Socket;
  readonly handshake: Handshake;
  readonly isDialled: boolean;
  readonly isDialledByLower: boolean;
  readonly clock: Clock;
  readonly timing: TransportTiming;
  /** Shared by all links of a transport. */
  readonly bulkRate: TokenBucket;
  readonly onProved: (link: Link, proved: NonNullable<HandshakeStep['proved']>) => void;
  readonly onFrame: (link: Link, vgId: number, bytes: Uint8Array, lane: Lane) => void;
  readonly onRoom: (link: Link) => void;
  readonly onEnd: (link: Link, reason: string) => void;
}

/** See the head of this file. */
export class Link {
  readonly #options: LinkOptions;
  readonly #queue = new SendQueue();
  readonly #assembly = new BulkAssembly();
  readonly #beganAt: number;
  #facts: ConnectionFacts | undefined;
  #liveness: Liveness | undefined;
  #isEnded = false;
  #bulkSent = 0;
  #bulkAcked = 0;
  #bulkTaken = 0;
  #bulkTakenSaid = 0;
  #bulkTimer: NodeJS.Timeout | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#beganAt = options.clock.monotonic();
    const { socket, handshake } = options;
    socket.on('message', (data) => this.#receive(data as Buffer));
    socket.on('close', (code, reason) =>
      this.#end(`closed by the other end: ${code} ${reason.toString()}`),
    );
    socket.on('error', (error) => this.#end(error.message));
    if (handshake.opening !== undefined) socket.send(handshake.opening);
  }

  /** What is known of a proved link. */
  get facts(): ConnectionFacts | undefined {
    return this.#facts;
  }

  get isDialled(): boolean {
    return this.#options.isDialled;
  }

  /** Bytes that wait here. */
  get queuedBytes(): number {
    return this.#queue.liveBytes + this.#queue.bulkBytes;
  }

  /** From now on frames go. The dialler says so to the other end, with the last connection that it had up. */
  begin(seen: string): void {
    const { clock, timing, raw } = this.#options;
    if (this.isDialled) this.#options.socket.send(encodeWords(WireKind.ready, [seen]));
    const pace = { silenceMs: timing.silenceMs, tickMs: timing.heartbeatMs };
    this.#liveness = new Liveness(pace, clock.monotonic());
    this.#beat(raw.bytesRead);
  }

  /** Copies a frame in, or says that there is no room. `pump` sends it. */
  offer(vgId: number, parts: readonly Uint8Array[], lane: Lane): boolean {
    return !this.#isEnded && this.#queue.offer(vgId, parts, lane);
  }

  /** Sends what the socket takes. */
  pump(): void {
    if (this.#isEnded) return;
    const { socket } = this.#options;
    while (this.#queue.hasLive && socket.bufferedAmount < LIVE_AHEAD_BYTES) {
      const message = this.#queue.takeLive()!;
      socket.send(message.view(), () => {
        this.#queue.sent(message);
        this.#afterSend();
      });
    }
    this.#pumpBulk();
  }

  /** Every heartbeat: a handshake that takes too long, or a dead direction, ends the link. */
  tick(now: number): void {
    const { timing, raw } = this.#options;
    if (this.#liveness === undefined) {
      if (now - this.#beganAt > timing.handshakeMs) this.terminate('the handshake took too long');
      return;
    }
    const verdict = this.#liveness.tick(raw.bytesRead, now);
    if (verdict === 'alive') this.#beat(raw.bytesRead);
    else this.terminate(verdict);
  }

  /** Ends the link and says why to the other end. */
  close(code: number, reason: string): void {
    if (this.#isEnded) return;
    this.#options.socket.close(code, reason);
    // A peer that does not answer the close is cut off like any silent one.
    setTimeout(() => this.#options.socket.terminate(), this.#options.timing.heartbeatMs).unref();
    this.#end(reason);
  }

  /** Ends the link at once. */
  terminate(reason: string): void {
    this.#options.socket.terminate();
    this.#end(reason);
  }

  #end(reason: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearTimeout(this.#bulkTimer);
    this.#options.onEnd(this, reason);
  }

  #beat(bytesRead: number): void {
    this.#options.socket.send(encodeNumber(WireKind.heartbeat, bytesRead));
  }

  #afterSend(): void {
    if (this.#isEnded) return;
    this.pump();
    if (this.#queue.takeRoomAgain()) this.#options.onRoom(this);
  }

  #pumpBulk(): void {
    const { socket, clock, bulkRate } = this.#options;
    if (this.#bulkTimer !== undefined) return;
    while (this.#queue.hasBulk && !this.#queue.hasLive && !this.#isEnded) {
      const size = this.#queue.nextBulkBytes;
      const onTheWay = this.#bulkSent - this.#bulkAcked;
      if (onTheWay > 0 && onTheWay + size > BULK_WINDOW_BYTES) return; // the acknowledgement goes on
      if (socket.bufferedAmount > BULK_CHUNK_BYTES) return; // the callback goes on
      const waitMs = bulkRate.take(size, clock.monotonic());
      if (waitMs > 0) {
        this.#bulkTimer = setTimeout(() => {
          this.#bulkTimer = undefined;
          this.pump();
        }, waitMs);
        return;
      }
      this.#bulkSent += size;
      socket.send(encodeBulk(this.#queue.takeBulk()!), () => this.#afterSend());
    }
  }

  #receive(data: Buffer): void {
    if (this.#isEnded) return;
    try {
      if (this.#facts === undefined) this.#shake(data);
      else this.#dispatch(aligned(data));
    } catch (error) {
      this.close(CloseCode.malformed, error instanceof Error ? error.message : String(error));
    }
  }

  #shake(data: Uint8Array): void {
    const { handshake, socket, isDialledByLower, onProved } = this.#options;
    const { send, proved } = handshake.receive(data);
    if (send !== undefined) socket.send(send);
    if (proved === undefined) return;
    const { connectionId: id, peerInstance } = proved;
    this.#facts = { id, isDialledByLower, peerInstance };
    onProved(this, proved);
  }

  #dispatch(message: Uint8Array): void {
    const { clock, onFrame } = this.#options;
    switch (message[0]) {
      case WireKind.live:
        parseLive(message, (vgId, bytes) => {
          if (!this.#isEnded) onFrame(this, vgId, bytes, 'live');
        });
        return;
      case WireKind.bulk:
        this.#takeBulk(message);
        return;
      case WireKind.bulkAck:
        this.#bulkAcked = Math.min(parseNumber(message), this.#bulkSent);
        this.#afterSend();
        return;
      case WireKind.heartbeat:
        this.#liveness?.reported(parseNumber(message), clock.monotonic());
        return;
      default:
        this.close(CloseCode.malformed, `message ${message[0] ?? 'empty'}`);
    }
  }

  #takeBulk(message: Uint8Array): void {
    const chunk = parseBulk(message);
    const whole = this.#assembly.add(chunk);
    this.#bulkTaken += chunk.bytes.length;
    if (whole !== undefined) this.#options.onFrame(this, whole.vgId, whole.bytes, 'bulk');
    if (whole === undefined && this.#bulkTaken - this.#bulkTakenSaid < BULK_ACK_BYTES) return;
    this.#bulkTakenSaid = this.#bulkTaken;
    if (!this.#isEnded) this.#options.socket.send(encodeNumber(WireKind.bulkAck, this.#bulkTaken));
  }
}

/** The message at a multiple of 8 of its buffer: as it came, or copied. */
function aligned(data: Buffer): Uint8Array {
  return (data.byteOffset & 7) === 0 ? data : new Uint8Array(data);
}
