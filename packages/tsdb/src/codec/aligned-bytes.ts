/**
 * Bytes with views of every width over them: what encoders append to and decoders read from.
 *
 * Invariants: the memory starts at a multiple of 8 and has `SLACK` readable bytes beyond its capacity, so that
 * bit unpackers may load one word too many; views are replaced when the memory grows, never kept over `reserve`.
 * Multi-byte values have the host's order, which is little-endian on every platform that Node supports here.
 */
const SLACK = 16;

/** Growing memory with its views; see the head of this file. */
export class AlignedBytes {
  bytes!: Uint8Array<ArrayBuffer>;
  words!: Int32Array<ArrayBuffer>;
  doubles!: Float64Array<ArrayBuffer>;
  /** Bytes appended so far. */
  size = 0;

  constructor(capacity: number) {
    this.#use(new ArrayBuffer(((capacity + 7) & ~7) + SLACK));
  }

  /** Bytes that may be used without growing. */
  get capacity(): number {
    return this.bytes.length - SLACK;
  }

  /** Room for `extra` bytes after `size`. */
  reserve(extra: number): void {
    if (this.size + extra <= this.capacity) return;
    const kept = this.bytes.subarray(0, this.size);
    this.#use(new ArrayBuffer((Math.max(this.size + extra, 2 * this.capacity) + 7 + SLACK) & ~7));
    this.bytes.set(kept);
  }

  /** Fills with zeros up to a multiple of 8; at most 7 bytes, which `reserve` need not count. */
  align(): void {
    const end = (this.size + 7) & ~7;
    this.bytes.fill(0, this.size, end);
    this.size = end;
  }

  #use(memory: ArrayBuffer): void {
    this.bytes = new Uint8Array(memory);
    this.words = new Int32Array(memory, 0, memory.byteLength >> 2);
    this.doubles = new Float64Array(memory, 0, memory.byteLength >> 3);
  }
}

/** The next multiple of 8. */
export function align8(offset: number): number {
  return (offset + 7) & ~7;
}
