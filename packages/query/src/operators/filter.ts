/**
 * Filtering the rows of a block by conditions on columns. First the block's statistics are asked whether
 * all rows or none pass; only then columns are decoded, and the selection is made: the row numbers that
 * pass, ascending.
 *
 * Ranges of numbers select directly, and of several tests joined by `and` each looks only at what the ones
 * before have left; a column is not decoded when nothing is left, nor for a test that all rows of the block
 * pass. Everything else makes a mask of one byte a row, loop by loop over plain arrays. Where only the number
 * of rows is asked for, it is counted without a selection.
 */
import { isNullString } from '@tdnode/common';
import type { StrVector, Vector } from '@tdnode/common';
import { isNull, wideValue } from '../functions/cells.ts';
import type { Condition, Test } from '../plan/fragment.ts';
import type { ScanBlock, ValueRange } from '../scan.ts';
import { matchesLike } from './like.ts';
import { countBits, countBoth, countInRange, narrowToRange, selectInRange } from './range-loops.ts';
import type { NumberRange } from './range-loops.ts';

export type Verdict = 'all' | 'none' | 'some';

/** What statistics alone say of a filter over a whole block. */
export function judgeBlock(condition: Condition, block: ScanBlock): Verdict {
  switch (condition.kind) {
    case 'constant':
      return condition.value ? 'all' : 'none';
    case 'test':
      if (condition.operand.source !== 'column') return 'some';
      return judgeTest(condition.test, condition.operand.index, block);
    case 'and':
      return judgeParts(condition.parts, block, 'none', 'all');
    case 'or':
      return judgeParts(condition.parts, block, 'all', 'none');
  }
}

function judgeParts(
  parts: readonly Condition[],
  block: ScanBlock,
  decisive: Verdict,
  neutral: Verdict,
): Verdict {
  let verdict = neutral;
  for (const part of parts) {
    const one = judgeBlock(part, block);
    if (one === decisive) return decisive;
    if (one === 'some') verdict = 'some';
  }
  return verdict;
}

function judgeTest(test: Test, index: number, block: ScanBlock): Verdict {
  const stats = block.stats(index);
  if (stats === undefined) return 'some';
  if (test.kind === 'null') {
    if (stats.nullCount === 0) return test.negated ? 'all' : 'none';
    if (stats.nullCount >= block.rows) return test.negated ? 'none' : 'all';
    return 'some';
  }
  if (stats.nullCount >= block.rows) return 'none';
  if (test.kind !== 'range') return 'some';
  const isOutside = stats.max < test.low || stats.min > test.high;
  const isInside = stats.min >= test.low && stats.max <= test.high;
  if (test.negated ? isInside : isOutside) return 'none';
  return stats.nullCount === 0 && (test.negated ? isOutside : isInside) ? 'all' : 'some';
}

/** Scratch of one filter: masks and the selection, grown to the largest block. */
export class RowFilter {
  readonly #condition: Condition;
  #masks: Uint8Array[] = [];
  #selection: Uint32Array = new Uint32Array(0);
  /** A bit a row: what passed the tests so far, and the test at hand. */
  #bits = new Int32Array(0);
  #moreBits = new Int32Array(0);

  constructor(condition: Condition) {
    this.#condition = condition;
  }

  /** The row numbers of the last `select`. */
  get selection(): Uint32Array {
    return this.#selection;
  }

  /** Finds the rows of `[from, to)` that pass; returns how many. */
  select(block: ScanBlock, from: number, to: number): number {
    this.#reserve(to);
    const parts = this.#openParts(block);
    if (parts.length === 0) return this.#selectAll(from, to);
    let count = this.#selectPart(parts[0]!, block, from, to);
    for (let i = 1; i < parts.length && count > 0; i++) {
      count = this.#narrow(parts[i]!, block, { from, to, depth: 0 }, count);
    }
    return count;
  }

  /** Counts the rows of `[from, to)` that pass; the selection means nothing afterwards. */
  count(block: ScanBlock, from: number, to: number): number {
    const parts = this.#openParts(block);
    const counted = to - from === block.rows ? this.#countBits(parts, block) : undefined;
    if (counted !== undefined) return counted;
    const first = numbersOf(parts[0], block);
    if (first !== undefined && parts.length === 1) return countInRange(first, from, to);
    if (first !== undefined && parts.length === 2) {
      const second = numbersOf(parts[1], block);
      if (second !== undefined) return countBoth(first, second, from, to);
    }
    return this.select(block, from, to);
  }

