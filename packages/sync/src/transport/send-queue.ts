/**
 * What waits for one peer: live frames, gathered into messages as they come, and bulk frames, cut into pieces as
 * they go. `offer` says no rather than drop; what was taken is lost only with the connection, which the sender hears of.
 */
import { ByteWriter, assert } from '@tdnode/common';
import {
  BATCH_BYTES,
  BULK_CHUNK_BYTES,
  BULK_QUEUE_BYTES,
  LIVE_QUEUE_BYTES,
  MAX_FRAME_BYTES,
  SMALL_FRAME_BYTES,
  SMALL_RESERVE_BYTES,
} from './limits.ts';
import { addLive, beginLive, sizeOf, type BulkChunk } from './wire-message.ts';

/** Live frames go first; bulk is for files. */
export type Lane = 'live' | 'bulk';

/** How a frame is sent. Lazy: live, but it waits a moment for one that is in a hurry, since nobody waits for it. */
export type SendLane = Lane | 'lazy';

interface BulkFrame {
  readonly vgId: number;
  readonly bytes: Uint8Array;
  sent: number;
}

const SMALLEST_MESSAGE_BYTES = 4096;
/** Messages whose memory is kept for later ones: as many as are usually on their way into the socket. */
const KEPT_MESSAGES = 4;
/** Larger ones are not kept. */
const KEPT_BYTES = 2 * BATCH_BYTES;

/** See the head of this file. */
export class SendQueue {
  readonly #messages: ByteWriter[] = [];
  readonly #spare: ByteWriter[] = [];
  #open: ByteWriter | undefined;
  /** Bytes of live messages that the socket has not sent: waiting here or handed over. */
  #liveBytes = 0;
  readonly #bulk: BulkFrame[] = [];
  #bulkBytes = 0;
  #hasRefused = false;

  get liveBytes(): number {
    return this.#liveBytes;
  }

  get bulkBytes(): number {
    return this.#bulkBytes;
  }

  get hasLive(): boolean {
    return this.#open !== undefined || this.#messages.length > 0;
  }

  get hasBulk(): boolean {
    return this.#bulk.length > 0;
  }

  /** Copies the frame in, or says that there is no room now. */
  offer(vgId: number, parts: readonly Uint8Array[], lane: Lane): boolean {
    const size = sizeOf(parts);
    assert(size <= MAX_FRAME_BYTES, `a frame of ${size} bytes`);
    const isTaken =
      lane === 'live' ? this.#offerLive(vgId, parts, size) : this.#offerBulk(vgId, parts, size);
    if (!isTaken) this.#hasRefused = true;
    return isTaken;
  }

  #offerLive(vgId: number, parts: readonly Uint8Array[], size: number): boolean {
    const limit = LIVE_QUEUE_BYTES + (size <= SMALL_FRAME_BYTES ? SMALL_RESERVE_BYTES : 0);
    if (this.#liveBytes > 0 && this.#liveBytes + size > limit) return false;
    this.#open ??= beginLive(this.#spare.pop() ?? newMessage(size));
    const before = this.#open.length;
    addLive(this.#open, vgId, parts);
    this.#liveBytes += this.#open.length - before;
    if (this.#open.length >= BATCH_BYTES) this.#seal();
    return true;
  }

  #offerBulk(vgId: number, parts: readonly Uint8Array[], size: number): boolean {
    if (this.#bulk.length > 0 && this.#bulkBytes + size > BULK_QUEUE_BYTES) return false;
    const bytes = new Uint8Array(size);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    this.#bulk.push({ vgId, bytes, sent: 0 });
    this.#bulkBytes += size;
    return true;
  }

  /** The next message of live frames. `sent` must be called with it once the socket has it. */
  takeLive(): ByteWriter | undefined {
    if (this.#messages.length === 0) this.#seal();
    return this.#messages.shift();
  }

  /** The socket has sent a message that `takeLive` gave: its memory is used again. */
  sent(message: ByteWriter): void {
    const { length } = message;
    this.#liveBytes -= length - 8; // the header was never counted
    if (length <= KEPT_BYTES && this.#spare.length < KEPT_MESSAGES) this.#spare.push(message);
  }

  /** Bytes of the piece that `takeBulk` would give. */
  get nextBulkBytes(): number {
    const frame = this.#bulk[0];
    return frame === undefined ? 0 : Math.min(BULK_CHUNK_BYTES, frame.bytes.length - frame.sent);
  }

  /** The next piece of bulk. */
  takeBulk(): BulkChunk | undefined {
    const frame = this.#bulk[0];
    if (frame === undefined) return undefined;
    const bytes = frame.bytes.subarray(frame.sent, frame.sent + BULK_CHUNK_BYTES);
    const total = frame.sent === 0 ? frame.bytes.length : undefined;
    frame.sent += bytes.length;
    this.#bulkBytes -= bytes.length;
    if (frame.sent === frame.bytes.length) this.#bulk.shift();
    return { vgId: frame.vgId, total, bytes };
  }

  /** Whether somebody was refused and there is room again; true once. */
  takeRoomAgain(): boolean {
    const hasRoom =
      this.#liveBytes <= LIVE_QUEUE_BYTES / 2 && this.#bulkBytes <= BULK_QUEUE_BYTES / 2;
    if (!this.#hasRefused || !hasRoom) return false;
    this.#hasRefused = false;
    return true;
  }

  #seal(): void {
    if (this.#open === undefined) return;
    this.#messages.push(this.#open);
    this.#open = undefined;
  }
}

function newMessage(frameBytes: number): ByteWriter {
  return new ByteWriter(Math.max(SMALLEST_MESSAGE_BYTES, frameBytes + 64));
}
