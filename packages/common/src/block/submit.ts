/**
 * The submit payload: rows as columns, from the insert parser through the log and the replicas into the
 * memory table, without being taken apart. Page: docs/format/submit.md.
 *
 * A payload is a sequence of groups; a group holds rows of one schema (all child tables of one stable, or
 * one normal table) with the same set of columns:
 *
 *   group := u32 groupBytes (whole group, multiple of 8)   u32 rows   u32 segments   u16 columns   u16 schemaVersion
 *            f64 schemaUid (stable's uid for child tables, else the table's own)
 *            f64 uid[segments]                      which table each segment belongs to
 *            f64 tsMin, f64 tsMax                   over all rows, stored times (stored-time.ts)
 *            u32 rowFrom[segments + 1]  (padded to 8)   rows of segment i are [rowFrom[i], rowFrom[i + 1])
 *            directory: columns × { u16 colId, u8 type, u8 form, u32 offset, u32 byteLength }  (padded to 8)
 *            column data, each starting at a multiple of 8 from the group's start
 *
 *   form 0: native width, NULL is the type's reserved value. BINARY, NCHAR: u32 offsets[rows + 1],
 *           u8 nulls[ceil(rows / 8)], bytes (UTF-8; `offsets` count from the first of these bytes).
 *   form 1: 64-bit integers as doubles (all values within ±2⁵³); NULL is NaN.
 *
 * Invariants: column 0 is the time column in form 1 without NULL; the rows of a segment are strictly
 * ascending by time (the parser sorts and drops duplicates, first row wins); no segment is empty; a
 * payload starts at a multiple of 8 in its ArrayBuffer. A column that is not in the directory is NULL in
 * every row.
 */
import { assert } from '../errors/assert.ts';
import type { SqlType } from '../types/sql-type.ts';

/** Bytes of a group before the uids of its segments. */
export const SUBMIT_GROUP_HEADER_BYTES = 40;
/** Bytes of one column in the directory. */
export const SUBMIT_DIRECTORY_ENTRY_BYTES = 12;

/** How a column's data is laid out: the page's forms. */
export const ColumnForm = { NATIVE: 0, WIDE_AS_DOUBLE: 1 } as const;
/** One of the forms. */
export type ColumnForm = (typeof ColumnForm)[keyof typeof ColumnForm];

