/**
 * Which rows of an encoded column lie in a range, where the encoding lets that be told from the integers it keeps: packed
 * ones and decimals, without NULL and without exceptions. Saves making doubles that nobody else wants.
 *
 * Scaling back is monotonic, so that a range of values is a range of integers; its ends are found by scaling back.
 */
import { SqlType, isStringType } from '@tdnode/common';
import type { AlignedBytes } from './aligned-bytes.ts';
import { MINI_BLOCK, unpackBlock } from './bit-packing.ts';
import type { ColumnShape } from './column-decoder.ts';
import { COLUMN_HEADER, Encoding, FLAG_DEFLATED, FLAG_INT64, FLAG_NULLS } from './column-format.ts';
import { unscaler } from './decimals.ts';
import { readPackedHead, type PackedHead } from './packed-integers.ts';
import { rangeTesterOf } from './range-testers.ts';

/** A closed range of values; its ends may be infinite. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

/** Ends beyond this are left to whoever decodes: neighbouring integers may be the same FLOAT many times over. */
const LARGEST_END = 2 ** 31;
const LARGEST_DISTANCE = 2 ** 32 - 1;

/** Within one call only. */
const work = new Int32Array(MINI_BLOCK);

/** Sets bit `row & 31` of `bits[row >> 5]` for the rows in the range, clears the others; false: decode it instead. */
export function testColumn(
  source: AlignedBytes,
  at: number,
  shape: ColumnShape,
  range: ValueRange,
  bits: Int32Array,
): boolean {
  const { bytes, words } = source;
  const flags = bytes[at + 1]!;
  if (isStringType(shape.type) || (flags & (FLAG_DEFLATED | FLAG_INT64 | FLAG_NULLS)) !== 0) {
    return false;
  }
  const encoding = bytes[at];
  const isScaled = encoding === Encoding.SCALED && words[(at >> 2) + 1] === 0;
  if (!isScaled && encoding !== Encoding.PACKED) return false;
  const head = readPackedHead(source, at + COLUMN_HEADER, shape.rows);
  if (head.order === 2) return false;
  const isFloat = isScaled && shape.type === SqlType.FLOAT;
  const by = isScaled ? unscaler(bytes[at + 2]!, isFloat) : 1;
  const valueOf = isFloat ? (q: number) => Math.fround(q * by) : (q: number) => q / by;
  const estimate = isFloat ? 1 / by : by;
  const low = integerFrom(range.low, estimate, valueOf) - head.origin;
  const high = -integerFrom(-range.high, estimate, (q) => -valueOf(-q)) - head.origin;
  if (low !== low || high !== high) return false;
  const least = Math.max(0, low);
  const span = Math.min(LARGEST_DISTANCE, high) - least;
  if (span < 0) bits.fill(0, 0, (shape.rows + 31) >> 5);
  else testPacked(source, head, { rows: shape.rows, least, span }, bits);
  return true;
}

/** The least integer whose value is at least `low`; NaN where it is too large to be looked for. */
function integerFrom(low: number, estimate: number, valueOf: (q: number) => number): number {
  if (low - low !== 0) return low;
  let q = Math.ceil(low * estimate);
  if (!(Math.abs(q) <= LARGEST_END)) return NaN;
  while (valueOf(q - 1) >= low) q--;
  while (valueOf(q) < low) q++;
  return q;
}

function testPacked(
  source: AlignedBytes,
  head: PackedHead,
  range: { readonly rows: number; readonly least: number; readonly span: number },
  bits: Int32Array,
): void {
  const { words, bytes } = source;
  const { rows, least, span } = range;
  const order = head.order === 0 ? 0 : 1;
  const stretch = { wordsEnd: 0, span };
  const whole = rows & -MINI_BLOCK;
  let distance = ((order === 0 ? 0 : head.first) - least) | 0;
  let wordAt = head.wordsAt;
  for (let from = 0, w = head.widthsAt; from < rows; from += MINI_BLOCK, w++) {
    const width = bytes[w]!;
    if (width > 0 && from < whole) {
      // Neighbours of one width, as many as there are.
      const first = from;
      while (from + MINI_BLOCK < whole && bytes[w + 1] === width) {
        from += MINI_BLOCK;
        w++;
      }
      stretch.wordsEnd = wordAt + ((from + MINI_BLOCK - first) >>> 5) * width;
      const test = rangeTesterOf(order, width);
      distance = test(words, wordAt, bits, first >> 5, distance, stretch);
      wordAt = stretch.wordsEnd;
    } else {
      const count = Math.min(MINI_BLOCK, rows - from);
      unpackBlock(words, wordAt, width, work, 0, count);
      distance = testWork(order, distance, span, { bits, from, count });
      wordAt += (count * width + 31) >>> 5;
    }
  }
}

/** Tests what `work` holds; returns the last distance. */
function testWork(
  order: 0 | 1,
  distance: number,
  span: number,
  to: { readonly bits: Int32Array; readonly from: number; readonly count: number },
): number {
  const { bits, from, count } = to;
  for (let i = 0; i < count; i++) {
    const row = from + i;
    const x = work[i]!;
    if (order === 1) distance = (distance + ((x >>> 1) ^ -(x & 1))) | 0;
    const tested = order === 1 ? distance : distance + x;
    if ((row & 31) === 0) bits[row >> 5] = 0;
    if (tested >>> 0 <= span) bits[row >> 5]! |= 1 << (row & 31);
  }
  return distance;
}
