/**
 * The submit groups of one memory table, taken apart into numbers: no object is kept per group, only its
 * buffer (shared by many groups), its layout (shared by nearly all) and the places of its columns.
 *
 * Invariants: groups are numbered 0, 1, 2, … as they come and never change; column data start at multiples
 * of 8 in their buffer, so one view per buffer and width serves all groups in it.
 */
import type { ColumnForm, SqlType, SubmitGroup } from '@tdnode/common';
import { grownInt32, grownUint32 } from './grow.ts';
import type { KnownStretch } from './run-stats.ts';

/** Columns of a group, shared by all groups that have the same. The time column is `columns[0]`. */
export interface Layout {
  readonly schemaVersion: number;
  readonly colIds: readonly number[];
  readonly types: readonly SqlType[];
  readonly forms: readonly ColumnForm[];
}

/** Views of every width over one buffer, made when first asked for. */
export class BufferViews {
  readonly buffer: ArrayBufferLike;
  readonly #bytes: number;
  #i8: Int8Array | undefined = undefined;
  #u8: Uint8Array | undefined = undefined;
  #i16: Int16Array | undefined = undefined;
  #u16: Uint16Array | undefined = undefined;
  #i32: Int32Array | undefined = undefined;
  #u32: Uint32Array | undefined = undefined;
  #f32: Float32Array | undefined = undefined;
  #f64: Float64Array | undefined = undefined;
  #i64: BigInt64Array | undefined = undefined;

  constructor(buffer: ArrayBufferLike) {
    this.buffer = buffer;
    this.#bytes = buffer.byteLength;
  }

