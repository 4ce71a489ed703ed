/**
 * Frames of a streamed answer: `u32 length, u8 kind, 3 zero bytes`, then `length` bytes. The last frame is `end`
 * or `failure`; a stream without one broke. Page: docs/protocol/rpc.md, "Streams".
 *
 * `FrameReader` takes the bytes in any pieces and gives whole frames, each in a buffer of its own, so that
 * batches start at a multiple of 8.
 */
import { malformed } from '../codec/shape.ts';

export const FRAME_HEADER_BYTES = 8;

/** Kinds of frames. */
export const FrameKind = {
  /** What the items are; first, and only where a call has a head. */
  head: 1,
  item: 2,
  end: 3,
  failure: 4,
} as const;

/** A kind's number. */
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** One frame. */
export interface Frame {
  readonly kind: number;
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** The bytes that go before a payload. */
export function frameHeader(kind: FrameKind, length: number): Uint8Array {
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  new DataView(header.buffer).setUint32(0, length, true);
  header[4] = kind;
  return header;
}

/** See the head of this file. */
export class FrameReader {
  readonly #maxBytes: number;
  readonly #header = new Uint8Array(FRAME_HEADER_BYTES);
  #headerUsed = 0;
  #payload: Uint8Array<ArrayBuffer> | undefined;
  #payloadUsed = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether the last frame given was whole and nothing is left of another. */
  get isBetweenFrames(): boolean {
    return this.#headerUsed === 0;
  }

  /** The frames that are whole with these bytes; throws on a frame above the limit. */
  *feed(bytes: Uint8Array): Generator<Frame> {
    let at = 0;
    while (at < bytes.length || this.#isFull()) {
      at +=
        this.#payload === undefined ? this.#takeHeader(bytes, at) : this.#takePayload(bytes, at);
      if (!this.#isFull()) continue;
      yield { kind: this.#header[4]!, payload: this.#payload! };
      this.#payload = undefined;
      this.#headerUsed = 0;
    }
  }

  #isFull(): boolean {
    return this.#payload !== undefined && this.#payloadUsed === this.#payload.length;
  }

  #takeHeader(bytes: Uint8Array, at: number): number {
    const taken = Math.min(FRAME_HEADER_BYTES - this.#headerUsed, bytes.length - at);
    this.#header.set(bytes.subarray(at, at + taken), this.#headerUsed);
    this.#headerUsed += taken;
    if (this.#headerUsed === FRAME_HEADER_BYTES) {
      const length = new DataView(this.#header.buffer).getUint32(0, true);
      if (length > this.#maxBytes) throw malformed(`a frame of ${length} bytes`);
      this.#payload = new Uint8Array(length);
      this.#payloadUsed = 0;
    }
    return taken;
  }

  #takePayload(bytes: Uint8Array, at: number): number {
    const payload = this.#payload!;
    const taken = Math.min(payload.length - this.#payloadUsed, bytes.length - at);
    payload.set(bytes.subarray(at, at + taken), this.#payloadUsed);
    this.#payloadUsed += taken;
    return taken;
  }
}
