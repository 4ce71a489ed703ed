/**
 * Encodes one column of one block, and chooses the encoding: the cheapest that the values allow, by their
 * range and a sample, compared with plain by its size in bytes.
 *
 *   comp 0: ALL_NULL, LINEAR, PLAIN, STRINGS — what decodes at the speed of memory
 *   comp 1: all encodings
 *   comp 2: besides, deflate for strings and XOR where it saves a tenth; never for what scans decode by the million
 *
 * An encoder keeps its working memory; one per thread of work is enough.
 */
import { deflateRawSync } from 'node:zlib';
import { SqlType, isFloatType } from '@tdnode/common';
import type { StrVector, Vector } from '@tdnode/common';
import type { AlignedBytes } from './aligned-bytes.ts';
import { COLUMN_HEADER, Encoding, FLAG_DEFLATED, FLAG_INT64, FLAG_NULLS } from './column-format.ts';
import { DOUBLE_DECIMALS, FLOAT_DECIMALS, guessPlaces, scale } from './decimals.ts';
import type { Scaled } from './decimals.ts';
import { measure, newMeasure } from './measure.ts';
import type { Measure } from './measure.ts';
import { appendNulls, appendStringNulls, fillNulls, nullCountOf } from './nulls.ts';
import { appendPacked } from './packed-integers.ts';
import { appendPlain, appendPlainWide, plainBytes } from './plain.ts';
import { appendDictionary, appendStrings, buildDictionary } from './strings.ts';
import { WIDEST_SPREAD, appendWide } from './wide-integers.ts';
import { appendLane } from './xor.ts';

/** zlib's level: 1 to 3 differ by a few percent in size, and 1 is twice as fast. */
const DEFLATE_LEVEL = 1;
/** Deflated bytes must be at most this share of the encoded ones. */
const WORTH_DEFLATING = 0.9;
const TRIAL_BYTES = 2048;
const WORTH_XOR = 0.95;
const TWO_32 = 2 ** 32;

/** One column of a block, and how to store it. */
export interface ColumnJob {
  readonly type: SqlType;
  readonly rows: number;
  readonly comp: 0 | 1 | 2;
}

