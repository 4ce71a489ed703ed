/** The state of `min` and `max`: the value, and time and table of the row that has it where they are asked for. */
import type { Vector } from '@tdnode/common';
import type { FunctionCall } from '../plan/fragment.ts';
import type { ColumnStats, ScanBlock } from '../scan.ts';
import { grown, grownInts } from './aggregator.ts';
import type { Aggregator, RowRange } from './aggregator.ts';
import { Cells, wideValue } from './cells.ts';
import { maxIndex, maxNumber, minIndex, minNumber } from './ranges.ts';

export class Extreme implements Aggregator {
  readonly #isMax: boolean;
  readonly #tracksRow: boolean;
  readonly #values: Cells;
  #times: Float64Array = new Float64Array(0);
  #origins: Int32Array = new Int32Array(0);

  constructor(call: FunctionCall, isMax: boolean) {
    this.#isMax = isMax;
    this.#tracksRow = call.tracksRow;
    this.#values = new Cells(call.type);
  }

  grow(slots: number): void {
    this.#values.grow(slots);
    this.#times = grown(this.#times, slots, NaN);
    this.#origins = grownInts(this.#origins, slots);
  }

  add(slot: number, input: Vector, range: RowRange, origin: number): void {
    const { from, to } = range;
    if (input.kind === 'f64' && !this.#tracksRow) {
      const best = this.#isMax ? maxNumber(input.data, from, to) : minNumber(input.data, from, to);
      if (best !== Infinity && best !== -Infinity) this.#take(slot, best);
      return;
    }
    const row = this.#isMax ? maxIndex(input, from, to) : minIndex(input, from, to);
    if (row < 0 || !this.#take(slot, valueAt(input, row))) return;
    this.#times[slot] = range.ts[row]!;
    this.#origins[slot] = origin;
  }

  addStats(slot: number, stats: ColumnStats | undefined, block: ScanBlock): boolean {
    if (stats === undefined) return false;
    if (stats.nullCount >= block.rows) return true;
    const best = this.#isMax ? stats.max : stats.min;
    if (!this.#tracksRow) this.#take(slot, best);
    else if (this.#improves(slot, best)) return false;
    return true;
  }

  partial(slots: number): Vector[] {
    return [this.result(slots), { kind: 'f64', data: this.times(slots), nullCount: -1 }];
  }

  merge(slot: number, partial: readonly Vector[], row: number, origin: number): boolean {
    const [values, times] = partial;
    const value = valueAt(values!, row);
    if (value !== value || !this.#take(slot, value)) return false;
    if (times?.kind === 'f64') this.#times[slot] = times.data[row]!;
    this.#origins[slot] = origin;
    return true;
  }

  hasResult(slot: number): boolean {
    const value = this.#values.number(slot);
    return value === value;
  }

  result(slots: number): Vector {
    return this.#values.toVector(slots);
  }

  times(slots: number): Float64Array {
    return this.#times.subarray(0, slots);
  }

  origins(slots: number): Int32Array {
    return this.#origins.subarray(0, slots);
  }

  #improves(slot: number, value: number | bigint): boolean {
    const before = this.#values.number(slot);
    if (before !== before) return true;
    return this.#isMax ? value > before : value < before;
  }

  #take(slot: number, value: number | bigint): boolean {
    if (!this.#improves(slot, value)) return false;
    this.#values.setNumber(slot, value);
    return true;
  }
}

/** A numeric vector's value, NaN for NULL. */
export function valueAt(vector: Vector, row: number): number | bigint {
  if (vector.kind === 'f64') return vector.data[row]!;
  if (vector.kind === 'i64') return wideValue(vector.data[row]!, vector.unsigned);
  return NaN;
}
