/** The state of `first`, `last` and `last_row`: a value with the time and the table of its row. */
import type { Vector } from '@tdnode/common';
import type { FunctionCall } from '../plan/fragment.ts';
import type { ColumnStats, ScanBlock } from '../scan.ts';
import { grown, grownInts } from './aggregator.ts';
import type { Aggregator, RowRange } from './aggregator.ts';
import { Cells, isNull } from './cells.ts';

/** Which row an `Edge` keeps. */
export type EdgeRule = 'first' | 'last' | 'last_row';

export class Edge implements Aggregator {
  readonly #rule: EdgeRule;
  readonly #values: Cells;
  /** NaN: no row yet. */
  #times: Float64Array = new Float64Array(0);
  #origins: Int32Array = new Int32Array(0);

  constructor(call: FunctionCall, rule: EdgeRule) {
    this.#rule = rule;
    this.#values = new Cells(call.type);
  }

  grow(slots: number): void {
    this.#values.grow(slots);
    this.#times = grown(this.#times, slots, NaN);
    this.#origins = grownInts(this.#origins, slots);
  }

  add(slot: number, input: Vector, range: RowRange, origin: number): void {
    const { ts, from, to } = range;
    // The range's own edge tells whether any of its rows could be kept.
    if (!this.#improves(slot, this.#rule === 'first' ? ts[from]! : ts[to - 1]!)) return;
    const row = this.#edgeRow(input, from, to);
    if (row < 0 || !this.#improves(slot, ts[row]!)) return;
    this.#values.set(slot, input, row);
    this.#times[slot] = ts[row]!;
    this.#origins[slot] = origin;
  }

  addStats(
    slot: number,
    stats: ColumnStats | undefined,
    block: ScanBlock,
    origin: number,
  ): boolean {
    const time = this.#rule === 'first' ? block.tsFirst : block.tsLast;
    if (!this.#improves(slot, time)) return true;
    if (stats === undefined) return false;
    if (stats.nullCount > 0) return stats.nullCount >= block.rows && this.#rule !== 'last_row';
    this.#values.setNumber(slot, this.#rule === 'first' ? stats.first : stats.last);
    this.#times[slot] = time;
    this.#origins[slot] = origin;
    return true;
  }

  partial(slots: number): Vector[] {
    return [this.result(slots), { kind: 'f64', data: this.times(slots), nullCount: -1 }];
  }

  merge(slot: number, partial: readonly Vector[], row: number, origin: number): boolean {
    const [values, times] = partial;
    if (times?.kind !== 'f64') return false;
    const time = times.data[row]!;
    if (time !== time || !this.#improves(slot, time)) return false;
    this.#values.set(slot, values!, row);
    this.#times[slot] = time;
    this.#origins[slot] = origin;
    return true;
  }

  hasResult(slot: number): boolean {
    const time = this.#times[slot]!;
    return time === time;
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

  #edgeRow(input: Vector, from: number, to: number): number {
    if (this.#rule === 'last_row') return to - 1;
    if (this.#rule === 'first') {
      for (let i = from; i < to; i++) if (!isNull(input, i)) return i;
    } else {
      for (let i = to - 1; i >= from; i--) if (!isNull(input, i)) return i;
    }
    return -1;
  }

  #improves(slot: number, time: number): boolean {
    const before = this.#times[slot]!;
    if (before !== before) return true;
    return this.#rule === 'first' ? time < before : time > before;
  }
}