  get i8(): Int8Array {
    return (this.#i8 ??= new Int8Array(this.buffer));
  }

  get u8(): Uint8Array {
    return (this.#u8 ??= new Uint8Array(this.buffer));
  }

  get i16(): Int16Array {
    return (this.#i16 ??= new Int16Array(this.buffer, 0, this.#bytes >> 1));
  }

  get u16(): Uint16Array {
    return (this.#u16 ??= new Uint16Array(this.buffer, 0, this.#bytes >> 1));
  }

  get i32(): Int32Array {
    return (this.#i32 ??= new Int32Array(this.buffer, 0, this.#bytes >> 2));
  }

  get u32(): Uint32Array {
    return (this.#u32 ??= new Uint32Array(this.buffer, 0, this.#bytes >> 2));
  }

  get f32(): Float32Array {
    return (this.#f32 ??= new Float32Array(this.buffer, 0, this.#bytes >> 2));
  }

  get f64(): Float64Array {
    return (this.#f64 ??= new Float64Array(this.buffer, 0, this.#bytes >> 3));
  }

  get i64(): BigInt64Array {
    return (this.#i64 ??= new BigInt64Array(this.buffer, 0, this.#bytes >> 3));
  }
}

/** Stretches begin before this row of their group. */
export const STRETCH_ROWS = 2 ** 24;

/** Fields of a group's record. */
const BUFFER = 0;
const LAYOUT = 1;
const ROWS = 2;
const FIRST_COLUMN = 3;
const RECORD = 4;

/** See the head of this file. */
export class GroupPool {
  readonly #buffers: BufferViews[] = [];
  readonly #layouts: Layout[] = [];
  readonly #located = new Map<number, Int32Array>();
  readonly #layoutsByHash = new Map<number, number[]>();
  /** Per group: buffer, layout, rows, first column; side by side, since scans of small groups need them all. */
  #records = new Int32Array(64 * RECORD);
  #columnAt = new Uint32Array(256);
  #groups = 0;
  #columns = 0;
  /** By number of the column among all groups' columns, and row; few, see `run-stats.ts`. */
  readonly #stretches = new Map<number, KnownStretch>();

  /** Bytes of memory that a group costs besides its own. */
  static overheadBytes(group: SubmitGroup): number {
    return RECORD * 4 + group.columns.length * 4;
  }

  /** Takes a group; returns its number. */
  add(group: SubmitGroup): number {
    const id = this.#groups++;
    const record = id * RECORD;
    if (record === this.#records.length) this.#records = grownInt32(this.#records, record + RECORD);
    const columns = group.columns;
    const first = this.#columns;
    this.#columns = first + columns.length;
    if (this.#columns > this.#columnAt.length)
      this.#columnAt = grownUint32(this.#columnAt, this.#columns);
    for (let i = 0; i < columns.length; i++) this.#columnAt[first + i] = columns[i]!.byteOffset;
    this.#records[record + BUFFER] = this.#internBuffer(group.buffer);
    this.#records[record + LAYOUT] = this.#internLayout(group);
    this.#records[record + ROWS] = group.rows;
    this.#records[record + FIRST_COLUMN] = first;
    return id;
  }

  /** Where a column stands in each layout there is by now, -1 where it is missing; by number of the layout. */
  locate(colId: number): Int32Array {
    const known = this.#located.get(colId);
    if (known !== undefined && known.length === this.#layouts.length) return known;
    const located = Int32Array.from(this.#layouts, (layout) => layout.colIds.indexOf(colId));
    this.#located.set(colId, located);
    return located;
  }

  layout(layoutId: number): Layout {
    return this.#layouts[layoutId]!;
  }

  /** Number of a group's layout. */
  layoutId(group: number): number {
    return this.#records[group * RECORD + LAYOUT]!;
  }

  views(group: number): BufferViews {
    return this.#buffers[this.#records[group * RECORD + BUFFER]!]!;
  }

  /** Rows of the whole group. */
  rows(group: number): number {
    return this.#records[group * RECORD + ROWS]!;
  }

  /** Where column `column` of the group's layout starts, bytes from the start of its buffer. */
  columnAt(group: number, column: number): number {
    return this.#columnAt[this.#records[group * RECORD + FIRST_COLUMN]! + column]!;
  }

  /** Time of one row. */
  ts(group: number, row: number): number {
    return this.views(group).f64[this.columnAt(group, 0) / 8 + row]!;
  }

  /** What is known of the rows from `from` on of a column, if anything. */
  stretch(group: number, column: number, from: number): KnownStretch | undefined {
    return this.#stretches.get(this.#stretchKey(group, column, from));
  }

  keepStretch(group: number, column: number, from: number, known: KnownStretch): void {
    this.#stretches.set(this.#stretchKey(group, column, from), known);
  }

  #stretchKey(group: number, column: number, from: number): number {
    return (this.#records[group * RECORD + FIRST_COLUMN]! + column) * STRETCH_ROWS + from;
  }

  #internBuffer(buffer: ArrayBufferLike): number {
    const last = this.#buffers.length - 1;
    if (last >= 0 && this.#buffers[last]!.buffer === buffer) return last;
    return this.#buffers.push(new BufferViews(buffer)) - 1;
  }

  #internLayout(group: SubmitGroup): number {
    let hash = group.schemaVersion;
    for (const column of group.columns) {
      hash = (Math.imul(hash, 31) + (column.colId << 8) + (column.type << 2) + column.form) | 0;
    }
    const candidates = this.#layoutsByHash.get(hash);
    if (candidates !== undefined) {
      for (const id of candidates) if (isLayoutOf(this.#layouts[id]!, group)) return id;
    }
    const id =
      this.#layouts.push({
        schemaVersion: group.schemaVersion,
        colIds: group.columns.map((column) => column.colId),
        types: group.columns.map((column) => column.type),
        forms: group.columns.map((column) => column.form),
      }) - 1;
    if (candidates === undefined) this.#layoutsByHash.set(hash, [id]);
    else candidates.push(id);
    return id;
  }
}

function isLayoutOf(layout: Layout, group: SubmitGroup): boolean {
  const columns = group.columns;
  if (layout.schemaVersion !== group.schemaVersion || layout.colIds.length !== columns.length)
    return false;
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]!;
    if (layout.colIds[i] !== column.colId || layout.types[i] !== column.type) return false;
    if (layout.forms[i] !== column.form) return false;
  }
  return true;
}
