/**
 * Bit packing in mini-blocks: 128 values share one width, so that an outlier widens only its neighbours.
 *
 * A mini-block starts at a 32-bit word; value i of it lies in bits [i·width, (i+1)·width), counted from the low bit
 * of the first word. The loops load two words for every value, also where one would do: without a branch they
 * run faster than any that looks first. Hence words must be readable one beyond the last.
 */
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
  const { words, widths, widthsAt } = source;
  let at = source.at;
  for (let from = 0, block = widthsAt; from < rows; from += MINI_BLOCK, block++) {
    const to = Math.min(from + MINI_BLOCK, rows);
    const width = widths[block]!;
    const mask = lowBits(width);
    for (let i = from, bit = at << 5; i < to; i++, bit += width) {
      const w = bit >>> 5;
      out[i] = ((words[w]! >>> bit) | ((words[w + 1]! << 1) << ~bit)) & mask;
    }
    at += ((to - from) * width + 31) >>> 5;
  }
  return at;
}

/** Unpacks zigzag differences and adds them up, starting from `value`. */
export function unpackDeltas(
  source: PackedWords,
  out: Int32Array,
  rows: number,
  value: number,
): number {
  const { words, widths, widthsAt } = source;
  let at = source.at;
  for (let from = 0, block = widthsAt; from < rows; from += MINI_BLOCK, block++) {
    const to = Math.min(from + MINI_BLOCK, rows);
    const width = widths[block]!;
    const mask = lowBits(width);
    for (let i = from, bit = at << 5; i < to; i++, bit += width) {
      const w = bit >>> 5;
      const x = ((words[w]! >>> bit) | ((words[w + 1]! << 1) << ~bit)) & mask;
      value = (value + ((x >>> 1) ^ -(x & 1))) | 0;
      out[i] = value;
    }
    at += ((to - from) * width + 31) >>> 5;
  }
  return at;
}

/** Turns differences, in place, into sums: `out[i] = value + (i + 1)·delta + Σ Σ differences of differences`. */
export function sumDeltas(out: Int32Array, rows: number, value: number): void {
  for (let i = 0; i < rows; i++) {
    value = (value + out[i]!) | 0;
    out[i] = value;
  }
}

function lowBits(width: number): number {
  return width === 32 ? -1 : (1 << width) - 1;
}