/** Where one column of a group lies. */
export interface SubmitColumn {
  readonly colId: number;
  readonly type: SqlType;
  readonly form: ColumnForm;
  /** Bytes from the start of the underlying ArrayBuffer; a multiple of 8. */
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** A group as views into the payload's buffer; nothing is copied. */
export interface SubmitGroup {
  readonly buffer: ArrayBufferLike;
  readonly rows: number;
  readonly segments: number;
  readonly schemaUid: number;
  readonly schemaVersion: number;
  readonly tsMin: number;
  readonly tsMax: number;
  /** Table of each segment. */
  readonly uids: Float64Array;
  /** segments + 1 row numbers. */
  readonly rowFrom: Uint32Array;
  /** Stored time of each row. */
  readonly ts: Float64Array;
  /** All columns, the time column first. */
  readonly columns: readonly SubmitColumn[];
  /** Bytes of the whole group. */
  readonly byteLength: number;
}

const pad8 = (n: number): number => (n + 7) & ~7;

/** Bytes of a group before its first column's data. */
export function submitPrefixBytes(segments: number, columns: number): number {
  return (
    SUBMIT_GROUP_HEADER_BYTES +
    segments * 8 +
    pad8((segments + 1) * 4) +
    pad8(columns * SUBMIT_DIRECTORY_ENTRY_BYTES)
  );
}

/**
 * Reads the groups of a payload. The caller has checked the record's checksum: a malformed payload is a
 * programmer's error. `payload.byteOffset` must be a multiple of 8.
 */
export function readSubmit(payload: Uint8Array): SubmitGroup[] {
  assert(payload.byteOffset % 8 === 0, 'a submit payload starts at a multiple of 8');
  const groups: SubmitGroup[] = [];
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  for (let at = 0; at < payload.length;) {
    const group = readGroup(view, payload, at);
    groups.push(group);
    at += group.byteLength;
  }
  return groups;
}

function readGroup(view: DataView, payload: Uint8Array, at: number): SubmitGroup {
  const byteLength = view.getUint32(at, true);
  assert(
    byteLength >= SUBMIT_GROUP_HEADER_BYTES && at + byteLength <= payload.length,
    'group within payload',
  );
  const rows = view.getUint32(at + 4, true);
  const segments = view.getUint32(at + 8, true);
  const columnCount = view.getUint16(at + 12, true);
  const start = payload.byteOffset + at;
  const uidsAt = SUBMIT_GROUP_HEADER_BYTES;
  const rowFromAt = uidsAt + segments * 8;
  const directoryAt = rowFromAt + pad8((segments + 1) * 4);
  const columns: SubmitColumn[] = [];
  for (let i = 0; i < columnCount; i++) {
    const entry = at + directoryAt + i * SUBMIT_DIRECTORY_ENTRY_BYTES;
    columns.push({
      colId: view.getUint16(entry, true),
      type: view.getUint8(entry + 2) as SqlType,
      form: view.getUint8(entry + 3) as ColumnForm,
      byteOffset: start + view.getUint32(entry + 4, true),
      byteLength: view.getUint32(entry + 8, true),
    });
  }
  return {
    buffer: payload.buffer,
    rows,
    segments,
    schemaVersion: view.getUint16(at + 14, true),
    schemaUid: view.getFloat64(at + 16, true),
    tsMin: view.getFloat64(at + 24, true),
    tsMax: view.getFloat64(at + 32, true),
    uids: new Float64Array(payload.buffer, start + uidsAt, segments),
    rowFrom: new Uint32Array(payload.buffer, start + rowFromAt, segments + 1),
    ts: new Float64Array(payload.buffer, columns[0]!.byteOffset, rows),
    columns,
    byteLength,
  };
}

/** What `writeSubmitGroup` lays out. Column data are native arrays (or strings), already in row order. */
export interface SubmitGroupSource {
  readonly schemaUid: number;
  readonly schemaVersion: number;
  readonly rows: number;
  /** Segments: table and number of rows each, in row order. */
  readonly uids: ArrayLike<number>;
  readonly rowCounts: ArrayLike<number>;
  readonly segments: number;
  readonly columns: readonly SubmitColumnSource[];
}

/** One column to be written: its data as the form wants it. */
export interface SubmitColumnSource {
  readonly colId: number;
  readonly type: SqlType;
  readonly form: ColumnForm;
  /** The column's data, laid out as the page says (for strings: offsets, bitmap, bytes). */
  readonly data: readonly Uint8Array[];
}

/** Bytes that `writeSubmitGroup` will take. */
export function submitGroupBytes(source: SubmitGroupSource): number {
  let bytes = submitPrefixBytes(source.segments, source.columns.length);
  for (const column of source.columns) bytes += pad8(dataBytes(column));
  return bytes;
}

function dataBytes(column: SubmitColumnSource): number {
  let bytes = 0;
  for (const part of column.data) bytes += part.length;
  return bytes;
}

/** Writes one group at `at` (a multiple of 8) of `into`; returns the offset after it. */
export function writeSubmitGroup(source: SubmitGroupSource, into: Uint8Array, at: number): number {
  const { rows, segments, columns } = source;
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  const total = submitGroupBytes(source);
  view.setUint32(at, total, true);
  view.setUint32(at + 4, rows, true);
  view.setUint32(at + 8, segments, true);
  view.setUint16(at + 12, columns.length, true);
  view.setUint16(at + 14, source.schemaVersion, true);
  view.setFloat64(at + 16, source.schemaUid, true);
  let cursor = at + SUBMIT_GROUP_HEADER_BYTES;
  for (let i = 0; i < segments; i++) view.setFloat64(cursor + i * 8, source.uids[i]!, true);
  cursor += segments * 8;
  let row = 0;
  for (let i = 0; i < segments; i++) {
    view.setUint32(cursor + i * 4, row, true);
    row += source.rowCounts[i]!;
  }
  view.setUint32(cursor + segments * 4, row, true);
  assert(row === rows, 'segments cover all rows');
  cursor += pad8((segments + 1) * 4);
  let data = cursor + pad8(columns.length * SUBMIT_DIRECTORY_ENTRY_BYTES);
  const firstData = data;
  for (const column of columns) {
    const length = dataBytes(column);
    view.setUint16(cursor, column.colId, true);
    view.setUint8(cursor + 2, column.type);
    view.setUint8(cursor + 3, column.form);
    view.setUint32(cursor + 4, data - at, true);
    view.setUint32(cursor + 8, length, true);
    cursor += SUBMIT_DIRECTORY_ENTRY_BYTES;
    let to = data;
    for (const part of column.data) {
      into.set(part, to);
      to += part.length;
    }
    data += pad8(length);
  }
  writeTimeBounds(view, at, firstData, rows);
  return at + total;
}

function writeTimeBounds(view: DataView, at: number, tsAt: number, rows: number): void {
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < rows; i++) {
    const ts = view.getFloat64(tsAt + i * 8, true);
    if (ts < min) min = ts;
    if (ts > max) max = ts;
  }
  view.setFloat64(at + 24, min, true);
  view.setFloat64(at + 32, max, true);
}
