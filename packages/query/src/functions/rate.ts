/**
 * `rate(column)`: how fast a counter grows, a second. Where a value is less than the one before it the counter began again
 * at 0. Over a stable its tables' rows count as one series, table after table, as in TDengine.
 *
 * State: first and last row, and the sum of the values that were followed by a lesser one.
 */
import { precisionOfTicks, SqlType, timeArithmetic } from '@tdnode/common';
import type { TimeArithmetic, Vector } from '@tdnode/common';
import type { FunctionCall } from '../plan/fragment.ts';
import { grown } from './aggregator.ts';
import type { Aggregator, FunctionDefinition, RowRange } from './aggregator.ts';
import { asNumbers } from './ranges.ts';
import { isNumeric } from './types.ts';

class Rate implements Aggregator {
  readonly #ticksPerSecond: number;
  readonly #arithmetic: TimeArithmetic;
  #firstTimes: Float64Array = new Float64Array(0);
  #firstValues: Float64Array = new Float64Array(0);
  #lastTimes: Float64Array = new Float64Array(0);
  #lastValues: Float64Array = new Float64Array(0);
  #resets: Float64Array = new Float64Array(0);

  constructor(call: FunctionCall) {
    this.#ticksPerSecond = call.ticksPerSecond;
    this.#arithmetic = timeArithmetic(precisionOfTicks(call.ticksPerSecond));
  }

  grow(slots: number): void {
    this.#firstTimes = grown(this.#firstTimes, slots, NaN);
    this.#firstValues = grown(this.#firstValues, slots, NaN);
    this.#lastTimes = grown(this.#lastTimes, slots, NaN);
    this.#lastValues = grown(this.#lastValues, slots, NaN);
    this.#resets = grown(this.#resets, slots, 0);
  }

  add(slot: number, input: Vector, range: RowRange): void {
    const { ts, from, to } = range;
    const data = asNumbers(input, from, to);
    let last = this.#lastValues[slot]!;
    let at = -1;
    let resets = 0;
    for (let i = from; i < to; i++) {
      const value = data[i]!;
      if (value !== value) continue;
      if (value < last) resets += last;
      if (at < 0 && !this.hasResult(slot)) {
        this.#firstTimes[slot] = ts[i]!;
        this.#firstValues[slot] = value;
      }
      last = value;
      at = i;
    }
    if (at < 0) return;
    this.#resets[slot]! += resets;
    this.#lastTimes[slot] = ts[at]!;
    this.#lastValues[slot] = last;
  }

  addStats(): boolean {
    return false;
  }

  partial(slots: number): Vector[] {
    return [
      this.#firstTimes,
      this.#firstValues,
      this.#lastTimes,
      this.#lastValues,
      this.#resets,
    ].map((data) => ({ kind: 'f64', data: data.subarray(0, slots), nullCount: -1 }));
  }

  merge(slot: number, partial: readonly Vector[], row: number): boolean {
    const [firstTime = 0, firstValue = 0, lastTime = 0, lastValue = 0, resets = 0] = partial.map(
      (vector) => (vector.kind === 'f64' ? vector.data[row]! : 0),
    );
    if (firstTime !== firstTime) return false;
    this.#resets[slot]! += resets;
    if (this.hasResult(slot) && lastTime < this.#firstTimes[slot]!) {
      if (this.#firstValues[slot]! < lastValue) this.#resets[slot]! += lastValue;
      this.#firstTimes[slot] = firstTime;
      this.#firstValues[slot] = firstValue;
      return false;
    }
    if (!this.hasResult(slot)) {
      this.#firstTimes[slot] = firstTime;
      this.#firstValues[slot] = firstValue;
    } else if (firstValue < this.#lastValues[slot]!) this.#resets[slot]! += this.#lastValues[slot]!;
    this.#lastTimes[slot] = lastTime;
    this.#lastValues[slot] = lastValue;
    return false;
  }

  hasResult(slot: number): boolean {
    const time = this.#firstTimes[slot]!;
    return time === time;
  }

  result(slots: number): Vector {
    const data = new Float64Array(slots);
    for (let slot = 0; slot < slots; slot++) {
      const ticks = this.#arithmetic.between(this.#firstTimes[slot]!, this.#lastTimes[slot]!);
      const seconds = ticks / this.#ticksPerSecond;
      const growth = this.#resets[slot]! + this.#lastValues[slot]! - this.#firstValues[slot]!;
      data[slot] = seconds <= 0 || growth <= 0 ? 0 : growth / seconds;
      if (!this.hasResult(slot)) data[slot] = NaN;
    }
    return { kind: 'f64', data, nullCount: -1 };
  }
}

export const rate: FunctionDefinition = {
  name: 'rate',
  isSelector: false,
  family: 'aggregate',
  isExpandable: false,
  parameters: [],
  onStables: 'yes',
  doc: {
    usage: 'rate(column)',
    says: 'How fast a counter grows, a second; where a value is less than the one before, the counter began again at 0. Over a stable, group by tbname: else its tables count as one series.',
    statistics: 'none',
    example: 'select rate(f) from t1',
  },
  partialColumns: 5,
  accepts: isNumeric,
  result: () => ({ type: SqlType.DOUBLE, bytes: 8 }),
  create: (call) => new Rate(call),
};
