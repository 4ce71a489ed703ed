/**
 * `leastsquares(column, start, step)`: the straight line through the values, which stand at start, start + step,
 * start + 2·step, …; NULL takes no place. The answer is a text, cut to 47 bytes as TDengine cuts it.
 *
 * State: count, sum of values, sum of number × value (numbers from 0), time of the first row. Two states merge in time order:
 * the later one's numbers go on where the earlier one's end.
 */
import { SqlType } from '@tdnode/common';
import type { Vector } from '@tdnode/common';
import type { FunctionCall } from '../plan/fragment.ts';
import { grown } from './aggregator.ts';
import type { Aggregator, FunctionDefinition, RowRange } from './aggregator.ts';
import { stringVector } from './cells.ts';
import { asNumbers } from './ranges.ts';
import { isNumeric } from './types.ts';

const TEXT_BYTES = 47;
const encoder = new TextEncoder();

class LeastSquares implements Aggregator {
  readonly #start: number;
  readonly #step: number;
  #counts: Float64Array = new Float64Array(0);
  #sums: Float64Array = new Float64Array(0);
  #products: Float64Array = new Float64Array(0);
  #since: Float64Array = new Float64Array(0);

  constructor(call: FunctionCall) {
    this.#start = call.parameters[0]!;
    this.#step = call.parameters[1]!;
  }

  grow(slots: number): void {
    this.#counts = grown(this.#counts, slots, 0);
    this.#sums = grown(this.#sums, slots, 0);
    this.#products = grown(this.#products, slots, 0);
    this.#since = grown(this.#since, slots, NaN);
  }

  add(slot: number, input: Vector, range: RowRange): void {
    const { from, to } = range;
    const data = asNumbers(input, from, to);
    const first = this.#counts[slot]!;
    let count = first;
    let sum = 0;
    let product = 0;
    for (let i = from; i < to; i++) {
      const value = data[i]!;
      if (value !== value) continue;
      sum += value;
      product += count++ * value;
    }
    if (count === first) return;
    if (first === 0) this.#since[slot] = range.ts[from]!;
    this.#counts[slot] = count;
    this.#sums[slot]! += sum;
    this.#products[slot]! += product;
  }

  addStats(): boolean {
    return false;
  }

  partial(slots: number): Vector[] {
    return [this.#counts, this.#sums, this.#products, this.#since].map((data) => ({
      kind: 'f64',
      data: data.subarray(0, slots),
      nullCount: -1,
    }));
  }

  merge(slot: number, partial: readonly Vector[], row: number): boolean {
    const [count = 0, sum = 0, product = 0, since = 0] = partial.map((vector) =>
      vector.kind === 'f64' ? vector.data[row]! : 0,
    );
    if (count === 0) return false;
    const before = this.#counts[slot]!;
    if (before > 0 && since < this.#since[slot]!)
      this.#products[slot]! += count * this.#sums[slot]!;
    else this.#products[slot]! += before * sum;
    this.#counts[slot]! += count;
    this.#sums[slot]! += sum;
    this.#products[slot]! += product;
    if (before === 0 || since < this.#since[slot]!) this.#since[slot] = since;
    return false;
  }

  hasResult(slot: number): boolean {
    return this.#counts[slot]! > 0;
  }

  result(slots: number): Vector {
    const texts: (Uint8Array | undefined)[] = [];
    for (let slot = 0; slot < slots; slot++) {
      texts.push(this.hasResult(slot) ? encoder.encode(this.#line(slot)) : undefined);
    }
    return stringVector(texts, slots);
  }

  #line(slot: number): string {
    const count = this.#counts[slot]!;
    const sum = this.#sums[slot]!;
    const middle = (count - 1) / 2;
    // Around the middle number, so that nothing large is subtracted from something large.
    const squares = (count * (count * count - 1)) / 12;
    const slope = (this.#products[slot]! - middle * sum) / (squares * this.#step);
    const intercept = sum / count - slope * (this.#start + middle * this.#step);
    return `{slop:${fixed(slope)}, intercept:${fixed(intercept)}}`.slice(0, TEXT_BYTES);
  }
}

/** Six decimals; no line through a single place: `-nan`. */
function fixed(value: number): string {
  return Number.isFinite(value) ? value.toFixed(6) : '-nan';
}

export const leastsquares: FunctionDefinition = {
  name: 'leastsquares',
  isSelector: false,
  family: 'aggregate',
  isExpandable: false,
  parameters: ['number', 'number'],
  onStables: 'no',
  doc: {
    usage: 'leastsquares(column, start, step)',
    says: 'Slope and intercept, as a text, of the line that fits the values best when they stand at start, start + step, …; NULL takes no place. One table only.',
    statistics: 'none',
    example: 'select leastsquares(f, 1, 1) from t1',
  },
  partialColumns: 4,
  accepts: isNumeric,
  result: () => ({ type: SqlType.BINARY, bytes: 62 }),
  create: (call) => new LeastSquares(call),
};
