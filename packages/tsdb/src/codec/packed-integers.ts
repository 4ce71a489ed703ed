/**
 * Integers in a range below 2³²: differences of order 0 (distance from the least value), 1 (from the value before)
 * or 2 (from the difference before), zigzag for orders 1 and 2, bit-packed in mini-blocks.
 *
 * All arithmetic is modulo 2³² on the distance from `origin`, the block's least value, so that any range below 2³²
 * works wherever it lies within ±2⁵³ (times in ms span 49 days), and no difference overflows.
 *
 *   0   f64  origin
 *   8   i32  first: distance of value 0 (orders 1, 2)
 *   12  i32  firstDelta: value 1 - value 0 (order 2)
 *   16  u8   order
 *   17  u8   width of each mini-block of 128 values; zeros up to a multiple of 8
 *   …   u32  packed words; zeros up to a multiple of 8
 */
import { align8 } from './aligned-bytes.ts';
import type { AlignedBytes } from './aligned-bytes.ts';
import {
  MINI_BLOCK,
  bitWidth,
  miniBlocks,
  pack,
  sumDeltas,
  sumZigzag,
  unpack,
} from './bit-packing.ts';

const WIDTHS_AT = 17;

/** Bytes that `appendPacked` may need. */
function packedBound(rows: number): number {
  return 32 + miniBlocks(rows) + 4 * rows + 8 + 4 * miniBlocks(rows);
}

/** Appends `values` (distances from `origin`, unsigned; overwritten) at a multiple of 8. */
export function appendPacked(
  out: AlignedBytes,
  values: Int32Array,
  rows: number,
  origin: number,
): void {
  out.reserve(packedBound(rows));
  const start = out.size;
  const blocks = miniBlocks(rows);
  const { bytes, words } = out;
  const first = values[0]!;
  const firstDelta = rows > 1 ? (values[1]! - first) | 0 : 0;
  const order = chooseOrder(values, rows, { widths: bytes, at: start + WIDTHS_AT });
  const wordsAt = align8(start + WIDTHS_AT + blocks);
  bytes.fill(0, start + WIDTHS_AT + blocks, wordsAt);
  out.doubles[start >> 3] = origin;
  words[(start >> 2) + 2] = order === 0 ? 0 : first;
  words[(start >> 2) + 3] = order === 2 ? firstDelta : 0;
  bytes[start + 16] = order;
  if (order === 1) toDeltas(values, rows);
  if (order === 2) toSecondDeltas(values, rows);
  const target = { words, at: wordsAt >> 2, widths: bytes, widthsAt: start + WIDTHS_AT };
  out.size = pack(target, values, rows) << 2;
  out.align();
}

/** What stands before the packed words. */
export interface PackedHead {
  readonly origin: number;
  readonly first: number;
  readonly firstDelta: number;
  readonly order: number;
  /** Offset of the widths, and index of the first word. */
  readonly widthsAt: number;
  readonly wordsAt: number;
}

/** Reads the head of packed integers at a multiple of 8. */
export function readPackedHead(source: AlignedBytes, at: number, rows: number): PackedHead {
  return {
    origin: source.doubles[at >> 3]!,
    first: source.words[(at >> 2) + 2]!,
    firstDelta: source.words[(at >> 2) + 3]!,
    order: source.bytes[at + 16]!,
    widthsAt: at + WIDTHS_AT,
    wordsAt: align8(at + WIDTHS_AT + miniBlocks(rows)) >> 2,
  };
}

/** Reads distances from the origin (unsigned) into `out`; returns the offset after the body. */
export function readPacked(
  source: AlignedBytes,
  at: number,
  out: Int32Array,
  rows: number,
): number {
  const { words, bytes } = source;
  const { order, first, firstDelta, widthsAt, wordsAt } = readPackedHead(source, at, rows);
  const end = unpack({ words, at: wordsAt, widths: bytes, widthsAt }, out, rows);
  if (order === 1) sumZigzag(out, rows, first);
  if (order === 2) {
    sumZigzag(out, rows, firstDelta);
    sumDeltas(out, rows, (first - firstDelta) | 0);
  }
  return align8(end << 2);
}

/** Finds the order that needs the fewest bits and leaves its widths in `target`. One pass over the values. */
function chooseOrder(
  values: Int32Array,
  rows: number,
  target: { readonly widths: Uint8Array; readonly at: number },
): 0 | 1 | 2 {
  const blocks = miniBlocks(rows);
  const widths = new Uint8Array(3 * blocks);
  const bits = [0, 0, 0] as [number, number, number];
  let previous = values[0]!;
  let delta = rows > 1 ? (values[1]! - previous) | 0 : 0;
  for (let block = 0, from = 0; block < blocks; block++, from += MINI_BLOCK) {
    const to = Math.min(from + MINI_BLOCK, rows);
    let or0 = 0;
    let or1 = 0;
    let or2 = 0;
    // Value 0 has no difference, value 1 none of the second order: both count as zero.
    for (let i = from; i < to; i++) {
      const value = values[i]!;
      const d = (value - previous) | 0;
      const dd = i === 0 ? 0 : (d - delta) | 0;
      or0 |= value;
      or1 |= (d << 1) ^ (d >> 31);
      or2 |= (dd << 1) ^ (dd >> 31);
      if (i !== 0) delta = d;
      previous = value;
    }
    widths[block] = bitWidth(or0);
    widths[blocks + block] = bitWidth(or1);
    widths[2 * blocks + block] = bitWidth(or2);
    for (let o = 0; o < 3; o++) bits[o]! += (to - from) * widths[o * blocks + block]!;
  }
  // Ties go to the lower order, which is the faster one to undo.
  const order = bits[2] < bits[1] && bits[2] < bits[0] ? 2 : bits[1] < bits[0] ? 1 : 0;
  target.widths.set(widths.subarray(order * blocks, (order + 1) * blocks), target.at);
  return order;
}

function toDeltas(values: Int32Array, rows: number): void {
  let previous = values[0]!;
  for (let i = 0; i < rows; i++) {
    const value = values[i]!;
    const d = (value - previous) | 0;
    values[i] = (d << 1) ^ (d >> 31);
    previous = value;
  }
}

function toSecondDeltas(values: Int32Array, rows: number): void {
  let previous = values[0]!;
  let delta = rows > 1 ? (values[1]! - previous) | 0 : 0;
  values[0] = 0;
  for (let i = 1; i < rows; i++) {
    const value = values[i]!;
    const d = (value - previous) | 0;
    const dd = (d - delta) | 0;
    values[i] = (dd << 1) ^ (dd >> 31);
    previous = value;
    delta = d;
  }
}
