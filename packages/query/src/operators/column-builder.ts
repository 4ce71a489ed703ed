/**
 * Builds one output column piece by piece out of other vectors: runs of rows, selected rows, repeated
 * constants. A numeric column stays doubles until a 64-bit vector arrives that needs more.
 */
import { isNullString, isStringType, isUnsignedType } from '@tdnode/common';
import type { SqlType, StrVector, TagValue, Vector } from '@tdnode/common';

const MIN_I64 = -(2n ** 63n);

export class ColumnBuilder {
  readonly #capacity: number;
  #rows = 0;
  #numbers: Float64Array;
  #wide: BigInt64Array | undefined;
  readonly #unsigned: boolean;
  readonly #isString: boolean;
  #strings: StringPart | undefined;

  constructor(capacity: number, type: SqlType) {
    this.#capacity = capacity;
    this.#unsigned = isUnsignedType(type);
    this.#isString = isStringType(type);
    this.#numbers = new Float64Array(this.#isString ? 0 : capacity);
  }

  get rows(): number {
    return this.#rows;
  }

  /** Bytes of string data held. */
  get byteSize(): number {
    return this.#strings?.length ?? 0;
  }

  /** Appends rows `[from, to)`. */
  appendRange(vector: Vector, from: number, to: number): void {
    if (vector.kind === 'f64' && this.#wide === undefined) {
      this.#numbers.set(vector.data.subarray(from, to), this.#rows);
      this.#rows += to - from;
      return;
    }
    for (let i = from; i < to; i++) this.appendRow(vector, i);
  }

  /** Appends the rows listed in `selection[from, to)`. */
  appendSelected(vector: Vector, selection: Uint32Array, from: number, to: number): void {
    if (vector.kind === 'f64' && this.#wide === undefined) {
      const numbers = this.#numbers;
      const data = vector.data;
      let at = this.#rows;
      for (let i = from; i < to; i++) numbers[at++] = data[selection[i]!]!;
      this.#rows = at;
      return;
    }
    for (let i = from; i < to; i++) this.appendRow(vector, selection[i]!);
  }

  appendRow(vector: Vector, row: number): void {
    switch (vector.kind) {
      case 'f64':
        this.appendNumber(vector.data[row]!);
        return;
      case 'i64':
        this.#widen()[this.#rows++] = vector.data[row]!;
        return;
      case 'str':
        this.#appendString(vector, row);
    }
  }

  appendNumber(value: number): void {
    if (this.#wide === undefined) this.#numbers[this.#rows++] = value;
    else this.#wide[this.#rows++] = value === value ? BigInt(value) : this.#nullBits();
  }

  /** Appends a tag's value, or another single value, `count` times. */
  appendValue(value: TagValue, count: number): void {
    if (this.#isString) {
      const bytes = value instanceof Uint8Array ? value : undefined;
      for (let i = 0; i < count; i++) this.#part().append(this.#rows++, bytes);
    } else if (typeof value === 'bigint') {
      const wide = this.#widen();
      for (let i = 0; i < count; i++) wide[this.#rows++] = value;
    } else {
      const number = typeof value === 'number' ? value : NaN;
      for (let i = 0; i < count; i++) this.appendNumber(number);
    }
  }

  /** The column, sharing the builder's memory until the next `reset`. */
  finish(): Vector {
    if (this.#isString) return this.#part().finish(this.#rows);
    if (this.#wide !== undefined) {
      return {
        kind: 'i64',
        data: this.#wide.subarray(0, this.#rows),
        unsigned: this.#unsigned,
        nullCount: -1,
      };
    }
    return { kind: 'f64', data: this.#numbers.subarray(0, this.#rows), nullCount: -1 };
  }

  /** Empties the builder. With `fresh` the vector handed out keeps its memory. */
  reset(fresh = false): void {
    this.#rows = 0;
    this.#wide = undefined;
    if (fresh) {
      this.#numbers = new Float64Array(this.#numbers.length);
      this.#strings = undefined;
    } else this.#strings?.reset();
  }

  #part(): StringPart {
    return (this.#strings ??= new StringPart(this.#capacity));
  }

  #appendString(vector: StrVector, row: number): void {
    const bytes = isNullString(vector, row)
      ? undefined
      : vector.bytes.subarray(vector.offsets[row], vector.offsets[row + 1]);
    this.#part().append(this.#rows++, bytes);
  }

  #nullBits(): bigint {
    return this.#unsigned ? -1n : MIN_I64;
  }

  /** Goes over to 64-bit integers, converting what is there. */
  #widen(): BigInt64Array {
    if (this.#wide !== undefined) return this.#wide;
    const wide = new BigInt64Array(this.#capacity);
    for (let i = 0; i < this.#rows; i++) {
      const value = this.#numbers[i]!;
      wide[i] = value === value ? BigInt(value) : this.#nullBits();
    }
    this.#wide = wide;
    return wide;
  }
}

/** Offsets, bytes and null bits of a growing string column. */
class StringPart {
  readonly #offsets: Uint32Array;
  readonly #nulls: Uint8Array;
  #bytes: Uint8Array = new Uint8Array(1024);
  #nullCount = 0;
  length = 0;

  constructor(capacity: number) {
    this.#offsets = new Uint32Array(capacity + 1);
    this.#nulls = new Uint8Array((capacity + 7) >> 3);
  }

  append(row: number, value: Uint8Array | undefined): void {
    if (value === undefined) {
      this.#nulls[row >> 3]! |= 1 << (row & 7);
      this.#nullCount++;
    } else {
      const end = this.length + value.length;
      if (end > this.#bytes.length) {
        const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
        grown.set(this.#bytes.subarray(0, this.length));
        this.#bytes = grown;
      }
      this.#bytes.set(value, this.length);
      this.length = end;
    }
    this.#offsets[row + 1] = this.length;
  }

  finish(rows: number): StrVector {
    return {
      kind: 'str',
      offsets: this.#offsets.subarray(0, rows + 1),
      bytes: this.#bytes.subarray(0, this.length),
      nulls: this.#nullCount > 0 ? this.#nulls : undefined,
      nullCount: this.#nullCount,
    };
  }

  reset(): void {
    this.length = 0;
    this.#nullCount = 0;
    this.#nulls.fill(0);
  }
}
