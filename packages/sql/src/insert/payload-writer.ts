/**
 * Writes settled row groups as submit payloads (docs/format/submit.md), one a vgroup, into one reused
 * buffer. Small groups are copied by loops: for one row that is much faster than `set(subarray())`.
 */
import {
  SUBMIT_DIRECTORY_ENTRY_BYTES,
  SUBMIT_GROUP_HEADER_BYTES,
  isStringType,
  isWideType,
  submitPrefixBytes,
  typeWidth,
} from '@tdnode/common';
import type { ColumnBuffer } from './column-buffer.ts';
import type { RowGroup } from './row-group.ts';

/** What goes to one vgroup. */
export interface SubmitPart {
  readonly vgId: number;
  readonly rows: number;
  readonly tsMin: number;
  readonly tsMax: number;
  /** Ordinal of the database. */
  readonly database: number;
  /** Valid until the next parse. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** Up to this many elements a loop copies faster than a call. */
const SMALL_COPY = 48;

type Numbers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** Writes payloads; what it returned holds until it writes the next statement. */
export class PayloadWriter {
  #buffer = new ArrayBuffer(0);
  #u8 = new Uint8Array(0);
  #i8 = new Int8Array(0);
  #u16 = new Uint16Array(0);
  #i16 = new Int16Array(0);
  #u32 = new Uint32Array(0);
  #i32 = new Int32Array(0);
  #f32 = new Float32Array(0);
  #f64 = new Float64Array(0);
  #i64 = new BigInt64Array(0);
  #at = 0;
  /** Times of the group written last. */
  tsMin = NaN;
  tsMax = NaN;

  /** Begins anew with room for the groups; what was written before is gone. */
  begin(groups: readonly RowGroup[]): void {
    this.#at = 0;
    let bytes = 0;
    for (let i = 0; i < groups.length; i++) bytes += groupBytes(groups[i]!);
    if (bytes > this.#buffer.byteLength) this.#allocate(bytes + (bytes >> 2) + 4096);
  }

  /** Bytes written since `begin`. */
  get position(): number {
    return this.#at;
  }

  /** A view of what was written, valid until the next `begin`. */
  view(from: number, to: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#buffer, from, to - from);
  }

  /** Appends one group. */
  write(group: RowGroup): void {
    const start = this.#at;
    const { rows, segments, columns } = group;
    const words = this.#u32;
    const word = start >> 2;
    words[word + 1] = rows;
    words[word + 2] = segments;
    words[word + 3] = columns.length | (group.layout.schema.schema.version << 16);
    this.#f64[(start >> 3) + 2] = group.layout.schema.schemaUid;
    this.#writeTimeBounds(group, start);
    let at = start + SUBMIT_GROUP_HEADER_BYTES;
    copy(this.#f64, at >> 3, group.uids, segments);
    at += segments * 8;
    copy(words, at >> 2, group.rowFrom, segments + 1);
    if ((segments & 1) === 0) words[(at >> 2) + segments + 1] = 0;
    let entry = at + pad8((segments + 1) * 4);
    at = start + submitPrefixBytes(segments, columns.length);
    words[(at >> 2) - 1] = 0;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!;
      const length = this.#writeColumn(column, group, at);
      words[entry >> 2] = column.column.colId | (column.type << 16) | (column.form << 24);
      words[(entry >> 2) + 1] = at - start;
      words[(entry >> 2) + 2] = length;
      entry += SUBMIT_DIRECTORY_ENTRY_BYTES;
      if ((length & 7) !== 0) this.#u8.fill(0, at + length, at + pad8(length));
      at += pad8(length);
    }
    words[word] = at - start;
    this.#at = at;
  }

  #writeTimeBounds(group: RowGroup, start: number): void {
    const times = group.time.f64;
    let min = Infinity;
    let max = -Infinity;
    for (let row = 0; row < group.rows; row++) {
      const time = times[group.order === undefined ? row : group.order[row]!]!;
      if (time < min) min = time;
      if (time > max) max = time;
    }
    this.tsMin = min;
    this.tsMax = max;
    this.#f64[(start >> 3) + 3] = min;
    this.#f64[(start >> 3) + 4] = max;
  }

