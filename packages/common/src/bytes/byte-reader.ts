/**
 * Reads what `ByteWriter` wrote, with a sticky error: read all fields, then ask `error` once. After the
 * first overrun every read returns zero or an empty value and moves nothing.
 */
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Reads fields one after the other; see the head of this file for errors. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;
  #error: string | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The first thing that went wrong, or undefined. */
  get error(): string | undefined {
    return this.#error;
  }

  /** Bytes from the start. */
  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  #take(count: number): number {
    if (this.#error !== undefined) return -1;
    if (count < 0 || count > this.remaining) {
      this.#error = `${count} bytes wanted at ${this.#offset}, ${this.remaining} left`;
      return -1;
    }
    const start = this.#offset;
    this.#offset += count;
    return start;
  }

  u8(): number {
    const at = this.#take(1);
    return at < 0 ? 0 : this.#bytes[at]!;
  }

  u16(): number {
    const at = this.#take(2);
    return at < 0 ? 0 : this.#view.getUint16(at, true);
  }

  u32(): number {
    const at = this.#take(4);
    return at < 0 ? 0 : this.#view.getUint32(at, true);
  }

  i32(): number {
    const at = this.#take(4);
    return at < 0 ? 0 : this.#view.getInt32(at, true);
  }

  f64(): number {
    const at = this.#take(8);
    return at < 0 ? 0 : this.#view.getFloat64(at, true);
  }

  i64(): bigint {
    const at = this.#take(8);
    return at < 0 ? 0n : this.#view.getBigInt64(at, true);
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.u8();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    this.#error ??= `varint longer than 8 bytes at ${this.#offset}`;
    return 0;
  }

  /** The next `count` bytes, as a view into the source. */
  bytes(count: number): Uint8Array {
    const at = this.#take(count);
    return at < 0 ? new Uint8Array(0) : this.#bytes.subarray(at, at + count);
  }

  string(): string {
    const raw = this.bytes(this.varint());
    try {
      return decoder.decode(raw);
    } catch {
      this.#error ??= `bytes that are not UTF-8 before ${this.#offset}`;
      return '';
    }
  }

  align(alignment: number): void {
    this.#take(-this.#offset & (alignment - 1));
  }

  skip(count: number): void {
    this.#take(count);
  }
}
