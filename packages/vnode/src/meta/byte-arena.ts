/**
 * Bytes of many small values, one after the other, found by offset: names and tags of tables without an
 * object each. Values are never changed in place; what is replaced is garbage until the owner copies what
 * lives into a new arena.
 */
export class ByteArena {
  #bytes = new Uint8Array(1024);
  #end = 0;

  /** Bytes used. */
  get end(): number {
    return this.#end;
  }

  /** Bytes of memory held. */
  get byteSize(): number {
    return this.#bytes.byteLength;
  }

  /** Stores a value; returns its offset. */
  add(value: Uint8Array): number {
    const at = this.#end;
    const needed = at + value.length;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, Math.ceil(this.#bytes.length * 1.5)));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    this.#bytes.set(value, at);
    this.#end = needed;
    return at;
  }

  /** A value, as a view that stays valid (an arena that grows leaves the old bytes as they were). */
  view(at: number, length: number): Uint8Array {
    return this.#bytes.subarray(at, at + length);
  }
}