  /** Writes a column's data at `at`; returns its bytes. */
  #writeColumn(column: ColumnBuffer, group: RowGroup, at: number): number {
    const { rows, order } = group;
    if (isStringType(column.type)) return this.#writeStrings(column, group, at);
    const width = typeWidth(column.type);
    if (column.isBig) {
      const to = at >> 3;
      for (let row = 0; row < rows; row++)
        this.#i64[to + row] = column.i64[order === undefined ? row : order[row]!]!;
    } else {
      const from = numbersOf(column);
      const into = this.#viewOf(from);
      if (order === undefined) copy(into, at / width, from, rows);
      else for (let row = 0; row < rows; row++) into[at / width + row] = from[order[row]!]!;
    }
    return rows * width;
  }

  #writeStrings(column: ColumnBuffer, group: RowGroup, at: number): number {
    const { rows, order } = group;
    const offsets = column.u32;
    const nullsAt = at + (rows + 1) * 4;
    const nullBytes = (rows + 7) >> 3;
    const textAt = nullsAt + nullBytes;
    if (order === undefined) {
      copy(this.#u32, at >> 2, offsets, rows + 1);
      copy(this.#u8, nullsAt, column.nulls, nullBytes);
      copy(this.#u8, textAt, column.text, offsets[rows]!);
      return textAt + offsets[rows]! - at;
    }
    this.#u8.fill(0, nullsAt, textAt);
    let end = 0;
    for (let row = 0; row < rows; row++) {
      const from = order[row]!;
      if ((column.nulls[from >> 3]! >> (from & 7)) & 1)
        this.#u8[nullsAt + (row >> 3)]! |= 1 << (row & 7);
      this.#u32[(at >> 2) + row] = end;
      this.#u8.set(column.text.subarray(offsets[from], offsets[from + 1]), textAt + end);
      end += offsets[from + 1]! - offsets[from]!;
    }
    this.#u32[(at >> 2) + rows] = end;
    return textAt + end - at;
  }

  #viewOf(from: Numbers): Numbers {
    if (from instanceof Float64Array) return this.#f64;
    if (from instanceof Int32Array) return this.#i32;
    if (from instanceof Float32Array) return this.#f32;
    if (from instanceof Uint32Array) return this.#u32;
    if (from instanceof Int16Array) return this.#i16;
    if (from instanceof Uint16Array) return this.#u16;
    if (from instanceof Int8Array) return this.#i8;
    return this.#u8;
  }

  #allocate(bytes: number): void {
    const buffer = new ArrayBuffer(pad8(bytes));
    this.#buffer = buffer;
    this.#u8 = new Uint8Array(buffer);
    this.#i8 = new Int8Array(buffer);
    this.#u16 = new Uint16Array(buffer);
    this.#i16 = new Int16Array(buffer);
    this.#u32 = new Uint32Array(buffer);
    this.#i32 = new Int32Array(buffer);
    this.#f32 = new Float32Array(buffer);
    this.#f64 = new Float64Array(buffer);
    this.#i64 = new BigInt64Array(buffer);
  }
}

const pad8 = (n: number): number => (n + 7) & ~7;

/** At least the bytes that `write` will take. */
function groupBytes(group: RowGroup): number {
  const { rows, columns } = group;
  let bytes = submitPrefixBytes(group.segments, columns.length);
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]!;
    const width = isWideType(column.type) ? 8 : typeWidth(column.type);
    bytes +=
      width > 0 ? pad8(rows * width) : pad8((rows + 1) * 4 + ((rows + 7) >> 3) + column.textBytes);
  }
  return bytes;
}

/** The array that holds the column's plain numbers. */
function numbersOf(column: ColumnBuffer): Numbers {
  const { f64, i32, f32, u8, i16, i8, u16, u32 } = column;
  if (f64.length > 0) return f64;
  if (i32.length > 0) return i32;
  if (f32.length > 0) return f32;
  if (u8.length > 0) return u8;
  if (i16.length > 0) return i16;
  if (i8.length > 0) return i8;
  return u16.length > 0 ? u16 : u32;
}

function copy(into: Numbers, at: number, from: Numbers, count: number): void {
  if (count > SMALL_COPY) into.set(from.subarray(0, count), at);
  else for (let i = 0; i < count; i++) into[at + i] = from[i]!;
}
