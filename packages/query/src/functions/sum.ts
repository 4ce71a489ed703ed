/**
 * `sum(column)`: of integers a BIGINT (UBIGINT of unsigned ones) that is exact and wraps at 64 bits as
 * integer arithmetic does; of FLOAT and DOUBLE a DOUBLE.
 *
 * Integer sums are kept in a double while they fit ±2⁵³ and overflow into a BigInt, so that the usual
 * path never makes one.
 */
import { isFloatType, isUnsignedType, isWideType, SqlType } from '@tdnode/common';
import type { Vector } from '@tdnode/common';
import type { FunctionCall } from '../plan/fragment.ts';
import type { ColumnStats, ScanBlock } from '../scan.ts';
import { grown } from './aggregator.ts';
import type { Aggregator, FunctionDefinition, RowRange } from './aggregator.ts';
import { wideValue } from './cells.ts';
import { countValues, sumDense, sumNumbers } from './ranges.ts';
import { isNumeric } from './types.ts';

const MAX_EXACT = 2 ** 53;

class FloatSum implements Aggregator {
  /** NaN: nothing yet. */
  #sums: Float64Array = new Float64Array(0);

  grow(slots: number): void {
    this.#sums = grown(this.#sums, slots, NaN);
  }

  add(slot: number, input: Vector, range: RowRange): void {
    const { from, to } = range;
    if (input.kind !== 'f64') return;
    if (input.nullCount === 0) this.#plus(slot, sumDense(input.data, from, to));
    else if (countValues(input, from, to) > 0) this.#plus(slot, sumNumbers(input.data, from, to));
  }

  addStats(slot: number, stats: ColumnStats | undefined, block: ScanBlock): boolean {
    if (stats === undefined) return false;
    if (stats.nullCount < block.rows) this.#plus(slot, stats.sum);
    return true;
  }

  partial(slots: number): Vector[] {
    return [this.result(slots)];
  }

  merge(slot: number, partial: readonly Vector[], row: number): boolean {
    const [sums] = partial;
    if (sums?.kind === 'f64') {
      const sum = sums.data[row]!;
      if (sum === sum) this.#plus(slot, sum);
    }
    return false;
  }

  hasResult(slot: number): boolean {
    const sum = this.#sums[slot]!;
    return sum === sum;
  }

  result(slots: number): Vector {
    return { kind: 'f64', data: this.#sums.subarray(0, slots), nullCount: -1 };
  }

  #plus(slot: number, sum: number): void {
    const before = this.#sums[slot]!;
    this.#sums[slot] = before === before ? before + sum : sum;
  }
}

class IntegerSum implements Aggregator {
  readonly #isWide: boolean;
  readonly #unsigned: boolean;
  /** The part within ±2⁵³; NaN: nothing yet. */
  #sums: Float64Array = new Float64Array(0);
  /** What did not fit, by slot. */
  readonly #carried = new Map<number, bigint>();

  constructor(call: FunctionCall) {
    this.#isWide = isWideType(call.type);
    this.#unsigned = isUnsignedType(call.type);
  }

  grow(slots: number): void {
    this.#sums = grown(this.#sums, slots, NaN);
  }

  add(slot: number, input: Vector, range: RowRange): void {
    const { from, to } = range;
    if (countValues(input, from, to) === 0) return;
    if (input.kind === 'f64' && (!this.#isWide || fitsExactly(input.data, from, to))) {
      const data = input.data;
      this.#plus(
        slot,
        input.nullCount === 0 ? sumDense(data, from, to) : sumNumbers(data, from, to),
      );
    } else {
      this.#plusWide(slot, sumWide(input, from, to));
    }
  }

  addStats(slot: number, stats: ColumnStats | undefined, block: ScanBlock): boolean {
    if (stats === undefined) return false;
    if (stats.nullCount < block.rows) this.#plus(slot, stats.sum);
    return true;
  }

  partial(slots: number): Vector[] {
    return [this.result(slots)];
  }

  merge(slot: number, partial: readonly Vector[], row: number): boolean {
    const [sums] = partial;
    if (sums?.kind === 'f64') {
      const sum = sums.data[row]!;
      if (sum === sum) this.#plus(slot, sum);
    } else if (sums?.kind === 'i64') {
      const bits = wideValue(sums.data[row]!, sums.unsigned);
      if (typeof bits === 'bigint') this.#plusWide(slot, bits);
    }
    return false;
  }

  hasResult(slot: number): boolean {
    const sum = this.#sums[slot]!;
    return sum === sum;
  }

  result(slots: number): Vector {
    if (this.#carried.size === 0) {
      return { kind: 'f64', data: this.#sums.subarray(0, slots), nullCount: -1 };
    }
    const data = new BigInt64Array(slots);
    for (let slot = 0; slot < slots; slot++) {
      const sum = this.#sums[slot]!;
      if (sum !== sum) data[slot] = this.#unsigned ? -1n : -(2n ** 63n);
      else data[slot] = BigInt.asIntN(64, BigInt(sum) + (this.#carried.get(slot) ?? 0n));
    }
    return { kind: 'i64', data, unsigned: this.#unsigned, nullCount: -1 };
  }

  #plus(slot: number, sum: number): void {
    const before = this.#sums[slot]!;
    const after = before === before ? before + sum : sum;
    if (after <= MAX_EXACT && after >= -MAX_EXACT) this.#sums[slot] = after;
    else this.#plusWide(slot, BigInt(sum));
  }

  #plusWide(slot: number, sum: bigint): void {
    const before = this.#sums[slot]!;
    if (before !== before) this.#sums[slot] = 0;
    this.#carried.set(slot, (this.#carried.get(slot) ?? 0n) + sum);
  }
}

/** Whether no partial sum of these integers can leave ±2⁵³. */
function fitsExactly(data: Float64Array, from: number, to: number): boolean {
  let sum = 0;
  for (let i = from; i < to; i++) {
    const value = data[i]!;
    if (value === value) sum += Math.abs(value);
  }
  return sum <= MAX_EXACT;
}

function sumWide(input: Vector, from: number, to: number): bigint {
  let sum = 0n;
  for (let i = from; i < to; i++) {
    if (input.kind === 'i64') {
      const value = wideValue(input.data[i]!, input.unsigned);
      if (typeof value === 'bigint') sum += value;
    } else if (input.kind === 'f64') {
      const value = input.data[i]!;
      if (value === value) sum += BigInt(value);
    }
  }
  return sum;
}

export const sum: FunctionDefinition = {
  name: 'sum',
  isSelector: false,
  family: 'aggregate',
  isExpandable: false,
  parameters: [],
  onStables: 'yes',
  doc: {
    usage: 'sum(column)',
    says: 'The sum: BIGINT of integers (it wraps at 64 bits), DOUBLE of floating-point columns.',
    statistics: 'block sums',
    example: 'select sum(a) from st group by g',
  },
  partialColumns: 1,
  accepts: isNumeric,
  result(type) {
    if (isFloatType(type)) return { type: SqlType.DOUBLE, bytes: 8 };
    return { type: isUnsignedType(type) ? SqlType.UBIGINT : SqlType.BIGINT, bytes: 8 };
  },
  create: (call) => (isFloatType(call.type) ? new FloatSum() : new IntegerSum(call)),
};
