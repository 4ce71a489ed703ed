/**
 * Integers within ±2⁵³ that spread over 2³² or more (times with gaps, counters in bytes): like packed integers,
 * but on doubles, with residuals of up to 53 bits in two planes. Residuals are made non-negative by taking off
 * the least of them instead of zigzag, which would need a bit more than a double has.
 *
 *   0   f64  first (order 1, 2), else 0
 *   8   f64  firstDelta (order 2), else 0
 *   16  f64  least residual
 *   24  u8   order
 *   25  u8   width of each mini-block of the low plane, 0 to 32, then of the high plane, 0 to 21; padded to 8
 *   …   u32  packed words of the low plane, then of the high plane; padded to 8
 */
import { align8 } from './aligned-bytes.ts';
import type { AlignedBytes } from './aligned-bytes.ts';
import { MINI_BLOCK, bitWidth, miniBlocks, pack, unpack } from './bit-packing.ts';

const TWO_32 = 2 ** 32;
const WIDTHS_AT = 25;

/** The widest spread of residuals that a double holds exactly. */
export const WIDEST_SPREAD = 2 ** 53;

/** Working memory, at least as long as the rows. */
export interface WideScratch {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

/** Bytes that `appendWide` may need. */
function wideBound(rows: number): number {
  return 48 + 10 * miniBlocks(rows) + 8 * rows;
}

/** Appends integers with max - min ≤ `WIDEST_SPREAD` (`values` is overwritten) at a multiple of 8. */
export function appendWide(
  out: AlignedBytes,
  values: Float64Array,
  rows: number,
  scratch: WideScratch,
): void {
  out.reserve(wideBound(rows));
  const start = out.size;
  const first = values[0]!;
  const firstDelta = rows > 1 ? values[1]! - first : 0;
  const { order, least } = toResiduals(values, rows);
  const blocks = miniBlocks(rows);
  const widthsAt = start + WIDTHS_AT;
  splitPlanes(values, rows, { ...scratch, widths: out.bytes, widthsAt });
  const wordsAt = align8(widthsAt + 2 * blocks);
  out.bytes.fill(0, widthsAt + 2 * blocks, wordsAt);
  out.doubles[start >> 3] = order === 0 ? 0 : first;
  out.doubles[(start >> 3) + 1] = order === 2 ? firstDelta : 0;
  out.doubles[(start >> 3) + 2] = least;
  out.bytes[start + 24] = order;
  const low = { words: out.words, at: wordsAt >> 2, widths: out.bytes, widthsAt };
  const high = { ...low, at: pack(low, scratch.low, rows), widthsAt: widthsAt + blocks };
  out.size = pack(high, scratch.high, rows) << 2;
  out.align();
}

/** Reads `rows` integers into `out`; returns the offset after the body. */
export function readWide(
  source: AlignedBytes,
  at: number,
  out: Float64Array,
  shape: WideScratch & { readonly rows: number },
): number {
  const { rows, low, high } = shape;
  const blocks = miniBlocks(rows);
  const widthsAt = at + WIDTHS_AT;
  const words = { words: source.words, widths: source.bytes };
  const lowAt = align8(widthsAt + 2 * blocks) >> 2;
  const highAt = unpack({ ...words, at: lowAt, widthsAt }, low, rows);
  const end = unpack({ ...words, at: highAt, widthsAt: widthsAt + blocks }, high, rows);
  const first = source.doubles[at >> 3]!;
  const firstDelta = source.doubles[(at >> 3) + 1]!;
  const least = source.doubles[(at >> 3) + 2]!;
  const order = source.bytes[at + 24]!;
  if (highAt === end) for (let i = 0; i < rows; i++) out[i] = least + (low[i]! >>> 0);
  else for (let i = 0; i < rows; i++) out[i] = least + (high[i]! * TWO_32 + (low[i]! >>> 0));
  if (order === 1) sumResiduals(out, rows, first);
  if (order === 2) {
    // The first differences, then the values.
    sumResiduals(out.subarray(1), rows - 1, firstDelta);
    sumResiduals(out, rows, first);
  }
  return align8(end << 2);
}

/** Turns differences, in place, into sums; the first of them is `first`. */
function sumResiduals(out: Float64Array, rows: number, first: number): void {
  let value = first;
  out[0] = value;
  for (let i = 1; i < rows; i++) {
    value += out[i]!;
    out[i] = value;
  }
}

/** Replaces values by what the order with the narrowest spread leaves of them, less the least: all ≥ 0. */
function toResiduals(values: Float64Array, rows: number): { order: 0 | 1 | 2; least: number } {
  const least = [Infinity, Infinity, Infinity];
  const most = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < rows; i++) {
    for (let order = 0; order <= Math.min(i, 2); order++) {
      const r = residual(values, i, order);
      if (r < least[order]!) least[order] = r;
      if (r > most[order]!) most[order] = r;
    }
  }
  let order: 0 | 1 | 2 = 0;
  let spread = most[0]! - least[0]!;
  for (const candidate of [1, 2] as const) {
    const s = most[candidate]! - least[candidate]!;
    if (rows > candidate && s < spread) [order, spread] = [candidate, s];
  }
  // Backwards, since a residual looks at the values before it.
  for (let i = rows - 1; i >= order; i--) values[i] = residual(values, i, order) - least[order]!;
  values.fill(0, 0, order);
  return { order, least: least[order]! };
}

function residual(values: Float64Array, i: number, order: number): number {
  const value = values[i]!;
  if (order === 0) return value;
  const delta = value - values[i - 1]!;
  return order === 1 ? delta : delta - (values[i - 1]! - values[i - 2]!);
}

function splitPlanes(
  values: Float64Array,
  rows: number,
  to: WideScratch & { readonly widths: Uint8Array; readonly widthsAt: number },
): void {
  const blocks = miniBlocks(rows);
  for (let block = 0, from = 0; block < blocks; block++, from += MINI_BLOCK) {
    let lowBits = 0;
    let highBits = 0;
    for (let i = from; i < Math.min(from + MINI_BLOCK, rows); i++) {
      const high = Math.floor(values[i]! / TWO_32);
      const low = (values[i]! - high * TWO_32) | 0;
      lowBits |= to.low[i] = low;
      highBits |= to.high[i] = high;
    }
    to.widths[to.widthsAt + block] = bitWidth(lowBits);
    to.widths[to.widthsAt + blocks + block] = bitWidth(highBits);
  }
}
