/**
 * `stddev(column)`: of the whole population. State: count, mean and sum of squared distances from the mean;
 * two states merge as Chan, Golub and LeVeque give it, so that large means do not eat the digits.
 */
import { SqlType } from '@tdnode/common';
import type { Vector } from '@tdnode/common';
import { grown } from './aggregator.ts';
import type { Aggregator, FunctionDefinition, RowRange } from './aggregator.ts';
import { asNumbers, countValues, sumNumbers } from './ranges.ts';
import { isNumeric } from './types.ts';

class StandardDeviation implements Aggregator {
  #counts: Float64Array = new Float64Array(0);
  #means: Float64Array = new Float64Array(0);
  #squares: Float64Array = new Float64Array(0);

  grow(slots: number): void {
    this.#counts = grown(this.#counts, slots, 0);
    this.#means = grown(this.#means, slots, 0);
    this.#squares = grown(this.#squares, slots, 0);
  }

  add(slot: number, input: Vector, range: RowRange): void {
    const { from, to } = range;
    const data = asNumbers(input, from, to);
    const dense = input.nullCount === 0;
    const count = dense ? to - from : countValues(input, from, to);
    if (count === 0) return;
    if (dense) return this.#addDense(slot, data, from, to);
    const mean = sumNumbers(data, from, to) / count;
    this.#combine(slot, count, mean, squaresOf(data, from, to, mean));
  }

  addStats(): boolean {
    return false;
  }

  partial(slots: number): Vector[] {
    const part = (data: Float64Array): Vector => ({
      kind: 'f64',
      data: data.subarray(0, slots),
      nullCount: 0,
    });
    return [part(this.#counts), part(this.#means), part(this.#squares)];
  }

  merge(slot: number, partial: readonly Vector[], row: number): boolean {
    const [counts, means, squares] = partial;
    if (counts?.kind === 'f64' && means?.kind === 'f64' && squares?.kind === 'f64') {
      this.#combine(slot, counts.data[row]!, means.data[row]!, squares.data[row]!);
    }
    return false;
  }

  hasResult(slot: number): boolean {
    return this.#counts[slot]! > 0;
  }

  result(slots: number): Vector {
    const data = new Float64Array(slots);
    for (let slot = 0; slot < slots; slot++) {
      data[slot] = Math.sqrt(this.#squares[slot]! / this.#counts[slot]!);
    }
    return { kind: 'f64', data, nullCount: -1 };
  }

  /**
   * One pass over distances from the first value: as it is one of the values, the squares are at least its own
   * distance's from the mean, so that what is taken off at the end leaves all but log₂ of the count of the digits.
   */
  #addDense(slot: number, data: Float64Array, from: number, to: number): void {
    const base = data[from]!;
    let a = 0;
    let b = 0;
    let aSquares = 0;
    let bSquares = 0;
    let i = from;
    for (; i + 2 <= to; i += 2) {
      const x = data[i]! - base;
      const y = data[i + 1]! - base;
      a += x;
      b += y;
      aSquares += x * x;
      bSquares += y * y;
    }
    if (i < to) {
      const x = data[i]! - base;
      a += x;
      aSquares += x * x;
    }
    const count = to - from;
    const mean = (a + b) / count;
    if (aSquares + bSquares === Infinity) {
      this.#combine(slot, count, base + mean, squaresOf(data, from, to, base + mean));
      return;
    }
    const squares = aSquares + bSquares - mean * (a + b);
    this.#combine(slot, count, base + mean, squares > 0 ? squares : 0);
  }

  #combine(slot: number, count: number, mean: number, squares: number): void {
    if (count === 0) return;
    const before = this.#counts[slot]!;
    const total = before + count;
    const delta = mean - this.#means[slot]!;
    this.#counts[slot] = total;
    this.#means[slot]! += (delta * count) / total;
    this.#squares[slot]! += squares + (delta * delta * before * count) / total;
  }
}

function squaresOf(data: Float64Array, from: number, to: number, mean: number): number {
  let squares = 0;
  for (let i = from; i < to; i++) {
    const distance = data[i]! - mean;
    if (distance === distance) squares += distance * distance;
  }
  return squares;
}

export const stddev: FunctionDefinition = {
  name: 'stddev',
  isSelector: false,
  family: 'aggregate',
  isExpandable: false,
  parameters: [],
  onStables: 'yes',
  doc: {
    usage: 'stddev(column)',
    says: 'The standard deviation of the whole population, a DOUBLE. NULL does not count.',
    statistics: 'none',
    example: 'select stddev(a) from t1',
  },
  partialColumns: 3,
  accepts: isNumeric,
  result: () => ({ type: SqlType.DOUBLE, bytes: 8 }),
  create: () => new StandardDeviation(),
};
