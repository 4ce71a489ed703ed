/** A growing little-endian byte buffer: the one place that lays out bytes. */
const encoder = new TextEncoder();

/** Appends fields to memory of its own, which grows; little-endian. */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** Forget everything, keep the memory. */
  reset(): void {
    this.#length = 0;
  }

  /** Makes room for `extra` more bytes and returns the whole buffer, for callers that fill it themselves. */
  reserve(extra: number): Uint8Array {
    const needed = this.#length + extra;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return this.#bytes;
  }

  /** Moves the end forward over bytes that the caller filled after `reserve`. */
  advance(count: number): void {
    this.#length += count;
  }

  u8(value: number): void {
    this.reserve(1)[this.#length++] = value;
  }

  u16(value: number): void {
    this.reserve(2);
    this.#view.setUint16(this.#length, value, true);
    this.#length += 2;
  }

  u32(value: number): void {
    this.reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  i32(value: number): void {
    this.reserve(4);
    this.#view.setInt32(this.#length, value, true);
    this.#length += 4;
  }

  /** An integer of up to 2⁵³ (versions, uids, times): eight bytes, as a double. */
  f64(value: number): void {
    this.reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  i64(value: bigint): void {
    this.reserve(8);
    this.#view.setBigInt64(this.#length, value, true);
    this.#length += 8;
  }

  /** Unsigned LEB128 of an integer in [0, 2⁵³). */
  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  bytes(source: Uint8Array): void {
    this.reserve(source.length).set(source, this.#length);
    this.#length += source.length;
  }

  /** UTF-8 with its length before it (varint). */
  string(text: string): void {
    const encoded = encoder.encode(text);
    this.varint(encoded.length);
    this.bytes(encoded);
  }

  /** Zero bytes up to the next multiple of `alignment` (a power of two). */
  align(alignment: number): void {
    const padding = -this.#length & (alignment - 1);
    this.reserve(padding).fill(0, this.#length, this.#length + padding);
    this.#length += padding;
  }

  /** Overwrites four bytes written earlier. */
  patchU32(offset: number, value: number): void {
    this.#view.setUint32(offset, value, true);
  }

  /** The bytes so far, as a view: valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** The bytes so far, as a copy with a buffer of its own. */
  copy(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.subarray(0, this.#length));
  }
}
