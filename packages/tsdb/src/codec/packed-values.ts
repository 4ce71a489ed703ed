/**
 * Packed integers read as doubles, scaled back to decimals where they were: the loops that scans spend their time in.
 *
 * Whole mini-blocks of orders 0 and 1 go from bits to doubles in one pass (`value-unpackers.ts`). The others are unpacked
 * into 128 words and turned into doubles from there.
 */
import { align8 } from './aligned-bytes.ts';
import type { AlignedBytes } from './aligned-bytes.ts';
import { MINI_BLOCK, unpackBlock } from './bit-packing.ts';
import { readPackedHead } from './packed-integers.ts';
import { VALUE_UNPACKERS, valueUnpackerOf } from './value-unpackers.ts';

/** Where values go, and how an integer becomes a value. */
export interface ValueTarget {
  readonly rows: number;
  readonly out: Float64Array;
  /** FLOAT: fround(integer · by); others: integer / by. */
  readonly by: number;
  readonly isFloat: boolean;
}

/** What the loops need besides the values. */
interface Block {
  /** Where the words of this stretch end. */
  wordsEnd: number;
  readonly work: Int32Array;
  readonly out: Float64Array;
  readonly origin: number;
  readonly by: number;
}

/** Within one call only; decoding never interleaves on one thread. */
const work = new Int32Array(MINI_BLOCK);

/** Reads the packed body at `at`; returns the offset after it. */
export function readPackedValues(source: AlignedBytes, at: number, to: ValueTarget): number {
  const { rows, out, by, isFloat } = to;
  const { words, bytes } = source;
  const head = readPackedHead(source, at, rows);
  const { order } = head;
  const block: Block = { wordsEnd: 0, work, out, origin: head.origin, by };
  const kind = isFloat ? 'float' : by === 1 ? 'integer' : 'double';
  const [offsetsTo, deltasTo] = CONVERTERS[kind];
  const unpackers = VALUE_UNPACKERS[kind][order === 0 ? 0 : 1];
  let value = order === 2 ? (head.first - head.firstDelta) | 0 : head.first;
  let delta = head.firstDelta;
  let wordAt = head.wordsAt;
  const whole = order === 2 ? 0 : rows & -MINI_BLOCK;
  for (let from = 0, w = head.widthsAt; from < rows; from += MINI_BLOCK, w++) {
    const width = bytes[w]!;
    if (width > 0 && from < whole) {
      // Neighbours of one width, as many as there are.
      const first = from;
      while (from + MINI_BLOCK < whole && bytes[w + 1] === width) {
        from += MINI_BLOCK;
        w++;
      }
      block.wordsEnd = wordAt + ((from + MINI_BLOCK - first) >>> 5) * width;
      value = valueUnpackerOf(unpackers, width)(words, wordAt, out, first, value, block);
      wordAt = block.wordsEnd;
      continue;
    }
    const count = Math.min(MINI_BLOCK, rows - from);
    unpackBlock(words, wordAt, width, work, 0, count);
    wordAt += (count * width + 31) >>> 5;
    if (order === 2) delta = toZigzagDeltas(count, delta);
    if (order === 0) offsetsTo(block, from, count);
    else value = deltasTo(block, from, count, value);
  }
  return align8(wordAt << 2);
}

function offsetsToIntegers(block: Block, from: number, count: number): void {
  const { work, out, origin } = block;
  for (let i = 0; i < count; i++) out[from + i] = origin + (work[i]! >>> 0);
}

function offsetsToFloats(block: Block, from: number, count: number): void {
  const { work, out, origin, by } = block;
  for (let i = 0; i < count; i++) out[from + i] = Math.fround((origin + (work[i]! >>> 0)) * by);
}

function offsetsToDoubles(block: Block, from: number, count: number): void {
  const { work, out, origin, by } = block;
  for (let i = 0; i < count; i++) out[from + i] = (origin + (work[i]! >>> 0)) / by;
}

/** Returns the last distance. */
function deltasToIntegers(block: Block, from: number, count: number, value: number): number {
  const { work, out, origin } = block;
  for (let i = 0; i < count; i++) {
    const x = work[i]!;
    value = (value + ((x >>> 1) ^ -(x & 1))) | 0;
    out[from + i] = origin + (value >>> 0);
  }
  return value;
}

/** Returns the last distance. */
function deltasToFloats(block: Block, from: number, count: number, value: number): number {
  const { work, out, origin, by } = block;
  for (let i = 0; i < count; i++) {
    const x = work[i]!;
    value = (value + ((x >>> 1) ^ -(x & 1))) | 0;
    out[from + i] = Math.fround((origin + (value >>> 0)) * by);
  }
  return value;
}

/** Returns the last distance. */
function deltasToDoubles(block: Block, from: number, count: number, value: number): number {
  const { work, out, origin, by } = block;
  for (let i = 0; i < count; i++) {
    const x = work[i]!;
    value = (value + ((x >>> 1) ^ -(x & 1))) | 0;
    out[from + i] = (origin + (value >>> 0)) / by;
  }
  return value;
}

const CONVERTERS = {
  integer: [offsetsToIntegers, deltasToIntegers],
  float: [offsetsToFloats, deltasToFloats],
  double: [offsetsToDoubles, deltasToDoubles],
} as const;

/** Second differences of a mini-block become first ones, in place; returns the last of them. */
function toZigzagDeltas(count: number, delta: number): number {
  for (let i = 0; i < count; i++) {
    const x = work[i]!;
    delta = (delta + ((x >>> 1) ^ -(x & 1))) | 0;
    work[i] = (delta << 1) ^ (delta >> 31);
  }
  return delta;
}