/** Encodes columns one after the other; its scratch memory is used again. */
export class ColumnEncoder {
  /** Statistics of the last encoded column: `nullCount` always, the rest only for f64 vectors. */
  readonly measured: Measure = newMeasure();
  #filled = new Float64Array(0);
  #low = new Int32Array(0);
  #high = new Int32Array(0);
  #scaled: Scaled = {
    scaled: new Float64Array(0),
    exceptions: new Uint16Array(0),
    exceptionCount: 0,
    min: 0,
    max: 0,
  };

  /** Appends the column to `out` at a multiple of 8 and ends at one. */
  encode(out: AlignedBytes, vector: Vector, job: ColumnJob): void {
    this.#grow(job.rows);
    const start = out.size;
    out.reserve(COLUMN_HEADER);
    out.doubles[start >> 3] = 0;
    out.size += COLUMN_HEADER;
    if (vector.kind === 'f64') this.#encodeDoubles(out, vector.data, job, start);
    else if (vector.kind === 'i64') this.#encodeWide(out, vector.data, job, start);
    else this.#encodeStrings(out, vector, job, start);
    if (job.comp === 2) deflateWherePays(out, start);
  }

  #encodeDoubles(out: AlignedBytes, data: Float64Array, job: ColumnJob, start: number): void {
    const { rows, type, comp } = job;
    const stats = this.measured;
    measure(data, rows, stats);
    if (stats.nullCount === rows) return setEncoding(out, start, Encoding.ALL_NULL);
    const isFloat = isFloatType(type);
    if (stats.nullCount === 0 && isLinear(data, rows, isFloat)) {
      out.reserve(16);
      out.doubles[out.size >> 3] = data[0]!;
      out.doubles[(out.size >> 3) + 1] = rows > 1 && !isFloat ? data[1]! - data[0]! : 0;
      out.size += 16;
      return setEncoding(out, start, Encoding.LINEAR);
    }
    let values = data;
    if (stats.nullCount > 0 && !(isFloat && comp === 0)) {
      out.bytes[start + 1]! |= FLAG_NULLS;
      appendNulls(out, data, rows);
      values = fillNulls(data, rows, this.#filled);
    }
    const bodyAt = out.size;
    if (comp > 0) {
      const done = isFloat
        ? this.#scaleOrXor(out, values, job, start)
        : this.#packIntegers(out, values, job, start);
      if (done && out.size - bodyAt < plainBytes(type, rows)) return;
    }
    out.size = bodyAt;
    if (stats.nullCount > 0 && isFloat) {
      // NaN is NULL in place: no bitmap.
      out.size = start + COLUMN_HEADER;
      out.bytes[start + 1]! &= ~FLAG_NULLS;
      values = data;
    }
    appendPlain(out, values, rows, type);
    setEncoding(out, start, Encoding.PLAIN);
  }

  /** False where the range is too wide for it. `out` may have grown by then. */
  #packIntegers(out: AlignedBytes, values: Float64Array, job: ColumnJob, start: number): boolean {
    const { min, max } = this.measured;
    const done = this.#appendIntegers(out, values, job.rows, { min, max });
    if (done === undefined) return false;
    setEncoding(out, start, done);
    return true;
  }

  #appendIntegers(
    out: AlignedBytes,
    values: Float64Array,
    rows: number,
    range: { readonly min: number; readonly max: number },
  ): typeof Encoding.PACKED | typeof Encoding.WIDE | undefined {
    const { min, max } = range;
    if (max - min < TWO_32) {
      const distances = this.#low;
      for (let i = 0; i < rows; i++) distances[i] = values[i]! - min;
      appendPacked(out, distances, rows, min);
      return Encoding.PACKED;
    }
    if (max - min > WIDEST_SPREAD) return undefined;
    // Works in place: on the scaled integers themselves, or on a copy of others where those would be.
    const { scaled } = this.#scaled;
    if (values !== scaled) scaled.set(values.subarray(0, rows));
    appendWide(out, scaled, rows, { low: this.#low, high: this.#high });
    return Encoding.WIDE;
  }

  #scaleOrXor(out: AlignedBytes, values: Float64Array, job: ColumnJob, start: number): boolean {
    const { rows, type } = job;
    const bodyAt = out.size;
    const plain = plainBytes(type, rows);
    if (this.#scaleDecimals(out, values, job, start) && out.size - bodyAt < plain) return true;
    out.size = bodyAt;
    out.bytes[start + 2] = 0;
    out.words[(start >> 2) + 1] = 0;
    this.#appendXor(out, values, job);
    setEncoding(out, start, Encoding.XOR);
    return out.size - bodyAt < WORTH_XOR * plain;
  }

  #scaleDecimals(out: AlignedBytes, values: Float64Array, job: ColumnJob, start: number): boolean {
    const { rows, type } = job;
    const kind = type === SqlType.FLOAT ? FLOAT_DECIMALS : DOUBLE_DECIMALS;
    const s = Object.assign(this.#scaled, { isFloat: kind.isFloat });
    let places = guessPlaces(values, rows, kind);
    // The sample may have missed values with more places: once more, from there.
    if (places >= 0 && !scale(values, rows, places, s)) {
      places = guessPlaces(values, rows, kind, places + 1);
      if (places >= 0 && !scale(values, rows, places, s)) places = -1;
    }
    if (places < 0) return false;
    const exceptions = s.exceptions.subarray(0, s.exceptionCount);
    const exceptionValues = Float64Array.from(exceptions, (row) => values[row]!);
    const done = this.#appendIntegers(out, s.scaled, rows, s);
    if (done === undefined) return false;
    out.reserve(10 * exceptions.length + 16);
    new Uint16Array(out.bytes.buffer, out.size, exceptions.length).set(exceptions);
    out.size += 2 * exceptions.length;
    out.align();
    out.doubles.set(exceptionValues, out.size >> 3);
    out.size += 8 * exceptions.length;
    out.bytes[start + 2] = places;
    out.words[(start >> 2) + 1] = exceptions.length;
    const packed = done === Encoding.PACKED;
    setEncoding(out, start, packed ? Encoding.SCALED : Encoding.SCALED_WIDE);
    return true;
  }

  #appendXor(out: AlignedBytes, values: Float64Array, job: ColumnJob): void {
    const { rows, type } = job;
    if (type === SqlType.FLOAT) {
      const words = new Int32Array(Float32Array.from(values.subarray(0, rows)).buffer);
      appendLane(out, { words, offset: 0, stride: 1 }, rows, this.#low);
    } else {
      this.#appendLanes(out, values, rows);
    }
  }

  #appendLanes(out: AlignedBytes, values: Float64Array | BigInt64Array, rows: number): void {
    const words = new Int32Array(values.buffer, values.byteOffset, 2 * rows);
    appendLane(out, { words, offset: 0, stride: 2 }, rows, this.#low);
    appendLane(out, { words, offset: 1, stride: 2 }, rows, this.#low);
  }

  /** 64-bit integers keep their bits, the reserved value of NULL among them. */
  #encodeWide(out: AlignedBytes, data: BigInt64Array, job: ColumnJob, start: number): void {
    const { rows, type, comp } = job;
    this.measured.nullCount = nullCountOf(data, rows, type);
    out.bytes[start + 1]! |= FLAG_INT64;
    const bodyAt = out.size;
    if (comp > 0) {
      this.#appendLanes(out, data, rows);
      setEncoding(out, start, Encoding.XOR);
      if (out.size - bodyAt < WORTH_XOR * 8 * rows) return;
      out.size = bodyAt;
    }
    appendPlainWide(out, data, rows);
    setEncoding(out, start, Encoding.PLAIN);
  }

  #encodeStrings(out: AlignedBytes, vector: StrVector, job: ColumnJob, start: number): void {
    const { rows, comp } = job;
    const nullCount = appendStringNulls(out, vector, rows);
    this.measured.nullCount = nullCount;
    if (nullCount === rows) {
      out.size = start + COLUMN_HEADER;
      return setEncoding(out, start, Encoding.ALL_NULL);
    }
    if (nullCount > 0) out.bytes[start + 1]! |= FLAG_NULLS;
    const dictionary = comp === 0 ? undefined : buildDictionary(vector, rows);
    if (dictionary === undefined) {
      out.words[(start >> 2) + 1] = appendStrings(out, vector, rows);
      setEncoding(out, start, Encoding.STRINGS);
    } else {
      appendDictionary(out, vector, rows, dictionary);
      out.words[(start >> 2) + 1] = dictionary.distinct;
      setEncoding(out, start, Encoding.DICTIONARY);
    }
  }

  #grow(rows: number): void {
    if (this.#low.length >= rows) return;
    const capacity = Math.max(4096, rows);
    this.#filled = new Float64Array(capacity);
    this.#low = new Int32Array(capacity);
    this.#high = new Int32Array(capacity);
    this.#scaled = {
      ...this.#scaled,
      scaled: new Float64Array(capacity),
      exceptions: new Uint16Array(capacity),
    };
  }
}

