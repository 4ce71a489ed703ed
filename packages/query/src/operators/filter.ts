/**
 * Filtering the rows of a block by conditions on columns. First the block's statistics are asked whether
 * all rows or none pass; only then columns are decoded and a mask of one byte a row is made, loop by loop
 * over plain arrays, and turned into a selection: the row numbers that pass, ascending.
 */
import { isNullString } from '@tdnode/common';
import type { StrVector, Vector } from '@tdnode/common';
import { isNull, wideValue } from '../functions/cells.ts';
import type { Condition, Test } from '../plan/fragment.ts';
import type { ScanBlock } from '../scan.ts';
import { matchesLike } from './like.ts';

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

  constructor(condition: Condition) {
    this.#condition = condition;
  }

  /** The row numbers of the last `select`. */
  get selection(): Uint32Array {
    return this.#selection;
  }

  /** Finds the rows of `[from, to)` that pass; returns how many. */
  select(block: ScanBlock, from: number, to: number): number {
    if (this.#selection.length < to) {
      this.#selection = new Uint32Array(Math.max(to, 4096));
      this.#masks = [];
    }
    const mask = this.#mask(0);
    this.#evaluate(this.#condition, block, { from, to, depth: 0 });
    return selectMask(mask, from, to, this.#selection);
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

/** A bound for vectors of doubles, whose integers lie within ±2⁵³: a wider one is as good as infinite. */
function asBound(bound: number | bigint): number {
  if (typeof bound === 'number') return bound;
  return bound > 0n ? Infinity : -Infinity;
}

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
