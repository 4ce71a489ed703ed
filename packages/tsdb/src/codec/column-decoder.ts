/**
 * Decodes one column of one block into a scratch. The bytes have been checked (CRC-32) by whoever read them; what
 * is still impossible here is reported by `UnknownEncoding`, which the segment reader turns into a corruption.
 */
import { inflateRawSync } from 'node:zlib';
import { SqlType } from '@tdnode/common';
import type { Vector } from '@tdnode/common';
import { AlignedBytes } from './aligned-bytes.ts';
import { COLUMN_HEADER, Encoding, FLAG_DEFLATED, FLAG_INT64, FLAG_NULLS } from './column-format.ts';
import type { ColumnScratch } from './column-scratch.ts';
import { unscaleDoubles, unscaler } from './decimals.ts';
import { bitmapBytes, restoreNulls } from './nulls.ts';
import { readPackedValues } from './packed-values.ts';
import { readPlain, readPlainWide } from './plain.ts';
import { readDictionary, readStrings } from './strings.ts';
import { readWide } from './wide-integers.ts';
import { readLane } from './xor.ts';

/** A column that no version of this code wrote. */
export class UnknownEncoding extends Error {
  override readonly name = 'UnknownEncoding';
}

/** What the index knows of a column. */
export interface ColumnShape {
  readonly type: SqlType;
  readonly rows: number;
  readonly nullCount: number;
}

/** Decodes the column at `at`, a multiple of 8. The vector lives in `scratch`. */
export function decodeColumn(
  source: AlignedBytes,
  at: number,
  shape: ColumnShape,
  scratch: ColumnScratch,
): Vector {
  if ((source.bytes[at + 1]! & FLAG_DEFLATED) !== 0) {
    return decodeColumn(inflate(source, at), 0, shape, scratch);
  }
  if (shape.type === SqlType.BINARY || shape.type === SqlType.NCHAR) {
    return decodeStrings(source, at, shape, scratch);
  }
  if ((source.bytes[at + 1]! & FLAG_INT64) !== 0) {
    return decodeInt64(source, at, shape, scratch);
  }
  const data = scratch.f64(shape.rows);
  const { type, rows, nullCount } = shape;
  decodeDoubles(source, at, { type, rows, nullCount, data }, scratch);
  return { kind: 'f64', data, nullCount: shape.nullCount };
}

function inflate(source: AlignedBytes, at: number): AlignedBytes {
  const from = at + COLUMN_HEADER;
  const size = source.words[from >> 2]!;
  const deflated = source.words[(from >> 2) + 1]!;
  const whole = new AlignedBytes(COLUMN_HEADER + size);
  const body = inflateRawSync(source.bytes.subarray(from + 8, from + 8 + deflated), {
    maxOutputLength: Math.max(1, size),
  });
  whole.bytes.set(source.bytes.subarray(at, from));
  whole.bytes[1]! &= ~FLAG_DEFLATED;
  whole.bytes.set(body, COLUMN_HEADER);
  return whole;
}

/** Decodes to doubles with NaN for NULL. */
function decodeDoubles(
  source: AlignedBytes,
  at: number,
  to: ColumnShape & { readonly data: Float64Array },
  scratch: ColumnScratch,
): void {
  const { rows, data } = to;
  const nullsAt = at + COLUMN_HEADER;
  const hasNulls = (source.bytes[at + 1]! & FLAG_NULLS) !== 0;
  const bodyAt = hasNulls ? nullsAt + bitmapBytes(rows) : nullsAt;
  const encoding = source.bytes[at]!;
  switch (encoding) {
    case Encoding.ALL_NULL:
      data.fill(NaN, 0, rows);
      return;
    case Encoding.LINEAR:
      fillLinear(data, rows, source.doubles[bodyAt >> 3]!, source.doubles[(bodyAt >> 3) + 1]!);
      return;
    case Encoding.PLAIN:
      readPlain(source, bodyAt, data, to);
      break;
    case Encoding.PACKED:
      readPackedValues(source, bodyAt, { rows, out: data, by: 1, isFloat: false });
      break;
    case Encoding.WIDE:
      readWide(source, bodyAt, data, wideScratch(scratch, rows));
      break;
    case Encoding.SCALED:
    case Encoding.SCALED_WIDE:
      decodeScaled(source, { at, bodyAt }, to, scratch);
      break;
    case Encoding.XOR:
      decodeXor(source, bodyAt, to, scratch);
      break;
    default:
      throw new UnknownEncoding(`encoding ${encoding} of a numeric column`);
  }
  if (hasNulls) restoreNulls(source, nullsAt, data, rows);
}

function fillLinear(out: Float64Array, rows: number, first: number, step: number): void {
  if (step === 0) out.fill(first, 0, rows);
  else for (let i = 0; i < rows; i++) out[i] = first + i * step;
}

