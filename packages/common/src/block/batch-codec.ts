/**
 * Batches on the wire: how results of a fragment travel from an engine (or another dnode) to the
 * coordinator. Page: docs/protocol/batch.md.
 *
 *   batch  := u32 rows  u32 columns  column[columns]           every column starts at a multiple of 8
 *   column := u8 kind (0 f64, 1 i64, 2 i64 unsigned, 3 str)  u8 hasNulls (str)  u16 0  i32 nullCount
 *             f64, i64: rows × 8 bytes
 *             str: u32 byteLength  u32 0  u32 offsets[rows + 1] (padded to 8)  nulls[ceil(rows / 8)] (padded to 8, if hasNulls)  bytes (padded to 8)
 */
import type { Batch, StrVector, Vector } from './vector.ts';

const pad8 = (n: number): number => (n + 7) & ~7;

/** Encodes a batch into a buffer of its own, ready to be transferred. */
export function encodeBatch(batch: Batch): Uint8Array<ArrayBuffer> {
  let size = 8;
  for (const column of batch.columns) size += columnBytes(column, batch.rows);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, batch.rows, true);
  view.setUint32(4, batch.columns.length, true);
  let at = 8;
  for (const column of batch.columns) at = writeColumn(bytes, view, at, column, batch.rows);
  return bytes;
}

function columnBytes(column: Vector, rows: number): number {
  if (column.kind !== 'str') return 8 + rows * 8;
  const nulls = column.nulls === undefined ? 0 : pad8((rows + 7) >> 3);
  const length = column.offsets[rows]! - column.offsets[0]!;
  return 16 + pad8((rows + 1) * 4) + nulls + pad8(length);
}

function writeColumn(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  column: Vector,
  rows: number,
): number {
  view.setInt32(at + 4, column.nullCount, true);
  if (column.kind === 'str') return writeStrings(bytes, view, at, column, rows);
  bytes[at] = column.kind === 'f64' ? 0 : column.unsigned ? 2 : 1;
  const data = column.data;
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, rows * 8), at + 8);
  return at + 8 + rows * 8;
}

function writeStrings(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  column: StrVector,
  rows: number,
): number {
  const base = column.offsets[0]!;
  const length = column.offsets[rows]! - base;
  bytes[at] = 3;
  bytes[at + 1] = column.nulls === undefined ? 0 : 1;
  view.setUint32(at + 8, length, true);
  let to = at + 16;
  for (let i = 0; i <= rows; i++) view.setUint32(to + i * 4, column.offsets[i]! - base, true);
  to += pad8((rows + 1) * 4);
  if (column.nulls !== undefined) {
    const count = (rows + 7) >> 3;
    bytes.set(column.nulls.subarray(0, count), to);
    to += pad8(count);
  }
  bytes.set(column.bytes.subarray(base, base + length), to);
  return to + pad8(length);
}

/**
 * Decodes a batch as views into `bytes`, which must start at a multiple of 8 in its ArrayBuffer. The
 * sender is one of us and the transport checks integrity: a malformed batch throws RangeError.
 */
export function decodeBatch(bytes: Uint8Array): Batch {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows = view.getUint32(0, true);
  const count = view.getUint32(4, true);
  const columns: Vector[] = [];
  let at = 8;
  for (let i = 0; i < count; i++) {
    const kind = bytes[at]!;
    const nullCount = view.getInt32(at + 4, true);
    const start = bytes.byteOffset + at;
    if (kind === 3) {
      const length = view.getUint32(at + 8, true);
      const hasNulls = bytes[at + 1] === 1;
      const nullsAt = start + 16 + pad8((rows + 1) * 4);
      const nullBytes = (rows + 7) >> 3;
      const bytesAt = nullsAt + (hasNulls ? pad8(nullBytes) : 0);
      columns.push({
        kind: 'str',
        offsets: new Uint32Array(bytes.buffer, start + 16, rows + 1),
        nulls: hasNulls ? new Uint8Array(bytes.buffer, nullsAt, nullBytes) : undefined,
        bytes: new Uint8Array(bytes.buffer, bytesAt, length),
        nullCount,
      });
      at = bytesAt - bytes.byteOffset + pad8(length);
    } else {
      if (kind === 0) {
        columns.push({
          kind: 'f64',
          data: new Float64Array(bytes.buffer, start + 8, rows),
          nullCount,
        });
      } else {
        const data = new BigInt64Array(bytes.buffer, start + 8, rows);
        columns.push({ kind: 'i64', data, unsigned: kind === 2, nullCount });
      }
      at += 8 + rows * 8;
    }
  }
  return { rows, columns };
}
