/**
 * Values at their native widths, little-endian: what costs nothing to undo. NULL slots of FLOAT and DOUBLE are NaN,
 * those of other types hold anything (the null bitmap counts).
 */
import { SqlType, assert, typeWidth } from '@tdnode/common';
import type { AlignedBytes } from './aligned-bytes.ts';

type NativeArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array;

/** A view of the type's width over `rows` values at `at`; 64-bit integers as BigInt64Array. */
function nativeView(
  memory: ArrayBuffer,
  at: number,
  shape: { readonly type: SqlType; readonly rows: number },
): NativeArray {
  const { type, rows } = shape;
  switch (type) {
    case SqlType.BOOL:
    case SqlType.TINYINT:
      return new Int8Array(memory, at, rows);
    case SqlType.UTINYINT:
      return new Uint8Array(memory, at, rows);
    case SqlType.SMALLINT:
      return new Int16Array(memory, at, rows);
    case SqlType.USMALLINT:
      return new Uint16Array(memory, at, rows);
    case SqlType.INT:
      return new Int32Array(memory, at, rows);
    case SqlType.UINT:
      return new Uint32Array(memory, at, rows);
    case SqlType.FLOAT:
      return new Float32Array(memory, at, rows);
    case SqlType.DOUBLE:
      return new Float64Array(memory, at, rows);
    case SqlType.BIGINT:
    case SqlType.UBIGINT:
    case SqlType.TIMESTAMP:
      return new BigInt64Array(memory, at, rows);
    case SqlType.BINARY:
    case SqlType.NCHAR:
      break;
  }
  throw new TypeError(`type ${type} has no native width`);
}

/** Bytes of a plain body. */
export function plainBytes(type: SqlType, rows: number): number {
  return typeWidth(type) * rows;
}

/** Appends doubles at the type's native width; 64-bit integers must lie within ±2⁵³. */
export function appendPlain(
  out: AlignedBytes,
  values: Float64Array,
  rows: number,
  type: SqlType,
): void {
  const size = plainBytes(type, rows);
  out.reserve(size + 8);
  const view = nativeView(out.bytes.buffer, out.size, { type, rows });
  if (view instanceof BigInt64Array) {
    const words = new Int32Array(out.bytes.buffer, out.size, 2 * rows);
    for (let i = 0; i < rows; i++) {
      words[2 * i] = values[i]! | 0;
      words[2 * i + 1] = Math.floor(values[i]! / 2 ** 32);
    }
  } else {
    view.set(values.subarray(0, rows));
  }
  out.size += size;
  out.align();
}

/** Appends 64-bit integers as they are. */
export function appendPlainWide(out: AlignedBytes, values: BigInt64Array, rows: number): void {
  out.reserve(8 * rows);
  new BigInt64Array(out.bytes.buffer, out.size, rows).set(values.subarray(0, rows));
  out.size += 8 * rows;
}

/** Reads values as doubles. */
export function readPlain(
  source: AlignedBytes,
  at: number,
  out: Float64Array,
  shape: { readonly type: SqlType; readonly rows: number },
): void {
  const view = nativeView(source.bytes.buffer, at, shape);
  if (view instanceof BigInt64Array) {
    const words = new Int32Array(source.bytes.buffer, at, 2 * shape.rows);
    for (let i = 0; i < shape.rows; i++) {
      out[i] = words[2 * i + 1]! * 2 ** 32 + (words[2 * i]! >>> 0);
    }
  } else {
    out.set(view);
  }
}

/** Reads 64-bit integers as they are. */
export function readPlainWide(
  source: AlignedBytes,
  at: number,
  out: BigInt64Array,
  rows: number,
): void {
  assert(out.length >= rows, 'room for the rows');
  out.set(new BigInt64Array(source.bytes.buffer, at, rows));
}
