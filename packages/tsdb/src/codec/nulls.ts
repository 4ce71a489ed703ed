/**
 * Null bitmaps: one bit a row, set where it is NULL, padded to a multiple of 8 bytes.
 */
import { NULL_BIGINT, SqlType } from '@tdnode/common';
import type { StrVector } from '@tdnode/common';
import { align8 } from './aligned-bytes.ts';
import type { AlignedBytes } from './aligned-bytes.ts';

/** Bytes of a bitmap. */
export function bitmapBytes(rows: number): number {
  return align8((rows + 7) >>> 3);
}

/** Appends the bitmap of a numeric column: NaN is NULL. */
export function appendNulls(out: AlignedBytes, values: Float64Array, rows: number): void {
  const bits = appendEmpty(out, rows);
  for (let i = 0; i < rows; i++) {
    if (values[i] !== values[i]) bits[i >> 3]! |= 1 << (i & 7);
  }
}

/** Appends the bitmap of a string column where it has any NULL; returns how many it has. */
export function appendStringNulls(out: AlignedBytes, vector: StrVector, rows: number): number {
  const { nulls } = vector;
  if (nulls === undefined) return 0;
  const start = out.size;
  const bits = appendEmpty(out, rows);
  let count = 0;
  for (let i = 0; i < rows; i++) {
    const bit = nulls[i >> 3]! & (1 << (i & 7));
    if (bit === 0) continue;
    bits[i >> 3]! |= bit;
    count++;
  }
  if (count === 0) out.size = start;
  return count;
}

/** Copies values with every NULL replaced by the value before it (at the beginning, the first after it). */
export function fillNulls(values: Float64Array, rows: number, into: Float64Array): Float64Array {
  let last = 0;
  for (let i = 0; i < rows; i++) {
    if (values[i] === values[i]) {
      last = values[i]!;
      break;
    }
  }
  for (let i = 0; i < rows; i++) {
    const value = values[i]!;
    if (value === value) last = value;
    into[i] = last;
  }
  return into;
}

/** Sets NaN where the bitmap at `at` says NULL. */
export function restoreNulls(
  source: AlignedBytes,
  at: number,
  values: Float64Array,
  rows: number,
): void {
  const { bytes } = source;
  for (let from = 0, byte = at; from < rows; from += 8, byte++) {
    const bits = bytes[byte]!;
    if (bits === 0) continue;
    for (let bit = 0; bit < 8; bit++) {
      if ((bits & (1 << bit)) !== 0) values[from + bit] = NaN;
    }
  }
}

/** How many 64-bit integers are the reserved value. */
export function nullCountOf(values: BigInt64Array, rows: number, type: SqlType): number {
  const reserved = type === SqlType.UBIGINT ? -1n : NULL_BIGINT;
  let count = 0;
  for (let i = 0; i < rows; i++) if (values[i] === reserved) count++;
  return count;
}

function appendEmpty(out: AlignedBytes, rows: number): Uint8Array {
  const size = bitmapBytes(rows);
  out.reserve(size);
  const bits = out.bytes.subarray(out.size, out.size + size).fill(0);
  out.size += size;
  return bits;
}
