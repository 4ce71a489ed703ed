/**
 * One column while rows are being parsed: a growable array in the type's own width, as the submit payload
 * keeps it (docs/format/submit.md). Each kind writes into an array of its own name, so that every store in
 * the row loop has one shape. 64-bit integers are doubles (form 1) until one leaves ±2⁵³; then the column
 * turns to 64-bit (form 0) and `isBig` says so.
 */
import {
  ColumnForm,
  NULL_BIGINT,
  NULL_BOOL,
  NULL_INT,
  NULL_SMALLINT,
  NULL_TINYINT,
  NULL_UBIGINT,
  NULL_UINT,
  NULL_USMALLINT,
  NULL_UTINYINT,
  SqlType,
  isStringType,
  isUnsignedType,
  isWideType,
  storedNanoseconds,
  typeWidth,
  type Column,
  type Precision,
  type TagValue,
} from '@tdnode/common';

const none = {
  u8: new Uint8Array(0),
  i8: new Int8Array(0),
  u16: new Uint16Array(0),
  i16: new Int16Array(0),
  u32: new Uint32Array(0),
  i32: new Int32Array(0),
  f32: new Float32Array(0),
  f64: new Float64Array(0),
  i64: new BigInt64Array(0),
};

/** NULL as storage has it, of the types whose arrays hold plain numbers. */
const nullOf: { readonly [T in SqlType]: number } = {
  [SqlType.BOOL]: NULL_BOOL,
  [SqlType.TINYINT]: NULL_TINYINT,
  [SqlType.SMALLINT]: NULL_SMALLINT,
  [SqlType.INT]: NULL_INT,
  [SqlType.BIGINT]: NaN,
  [SqlType.FLOAT]: NaN,
  [SqlType.DOUBLE]: NaN,
  [SqlType.BINARY]: 0,
  [SqlType.TIMESTAMP]: NaN,
  [SqlType.NCHAR]: 0,
  [SqlType.UTINYINT]: NULL_UTINYINT,
  [SqlType.USMALLINT]: NULL_USMALLINT,
  [SqlType.UINT]: NULL_UINT,
  [SqlType.UBIGINT]: NaN,
};

/** The values of one column of one group; emptied and used again. */
export class ColumnBuffer {
  readonly column: Column;
  readonly type: SqlType;
  /** Bytes of a BINARY, characters of an NCHAR. */
  readonly limit: number;
  /** The primary time column, whose NULL is 0. */
  readonly isTime: boolean;
  /** The primary time column of an 'ns' database: stored times, which are no ticks. */
  readonly isNanoseconds: boolean;
  u8 = none.u8;
  i8 = none.i8;
  u16 = none.u16;
  i16 = none.i16;
  /** UINT; of strings, the offsets. */
  u32 = none.u32;
  i32 = none.i32;
  f32 = none.f32;
  f64 = none.f64;
  i64 = none.i64;
  /** The values are in `i64`. */
  isBig = false;
  /** Bitmap of NULLs among strings. */
  nulls = none.u8;
  /** The strings, one after the other. */
  text = none.u8;
  /** Bytes of `text` in use. */
  textBytes = 0;
  #capacity = 0;

  constructor(column: Column, isTime: boolean, precision: Precision = 'ms') {
    this.column = column;
    this.type = column.type;
    this.limit = column.bytes;
    this.isTime = isTime;
    this.isNanoseconds = isTime && precision === 'ns';
  }

  get form(): ColumnForm {
    return isWideType(this.type) && !this.isBig ? ColumnForm.WIDE_AS_DOUBLE : ColumnForm.NATIVE;
  }

  /** Forgets all rows; keeps the memory. */
  reset(): void {
    this.isBig = false;
    this.textBytes = 0;
    if (isStringType(this.type)) this.nulls.fill(0);
  }

  get byteSize(): number {
    return this.#capacity * (typeWidth(this.type) + 8) + this.text.length;
  }

