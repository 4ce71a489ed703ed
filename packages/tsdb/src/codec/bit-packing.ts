/**
 * Bit packing in mini-blocks: 128 values share one width, so that an outlier widens only its neighbours.
 *
 * A mini-block starts at a 32-bit word; value i of it lies in bits [i·width, (i+1)·width), counted from the low bit
 * of the first word. Whole mini-blocks are undone by unrolled unpackers, the last one by a loop that loads two words
 * for every value, also where one would do: hence words must be readable one beyond the last.
 */
import { unpackerOf } from './unpackers.ts';

/** Values that share one width: part of the format. */
export const MINI_BLOCK = 128;

/** Mini-blocks of `rows` values. */
export function miniBlocks(rows: number): number {
  return (rows + MINI_BLOCK - 1) >>> 7;
}

/** Bits that hold `value`, read as unsigned. */
export function bitWidth(value: number): number {
  return 32 - Math.clz32(value);
}

/** Where packed words lie, and the widths of their mini-blocks. */
export interface PackedWords {
  readonly words: Int32Array;
  /** Index of the first word. */
  readonly at: number;
  /** Width of mini-block i is `widths[widthsAt + i]`. */
  readonly widths: Uint8Array;
  readonly widthsAt: number;
}

/** Words that `rows` values take. */
export function packedWordCount(target: PackedWords, rows: number): number {
  let words = 0;
  for (let from = 0, block = target.widthsAt; from < rows; from += MINI_BLOCK, block++) {
    words += (Math.min(MINI_BLOCK, rows - from) * target.widths[block]! + 31) >>> 5;
  }
  return words;
}

/** Packs `values[0..rows)`; returns the index after the last word. Values must fit their widths. */
export function pack(target: PackedWords, values: Int32Array, rows: number): number {
  const { words, widths, widthsAt } = target;
  let at = target.at;
  for (let from = 0, block = widthsAt; from < rows; from += MINI_BLOCK, block++) {
    const to = Math.min(from + MINI_BLOCK, rows);
    const width = widths[block]!;
    if (width === 0) continue;
    let word = 0;
    let bit = 0;
    for (let i = from; i < to; i++) {
      const value = values[i]!;
      word |= value << bit;
      bit += width;
      if (bit >= 32) {
        words[at++] = word;
        bit -= 32;
        // In two steps: a shift by 32 would be a shift by 0.
        word = (value >>> 1) >>> (width - bit - 1);
      }
    }
    if (bit > 0) words[at++] = word;
  }
  return at;
}

/** Unpacks to plain values, zero-extended; returns the index after the last word. */
export function unpack(source: PackedWords, out: Int32Array, rows: number): number {
  let at = source.at;
  for (let from = 0, block = source.widthsAt; from < rows; from += MINI_BLOCK, block++) {
    const count = Math.min(MINI_BLOCK, rows - from);
    const width = source.widths[block]!;
    unpackBlock(source.words, at, width, out, from, count);
    at += (count * width + 31) >>> 5;
  }
  return at;
}

/** Unpacks one mini-block of `count` values that begins at `words[at]` to `out[to]`. */
export function unpackBlock(
  words: Int32Array,
  at: number,
  width: number,
  out: Int32Array,
  to: number,
  count: number,
): void {
  if (width === 0) {
    out.fill(0, to, to + count);
    return;
  }
  if (count === MINI_BLOCK) {
    unpackerOf(width)(words, at, out, to);
    return;
  }
  const mask = width === 32 ? -1 : (1 << width) - 1;
  const end = to + count;
  for (let i = to, bit = at << 5; i < end; i++, bit += width) {
    const w = bit >>> 5;
    out[i] = ((words[w]! >>> bit) | ((words[w + 1]! << 1) << ~bit)) & mask;
  }
}

/** Turns zigzag differences, in place, into sums that start from `value`. */
export function sumZigzag(out: Int32Array, rows: number, value: number): void {
  for (let i = 0; i < rows; i++) {
    const x = out[i]!;
    value = (value + ((x >>> 1) ^ -(x & 1))) | 0;
    out[i] = value;
  }
}

/** Turns differences, in place, into sums that start from `value`. */
export function sumDeltas(out: Int32Array, rows: number, value: number): void {
  for (let i = 0; i < rows; i++) {
    value = (value + out[i]!) | 0;
    out[i] = value;
  }
}