  /** Counts without decoding, where the block can test all parts by itself. */
  #countBits(parts: readonly Condition[], block: ScanBlock): number | undefined {
    if (block.test === undefined) return undefined;
    const words = (block.rows + 31) >> 5;
    if (this.#bits.length < words) {
      this.#bits = new Int32Array(Math.max(128, words));
      this.#moreBits = new Int32Array(this.#bits.length);
    }
    let count: number | undefined;
    for (const part of parts) {
      const range = rangeOf(part);
      if (range === undefined) return undefined;
      const bits = count === undefined ? this.#bits : this.#moreBits;
      if (!block.test(range.index, range, bits)) return undefined;
      if (count !== undefined) for (let i = 0; i < words; i++) this.#bits[i]! &= bits[i]!;
      count = countBits(this.#bits, words);
      if (count === 0) return 0;
    }
    return count;
  }

  /** What must be tested row by row: all parts of an `and` that not all rows of the block pass. */
  #openParts(block: ScanBlock): Condition[] {
    const condition = this.#condition;
    const parts = condition.kind === 'and' ? condition.parts : [condition];
    return parts.filter((part) => judgeBlock(part, block) !== 'all');
  }

  #reserve(to: number): void {
    if (this.#selection.length >= to) return;
    this.#selection = new Uint32Array(Math.max(to, 4096));
    this.#masks = [];
  }

  #selectAll(from: number, to: number): number {
    for (let i = from; i < to; i++) this.#selection[i - from] = i;
    return to - from;
  }

  #selectPart(part: Condition, block: ScanBlock, from: number, to: number): number {
    const numbers = numbersOf(part, block);
    if (numbers !== undefined) return selectInRange(numbers, from, to, this.#selection);
    this.#evaluate(part, block, { from, to, depth: 0 });
    return selectMask(this.#mask(0), from, to, this.#selection);
  }

  /** Keeps of the first `count` selected rows those that pass `part` too. */
  #narrow(part: Condition, block: ScanBlock, range: MaskRange, count: number): number {
    const selection = this.#selection;
    const numbers = numbersOf(part, block);
    if (numbers !== undefined) return narrowToRange(numbers, selection, count);
    this.#evaluate(part, block, range);
    const mask = this.#mask(0);
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = selection[i]!;
      selection[kept] = row;
      kept += mask[row]!;
    }
    return kept;
  }

  #mask(depth: number): Uint8Array {
    return (this.#masks[depth] ??= new Uint8Array(this.#selection.length));
  }

  /** Leaves the result in the mask of `depth`. */
  #evaluate(condition: Condition, block: ScanBlock, range: MaskRange): void {
    const { from, to, depth } = range;
    const mask = this.#mask(depth);
    if (condition.kind === 'constant') {
      mask.fill(condition.value ? 1 : 0, from, to);
    } else if (condition.kind === 'test') {
      if (condition.operand.source !== 'column') return;
      maskTest(condition.test, block.column(condition.operand.index), { mask, from, to });
    } else {
      this.#evaluateParts(condition.kind, condition.parts, block, range);
    }
  }

  #evaluateParts(
    kind: 'and' | 'or',
    parts: readonly Condition[],
    block: ScanBlock,
    range: MaskRange,
  ): void {
    const { from, to, depth } = range;
    const mask = this.#mask(depth);
    const other = this.#mask(depth + 1);
    let isFirst = true;
    for (const part of parts) {
      this.#evaluate(part, block, isFirst ? range : { from, to, depth: depth + 1 });
      if (!isFirst) {
        if (kind === 'and') for (let i = from; i < to; i++) mask[i]! &= other[i]!;
        else for (let i = from; i < to; i++) mask[i]! |= other[i]!;
      }
      isFirst = false;
    }
  }
}

/** Column and bounds of a test for a range; undefined where it is another one. */
function rangeOf(
  part: Condition | undefined,
): (ValueRange & { readonly index: number }) | undefined {
  if (part?.kind !== 'test' || part.operand.source !== 'column') return undefined;
  const { test } = part;
  if (test.kind !== 'range' || test.negated) return undefined;
  return { index: part.operand.index, low: asBound(test.low), high: asBound(test.high) };
}