  /** Makes room for `rows` rows; what was written stays. */
  reserve(rows: number): void {
    if (rows <= this.#capacity) return;
    this.#capacity = rows;
    switch (this.type) {
      case SqlType.BOOL:
      case SqlType.UTINYINT:
        this.u8 = grown(this.u8, new Uint8Array(rows));
        return;
      case SqlType.TINYINT:
        this.i8 = grown(this.i8, new Int8Array(rows));
        return;
      case SqlType.SMALLINT:
        this.i16 = grown(this.i16, new Int16Array(rows));
        return;
      case SqlType.USMALLINT:
        this.u16 = grown(this.u16, new Uint16Array(rows));
        return;
      case SqlType.INT:
        this.i32 = grown(this.i32, new Int32Array(rows));
        return;
      case SqlType.UINT:
        this.u32 = grown(this.u32, new Uint32Array(rows));
        return;
      case SqlType.FLOAT:
        this.f32 = grown(this.f32, new Float32Array(rows));
        return;
      case SqlType.BINARY:
      case SqlType.NCHAR:
        this.u32 = grown(this.u32, new Uint32Array(rows + 1));
        this.nulls = grown(this.nulls, new Uint8Array((rows + 7) >> 3));
        return;
      default:
        this.f64 = grown(this.f64, new Float64Array(rows));
        if (this.isBig) this.i64 = grown(this.i64, new BigInt64Array(rows));
    }
  }

  /** Stores a value that was checked against the type. */
  set(row: number, value: TagValue): void {
    if (value === null) this.setNull(row);
    else if (typeof value === 'object') this.setText(row, value, 0, value.length);
    else if (typeof value === 'bigint' || this.isBig || this.isNanoseconds)
      this.#setWide(row, value);
    else this.setNumber(row, value);
  }

  setNumber(row: number, value: number): void {
    switch (this.type) {
      case SqlType.BOOL:
      case SqlType.UTINYINT:
        this.u8[row] = value;
        return;
      case SqlType.TINYINT:
        this.i8[row] = value;
        return;
      case SqlType.SMALLINT:
        this.i16[row] = value;
        return;
      case SqlType.USMALLINT:
        this.u16[row] = value;
        return;
      case SqlType.INT:
        this.i32[row] = value;
        return;
      case SqlType.UINT:
        this.u32[row] = value;
        return;
      case SqlType.FLOAT:
        this.f32[row] = value;
        return;
      default:
        this.f64[row] = value;
    }
  }

  setNull(row: number): void {
    if (isStringType(this.type)) {
      this.u32[row + 1] = this.u32[row]!;
      this.nulls[row >> 3]! |= 1 << (row & 7);
    } else if (this.isBig) {
      this.i64[row] = this.#bigNull();
    } else {
      this.setNumber(row, nullOf[this.type]);
    }
  }

  /** Appends a string as the value of `row`; rows come in order. */
  setText(row: number, bytes: Uint8Array, from: number, to: number): void {
    const start = this.u32[row]!;
    const end = start + to - from;
    if (end > this.text.length)
      this.text = grown(this.text, new Uint8Array(Math.max(256, end * 2)));
    const text = this.text;
    if (to - from > 64) text.set(bytes.subarray(from, to), start);
    else for (let i = from, at = start; i < to; i++, at++) text[at] = bytes[i]!;
    this.u32[row + 1] = end;
    this.textBytes = end;
  }

  /** A value of a 64-bit column that may be beyond ±2⁵³. */
  #setWide(row: number, value: number | bigint): void {
    const exact = BigInt(value);
    if (this.isTime) {
      this.f64[row] = this.isNanoseconds ? storedNanoseconds(exact) : Number(exact);
      return;
    }
    const isPlain = exact >= -MAX_PLAIN && exact <= MAX_PLAIN;
    if (!this.isBig && isPlain) {
      this.f64[row] = Number(exact);
      return;
    }
    if (!this.isBig) this.#widen(row);
    this.i64[row] = BigInt.asIntN(64, exact);
  }

  #widen(rows: number): void {
    if (this.i64.length < this.#capacity) this.i64 = new BigInt64Array(this.#capacity);
    const missing = this.#bigNull();
    for (let i = 0; i < rows; i++) {
      const value = this.f64[i]!;
      this.i64[i] = value !== value ? missing : BigInt(value);
    }
    this.isBig = true;
  }

  #bigNull(): bigint {
    return isUnsignedType(this.type) ? BigInt.asIntN(64, NULL_UBIGINT) : NULL_BIGINT;
  }
}

/** What a double holds exactly, and a larger value is not rounded to. */
const MAX_PLAIN = BigInt(Number.MAX_SAFE_INTEGER);

function grown<A extends { set(from: A): void }>(from: A, into: A): A {
  into.set(from);
  return into;
}
