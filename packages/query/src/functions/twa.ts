/**
 * `twa(column)`: the mean weighted by time, the area under the straight lines between neighbouring values divided
 * by the time between first and last. In windows of fixed places the lines go on to the window's first and last
 * tick, as far as the neighbouring windows' values tell; not so where windows overlap. NULL is left out.
 *
 * State: time and value of the first and of the last row, and the area between them.
 */
import { precisionOfTicks, SqlType, timeArithmetic } from '@tdnode/common';
import type { TimeArithmetic, Vector } from '@tdnode/common';
import type { FunctionCall } from '../plan/fragment.ts';
import { grown } from './aggregator.ts';
import type { Aggregator, FunctionDefinition, RowRange } from './aggregator.ts';
import { asNumbers } from './ranges.ts';
import { isNumeric } from './types.ts';

interface Point {
  readonly time: number;
  readonly value: number;
}

class TimeWeightedAverage implements Aggregator {
  /** NaN: nothing yet. */
  #firstTimes: Float64Array = new Float64Array(0);
  #firstValues: Float64Array = new Float64Array(0);
  #lastTimes: Float64Array = new Float64Array(0);
  #lastValues: Float64Array = new Float64Array(0);
  #areas: Float64Array = new Float64Array(0);
  readonly #arithmetic: TimeArithmetic;

  constructor(call: FunctionCall) {
    this.#arithmetic = timeArithmetic(precisionOfTicks(call.ticksPerSecond));
  }

  grow(slots: number): void {
    this.#firstTimes = grown(this.#firstTimes, slots, NaN);
    this.#firstValues = grown(this.#firstValues, slots, NaN);
    this.#lastTimes = grown(this.#lastTimes, slots, NaN);
    this.#lastValues = grown(this.#lastValues, slots, NaN);
    this.#areas = grown(this.#areas, slots, 0);
  }

  add(slot: number, input: Vector, range: RowRange): void {
    const { ts, from, to } = range;
    const data = asNumbers(input, from, to);
    let i = from;
    while (i < to && data[i] !== data[i]) i++;
    if (i === to) return;
    if (this.#firstTimes[slot] !== this.#firstTimes[slot]) {
      this.#setFirst(slot, { time: ts[i]!, value: data[i]! });
      this.#setLast(slot, { time: ts[i]!, value: data[i]! });
    }
    let lastTime = this.#lastTimes[slot]!;
    let lastValue = this.#lastValues[slot]!;
    let doubled = 0;
    const arithmetic = this.#arithmetic;
    for (; i < to; i++) {
      const value = data[i]!;
      if (value !== value) continue;
      const time = ts[i]!;
      doubled += (value + lastValue) * arithmetic.between(lastTime, time);
      lastTime = time;
      lastValue = value;
    }
    this.#areas[slot]! += doubled / 2;
    this.#setLast(slot, { time: lastTime, value: lastValue });
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
      this.#areas,
    ].map((data) => ({ kind: 'f64', data: data.subarray(0, slots), nullCount: -1 }));
  }

  merge(slot: number, partial: readonly Vector[], row: number): boolean {
    const [firstTime = 0, firstValue = 0, lastTime = 0, lastValue = 0, area = 0] = partial.map(
      (vector) => (vector.kind === 'f64' ? vector.data[row]! : 0),
    );
    if (firstTime !== firstTime) return false;
    const first = { time: firstTime, value: firstValue };
    const last = { time: lastTime, value: lastValue };
    this.#areas[slot]! += area;
    if (!this.hasResult(slot)) {
      this.#setFirst(slot, first);
      this.#setLast(slot, last);
    } else if (firstTime >= this.#lastTimes[slot]!) {
      this.#areas[slot]! += this.#areaBetween(this.#last(slot), first);
      this.#setLast(slot, last);
    } else {
      this.#areas[slot]! += this.#areaBetween(last, this.#first(slot));
      this.#setFirst(slot, first);
    }
    return false;
  }

  hasResult(slot: number): boolean {
    const time = this.#firstTimes[slot]!;
    return time === time;
  }

  link(slots: readonly number[], bounds: (slot: number) => readonly [number, number]): void {
    const filled = slots.filter((slot) => this.hasResult(slot));
    // As the rows are, before anything is moved to a window's edge.
    const firsts = filled.map((slot) => this.#first(slot));
    const lasts = filled.map((slot) => this.#last(slot));
    filled.forEach((slot, i) => {
      const [start, end] = bounds(slot);
      const before = lasts[i - 1];
      const after = firsts[i + 1];
      if (before !== undefined) {
        const edge = this.#pointAt(start, before, firsts[i]!);
        this.#areas[slot]! += this.#areaBetween(edge, firsts[i]!);
        this.#setFirst(slot, edge);
      }
      if (after !== undefined) {
        const edge = this.#pointAt(this.#arithmetic.add(end, -1), lasts[i]!, after);
        this.#areas[slot]! += this.#areaBetween(lasts[i]!, edge);
        this.#setLast(slot, edge);
      }
    });
  }

  result(slots: number): Vector {
    const data = new Float64Array(slots);
    for (let slot = 0; slot < slots; slot++) {
      const time = this.#arithmetic.between(this.#firstTimes[slot]!, this.#lastTimes[slot]!);
      data[slot] = time === 0 ? this.#firstValues[slot]! : this.#areas[slot]! / time;
    }
    return { kind: 'f64', data, nullCount: -1 };
  }

  #first(slot: number): Point {
    return { time: this.#firstTimes[slot]!, value: this.#firstValues[slot]! };
  }

  #last(slot: number): Point {
    return { time: this.#lastTimes[slot]!, value: this.#lastValues[slot]! };
  }

  #setFirst(slot: number, { time, value }: Point): void {
    this.#firstTimes[slot] = time;
    this.#firstValues[slot] = value;
  }

  #setLast(slot: number, { time, value }: Point): void {
    this.#lastTimes[slot] = time;
    this.#lastValues[slot] = value;
  }

  #areaBetween(a: Point, b: Point): number {
    return ((a.value + b.value) * this.#arithmetic.between(a.time, b.time)) / 2;
  }

  /** The point at a time on the line through two others. */
  #pointAt(time: number, a: Point, b: Point): Point {
    const rise = (b.value - a.value) * this.#arithmetic.between(a.time, time);
    return { time, value: a.value + rise / this.#arithmetic.between(a.time, b.time) };
  }
}

export const twa: FunctionDefinition = {
  name: 'twa',
  isSelector: false,
  family: 'aggregate',
  isExpandable: false,
  parameters: [],
  onStables: 'by-name',
  doc: {
    usage: 'twa(column)',
    says: 'The mean weighted by time: the area under the lines between neighbouring values, divided by the time. Over stables only `group by tbname`. With `interval` the lines reach to the edges of the windows, except with `sliding`.',
    statistics: 'none',
    example: 'select twa(f) from st group by tbname',
  },
  partialColumns: 5,
  accepts: isNumeric,
  result: () => ({ type: SqlType.DOUBLE, bytes: 8 }),
  create: (call) => new TimeWeightedAverage(call),
};
