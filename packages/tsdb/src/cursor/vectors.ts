/**
 * Vectors without values, parts of vectors, and vectors put together from parts (see common's `Vector`).
 */
import {
  NULL_BIGINT,
  f64Vector,
  isNullString,
  isStringType,
  type I64Vector,
  type SqlType,
  type StrVector,
  type Vector,
} from '@tdnode/common';
import type { ColumnScratch } from '../codec/column-scratch.ts';

/** Rows [from, to) of a vector. */
export interface VectorPart {
  readonly vector: Vector;
  readonly from: number;
  readonly to: number;
}

/** The reserved value of a 64-bit integer column, as bits. */
export function nullBits(unsigned: boolean): bigint {
  return unsigned ? -1n : NULL_BIGINT;
}

/** A column that is NULL in every row. */
export function nullVector(type: SqlType, rows: number, scratch: ColumnScratch): Vector {
  if (!isStringType(type)) {
    return f64Vector(scratch.f64(rows).fill(NaN, 0, rows), rows);
  }
  const bits = (rows + 7) >> 3;
  const nulls = scratch.nulls(bits).fill(255, 0, bits);
  const offsets = scratch.offsets(rows).fill(0, 0, rows + 1);
  return { kind: 'str', offsets, nulls, bytes: scratch.bytes(0), nullCount: rows };
}

/** Rows [from, to) of a vector, as a view where that is possible. */
export function sliceVector(
  vector: Vector,
  from: number,
  to: number,
  scratch: ColumnScratch,
): Vector {
  const nullCount = vector.nullCount === 0 ? 0 : -1;
  switch (vector.kind) {
    case 'f64':
      return f64Vector(vector.data.subarray(from, to), nullCount);
    case 'i64':
      return {
        kind: 'i64',
        unsigned: vector.unsigned,
        data: vector.data.subarray(from, to),
        nullCount,
      };
    case 'str':
      if (vector.nulls !== undefined)
        return concatStrings([{ vector, from, to }], to - from, scratch);
      return { ...vector, offsets: vector.offsets.subarray(from, to + 1), nullCount };
  }
}

/** The parts one after the other; `rows` is their sum. Parts are of one SQL type, but may differ in kind. */
export function concatVectors(
  parts: readonly VectorPart[],
  rows: number,
  scratch: ColumnScratch,
): Vector {
  if (isStringParts(parts)) return concatStrings(parts, rows, scratch);
  let unsigned: boolean | undefined;
  let nullCount = 0;
  for (const { vector, from, to } of parts) {
    if (vector.kind === 'i64') unsigned = vector.unsigned;
    if (vector.nullCount !== 0 && to > from) nullCount = -1;
  }
  if (unsigned !== undefined) return concatWide(parts, rows, unsigned, scratch);
  const data = scratch.f64(rows);
  let at = 0;
  for (const { vector, from, to } of parts) {
    if (vector.kind !== 'f64') continue;
    const source = vector.data;
    if (to - from > 16) data.set(source.subarray(from, to), at);
    else for (let i = from; i < to; i++) data[at + i - from] = source[i]!;
    at += to - from;
  }
  return f64Vector(data, nullCount);
}

/** A column is of strings in all parts or in none. */
function isStringParts(parts: readonly VectorPart[]): parts is readonly StrPart[] {
  return parts[0]!.vector.kind === 'str';
}

function concatWide(
  parts: readonly VectorPart[],
  rows: number,
  unsigned: boolean,
  scratch: ColumnScratch,
): I64Vector {
  const data = scratch.i64(rows);
  const missing = nullBits(unsigned);
  let at = 0;
  for (const { vector, from, to } of parts) {
    if (vector.kind === 'i64') {
      data.set(vector.data.subarray(from, to), at);
      at += to - from;
    } else if (vector.kind === 'f64') {
      for (let i = from; i < to; i++) {
        const value = vector.data[i]!;
        data[at++] = value !== value ? missing : BigInt(value);
      }
    }
  }
  return { kind: 'i64', data, unsigned, nullCount: -1 };
}

interface StrPart {
  readonly vector: StrVector;
  readonly from: number;
  readonly to: number;
}

function concatStrings(parts: readonly StrPart[], rows: number, scratch: ColumnScratch): StrVector {
  let size = 0;
  for (const { vector, from, to } of parts) size += vector.offsets[to]! - vector.offsets[from]!;
  const offsets = scratch.offsets(rows);
  const bytes = scratch.bytes(size);
  const bits = (rows + 7) >> 3;
  const nulls = scratch.nulls(bits).fill(0, 0, bits);
  let nullCount = 0;
  let row = 0;
  let end = 0;
  offsets[0] = 0;
  for (const { vector, from, to } of parts) {
    const base = vector.offsets[from]!;
    bytes.set(vector.bytes.subarray(base, vector.offsets[to]), end);
    for (let i = from; i < to; i++, row++) {
      offsets[row + 1] = end + vector.offsets[i + 1]! - base;
      if (isNullString(vector, i)) {
        nulls[row >> 3]! |= 1 << (row & 7);
        nullCount++;
      }
    }
    end = offsets[row]!;
  }
  return { kind: 'str', offsets, bytes, nulls: nullCount > 0 ? nulls : undefined, nullCount };
}
