/**
 * Reusable memory for one decoded column. A vector decoded into a scratch holds until the next decode into
 * the same scratch; so a cursor keeps one scratch per column it hands out.
 */
export class ColumnScratch {
  #f64 = new Float64Array(0);
  #i64 = new BigInt64Array(0);
  #offsets = new Uint32Array(0);
  #bytes = new Uint8Array(0);
  #nulls = new Uint8Array(0);
  #i32 = new Int32Array(0);
  #i32High = new Int32Array(0);

  /** At least `rows` doubles. */
  f64(rows: number): Float64Array {
    if (this.#f64.length < rows) this.#f64 = new Float64Array(rounded(rows));
    return this.#f64;
  }

  /** At least `rows` 64-bit integers. */
  i64(rows: number): BigInt64Array {
    if (this.#i64.length < rows) this.#i64 = new BigInt64Array(rounded(rows));
    return this.#i64;
  }

  /** Working memory of the decoders. */
  i32(rows: number): Int32Array<ArrayBuffer> {
    if (this.#i32.length < rows) this.#i32 = new Int32Array(rounded(rows));
    return this.#i32;
  }

  /** Working memory of the decoders. */
  i32High(rows: number): Int32Array<ArrayBuffer> {
    if (this.#i32High.length < rows) this.#i32High = new Int32Array(rounded(rows));
    return this.#i32High;
  }

  /** At least `rows` + 1 offsets. */
  offsets(rows: number): Uint32Array {
    if (this.#offsets.length <= rows) this.#offsets = new Uint32Array(rounded(rows + 1));
    return this.#offsets;
  }

  /** At least `size` bytes. */
  bytes(size: number): Uint8Array {
    if (this.#bytes.length < size) this.#bytes = new Uint8Array(rounded(size));
    return this.#bytes;
  }

  /** At least `size` bytes for a null bitmap. */
  nulls(size: number): Uint8Array {
    if (this.#nulls.length < size) this.#nulls = new Uint8Array(rounded(size));
    return this.#nulls;
  }
}

/** At least 4096, so that blocks of usual sizes never grow it a second time. */
function rounded(size: number): number {
  let capacity = 4096;
  while (capacity < size) capacity *= 2;
  return capacity;
}