/** The numbers and bounds of a test for a range of doubles; undefined where it is another one. */
function numbersOf(part: Condition | undefined, block: ScanBlock): NumberRange | undefined {
  const range = rangeOf(part);
  if (range === undefined) return undefined;
  const vector = block.column(range.index);
  return vector.kind === 'f64'
    ? { data: vector.data, low: range.low, high: range.high }
    : undefined;
}

interface MaskRange {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
}

interface MaskRows {
  readonly mask: Uint8Array;
  readonly from: number;
  readonly to: number;
}

function selectMask(mask: Uint8Array, from: number, to: number, selection: Uint32Array): number {
  let count = 0;
  for (let i = from; i < to; i++) {
    selection[count] = i;
    count += mask[i]!;
  }
  return count;
}

function maskTest(test: Test, vector: Vector, rows: MaskRows): void {
  const { mask, from, to } = rows;
  switch (test.kind) {
    case 'range':
      if (vector.kind === 'f64') {
        const low = asBound(test.low);
        const high = asBound(test.high);
        if (test.negated) maskOutside(vector.data, low, high, rows);
        else maskNumbers(vector.data, low, high, rows);
      } else if (vector.kind === 'i64') maskWide(test, vector.data, vector.unsigned, rows);
      else mask.fill(0, from, to);
      return;
    case 'null': {
      const wanted = test.negated ? 0 : 1;
      for (let i = from; i < to; i++) mask[i] = isNull(vector, i) ? wanted : 1 - wanted;
      return;
    }
    case 'text':
    case 'like':
      if (vector.kind === 'str') maskStrings(test, vector, rows);
      else mask.fill(0, from, to);
      return;
    case 'names':
      mask.fill(0, from, to);
  }
}

/** A bound for vectors of doubles, whose integers are ±2⁵³ at most: a wider one is as good as infinite. */
function asBound(bound: number | bigint): number {
  if (typeof bound === 'number' || (bound >= -MAX_EXACT && bound <= MAX_EXACT))
    return Number(bound);
  return bound > 0n ? Infinity : -Infinity;
}

const MAX_EXACT = 2n ** 53n;

// `+(a >= b)` compiles to a flag, not to a branch: five times as fast where the outcome is not predictable.
function maskNumbers(data: Float64Array, low: number, high: number, rows: MaskRows): void {
  const { mask, from, to } = rows;
  if (high === Infinity) {
    for (let i = from; i < to; i++) mask[i] = +(data[i]! >= low);
  } else if (low === -Infinity) {
    for (let i = from; i < to; i++) mask[i] = +(data[i]! <= high);
  } else {
    for (let i = from; i < to; i++) {
      const value = data[i]!;
      mask[i] = +(value >= low) & +(value <= high);
    }
  }
}

function maskOutside(data: Float64Array, low: number, high: number, rows: MaskRows): void {
  const { mask, from, to } = rows;
  for (let i = from; i < to; i++) {
    const value = data[i]!;
    mask[i] = +(value < low) | +(value > high);
  }
}

function maskWide(
  test: Extract<Test, { kind: 'range' }>,
  data: BigInt64Array,
  unsigned: boolean,
  rows: MaskRows,
): void {
  for (let i = rows.from; i < rows.to; i++) {
    const value = wideValue(data[i]!, unsigned);
    const passes = value === value && (value >= test.low && value <= test.high) !== test.negated;
    rows.mask[i] = passes ? 1 : 0;
  }
}

function maskStrings(
  test: Extract<Test, { kind: 'text' | 'like' }>,
  vector: StrVector,
  rows: MaskRows,
): void {
  const { bytes, offsets } = vector;
  for (let i = rows.from; i < rows.to; i++) {
    const from = offsets[i]!;
    const to = offsets[i + 1]!;
    if (isNullString(vector, i)) rows.mask[i] = 0;
    else if (test.kind === 'like')
      rows.mask[i] = matchesLike(test.pattern, { bytes, from, to }, test.characters) ? 1 : 0;
    else rows.mask[i] = equalsText(test.bytes, bytes, from, to) !== test.negated ? 1 : 0;
  }
}

function equalsText(wanted: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from !== wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) if (bytes[from + i] !== wanted[i]) return false;
  return true;
}
