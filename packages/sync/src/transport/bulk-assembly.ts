/** Puts the pieces of bulk frames together again: one frame at a time, in the order they were sent. */
import { MAX_FRAME_BYTES } from './limits.ts';
import { WireError, type BulkChunk } from './wire-message.ts';

/** See the head of this file. */
export class BulkAssembly {
  #vgId = 0;
  #frame: Uint8Array | undefined;
  #used = 0;

  /** Takes a piece; the whole frame, in a buffer of its own, when this was the last. */
  add({ vgId, total, bytes }: BulkChunk): { vgId: number; bytes: Uint8Array } | undefined {
    if (total !== undefined) this.#begin(vgId, total);
    const frame = this.#frame;
    if (frame === undefined || vgId !== this.#vgId) throw new WireError('a piece of no bulk frame');
    if (this.#used + bytes.length > frame.length) throw new WireError('a bulk frame too long');
    frame.set(bytes, this.#used);
    this.#used += bytes.length;
    if (this.#used < frame.length) return undefined;
    this.#frame = undefined;
    return { vgId, bytes: frame };
  }

  #begin(vgId: number, total: number): void {
    if (this.#frame !== undefined) throw new WireError('a bulk frame inside another');
    if (!Number.isInteger(total) || total < 0 || total > MAX_FRAME_BYTES)
      throw new WireError(`a bulk frame of ${total} bytes`);
    this.#vgId = vgId;
    this.#frame = new Uint8Array(total);
    this.#used = 0;
  }
}