function wideScratch(scratch: ColumnScratch, rows: number) {
  return { rows, low: scratch.i32(rows), high: scratch.i32High(rows) };
}

function decodeScaled(
  source: AlignedBytes,
  { at, bodyAt }: { readonly at: number; readonly bodyAt: number },
  to: ColumnShape & { readonly data: Float64Array },
  scratch: ColumnScratch,
): void {
  const { rows, data } = to;
  const places = source.bytes[at + 2]!;
  const isFloat = to.type === SqlType.FLOAT;
  let end: number;
  if (source.bytes[at] === Encoding.SCALED) {
    const by = unscaler(places, isFloat);
    end = readPackedValues(source, bodyAt, { rows, out: data, by, isFloat });
  } else {
    end = readWide(source, bodyAt, data, wideScratch(scratch, rows));
    unscaleDoubles(data, rows, places, isFloat);
  }
  const count = source.words[(at >> 2) + 1]!;
  if (count === 0) return;
  const positions = new Uint16Array(source.bytes.buffer, end, count);
  const values = ((end + 2 * count + 7) & ~7) >> 3;
  for (let i = 0; i < count; i++) data[positions[i]!] = source.doubles[values + i]!;
}

function decodeXor(
  source: AlignedBytes,
  at: number,
  to: ColumnShape & { readonly data: Float64Array },
  scratch: ColumnScratch,
): void {
  const { rows, data } = to;
  if (to.type !== SqlType.FLOAT) return decodeLanes(source, at, data, { rows, scratch });
  const words = scratch.i32High(rows);
  const work = scratch.i32(rows);
  readLane(source, at, { words, offset: 0, stride: 1 }, { rows, work });
  data.set(new Float32Array(words.buffer, 0, rows));
}

function decodeLanes(
  source: AlignedBytes,
  at: number,
  out: Float64Array | BigInt64Array,
  shape: { readonly rows: number; readonly scratch: ColumnScratch },
): void {
  const { rows, scratch } = shape;
  const words = new Int32Array(out.buffer, out.byteOffset, 2 * rows);
  const work = scratch.i32(rows);
  const next = readLane(source, at, { words, offset: 0, stride: 2 }, { rows, work });
  readLane(source, next, { words, offset: 1, stride: 2 }, { rows, work });
}

function decodeInt64(
  source: AlignedBytes,
  at: number,
  shape: ColumnShape,
  scratch: ColumnScratch,
): Vector {
  const data = scratch.i64(shape.rows);
  const encoding = source.bytes[at]!;
  if (encoding === Encoding.PLAIN) {
    readPlainWide(source, at + COLUMN_HEADER, data, shape.rows);
  } else if (encoding === Encoding.XOR) {
    decodeLanes(source, at + COLUMN_HEADER, data, { rows: shape.rows, scratch });
  } else {
    throw new UnknownEncoding(`encoding ${encoding} of 64-bit integers`);
  }
  return {
    kind: 'i64',
    data,
    unsigned: shape.type === SqlType.UBIGINT,
    nullCount: shape.nullCount,
  };
}

function decodeStrings(
  source: AlignedBytes,
  at: number,
  shape: ColumnShape,
  scratch: ColumnScratch,
): Vector {
  const { rows } = shape;
  const nullsAt = at + COLUMN_HEADER;
  const hasNulls = (source.bytes[at + 1]! & FLAG_NULLS) !== 0;
  const bodyAt = hasNulls ? nullsAt + bitmapBytes(rows) : nullsAt;
  const offsets = scratch.offsets(rows);
  const encoding = source.bytes[at]!;
  if (encoding === Encoding.ALL_NULL) {
    offsets.fill(0, 0, rows + 1);
    const nulls = scratch.nulls(bitmapBytes(rows)).fill(0xff);
    return { kind: 'str', offsets, bytes: scratch.bytes(0), nulls, nullCount: rows };
  }
  const count = source.words[(at >> 2) + 1]!;
  const target = {
    rows,
    offsets,
    work: scratch.i32(rows),
    bytes: (size: number) => scratch.bytes(size),
  };
  let bytes: Uint8Array;
  if (encoding === Encoding.STRINGS) bytes = readStrings(source, bodyAt, target);
  else if (encoding === Encoding.DICTIONARY) bytes = readDictionary(source, bodyAt, count, target);
  else throw new UnknownEncoding(`encoding ${encoding} of a string column`);
  let nulls: Uint8Array | undefined;
  if (hasNulls) {
    nulls = scratch.nulls(bitmapBytes(rows));
    nulls.set(source.bytes.subarray(nullsAt, bodyAt));
  }
  return { kind: 'str', offsets, bytes, nulls, nullCount: shape.nullCount };
}