function setEncoding(out: AlignedBytes, start: number, encoding: Encoding): void {
  out.bytes[start] = encoding;
}

/** Whether value i is first + i·step in exact integers; for FLOAT and DOUBLE, whether all are the same bits. */
function isLinear(values: Float64Array, rows: number, isFloat: boolean): boolean {
  const first = values[0]!;
  if (isFloat) {
    for (let i = 1; i < rows; i++) if (!Object.is(values[i], first)) return false;
    return true;
  }
  const step = rows > 1 ? values[1]! - first : 0;
  for (let i = 1; i < rows; i++) if (values[i] !== first + i * step) return false;
  return true;
}

/** Replaces what follows the header by its deflated form where that is a tenth smaller. */
function deflateWherePays(out: AlignedBytes, start: number): void {
  const encoding = out.bytes[start]!;
  const slow =
    encoding === Encoding.STRINGS ||
    encoding === Encoding.DICTIONARY ||
    encoding === Encoding.XOR ||
    (out.bytes[start + 1]! & FLAG_INT64) !== 0;
  if (!slow) return;
  const from = start + COLUMN_HEADER;
  const size = out.size - from;
  // A try on the first bytes spares what doesn't deflate at all.
  if (size > 2 * TRIAL_BYTES) {
    const trial = out.bytes.subarray(from, from + TRIAL_BYTES);
    const tried = deflateRawSync(trial, { level: DEFLATE_LEVEL });
    if (tried.length > WORTH_DEFLATING * TRIAL_BYTES) return;
  }
  const deflated = deflateRawSync(out.bytes.subarray(from, out.size), { level: DEFLATE_LEVEL });
  if (deflated.length + 8 > WORTH_DEFLATING * size) return;
  out.words[from >> 2] = size;
  out.words[(from >> 2) + 1] = deflated.length;
  out.bytes.set(deflated, from + 8);
  out.size = from + 8 + deflated.length;
  out.align();
  out.bytes[start + 1]! |= FLAG_DEFLATED;
}
