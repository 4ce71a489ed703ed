/**
 * Values of one column as the bytes that stand in a statement, made once and used in turn: what a row costs is a copy
 * of a few bytes. 2.1.2's taosdemo does the like with a million prepared numbers. Each column's pool has a prime length
 * of its own, so that rows repeat only after the product of the lengths.
 */
export class CellPool {
  /** All cells, one after the other; cell i is `[offsets[i], offsets[i + 1])`. */
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
  readonly count: number;

  private constructor(bytes: Uint8Array, offsets: Uint32Array) {
    this.bytes = bytes;
    this.offsets = offsets;
    this.count = offsets.length - 1;
  }

  /** Cells of `texts`, at least one. */
  static of(texts: readonly string[]): CellPool {
    const encoded = texts.map((text) => Buffer.from(text));
    const offsets = new Uint32Array(texts.length + 1);
    encoded.forEach((cell, i) => (offsets[i + 1] = offsets[i]! + cell.length));
    return new CellPool(Buffer.concat(encoded), offsets);
  }

  /** The longest cell, in bytes. */
  get longest(): number {
    let most = 0;
    for (let i = 0; i < this.count; i++) {
      most = Math.max(most, this.offsets[i + 1]! - this.offsets[i]!);
    }
    return most;
  }

  /** Copies cell `index` to `at`; returns the byte behind it. The caller has made room. */
  copy(index: number, into: Uint8Array, at: number): number {
    const { bytes, offsets } = this;
    const end = offsets[index + 1]!;
    let to = at;
    for (let from = offsets[index]!; from < end; from++) into[to++] = bytes[from]!;
    return to;
  }
}
