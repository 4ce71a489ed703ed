/**
 * The state of `top` and `bottom`: the k best rows a slot, worst first, with time and table of each. A value
 * equal to the worst does not enter a full slot; of equal worst values the one seen first gives way. A block whose best value cannot enter is skipped by its statistics.
 */
import type { SqlType, Vector } from '@tdnode/common';
import type { FunctionCall } from '../plan/fragment.ts';
import type { ColumnStats, ScanBlock } from '../scan.ts';
import { grown } from './aggregator.ts';
import type { Aggregator, RowRange } from './aggregator.ts';
import { Cells } from './cells.ts';
import { valueAt } from './extreme.ts';

interface Entry {
  readonly value: number | bigint;
  readonly time: number;
  readonly origin: number;
}

export class Ranking implements Aggregator {
  readonly #isTop: boolean;
  readonly #size: number;
  readonly #type: SqlType;
  readonly #entries: Entry[][] = [];
  /** The value to beat, once a slot is full; the worst possible one before. */
  #bars: Float64Array = new Float64Array(0);

  constructor(call: FunctionCall, isTop: boolean) {
    this.#isTop = isTop;
    this.#size = call.parameters[0]!;
    this.#type = call.type;
  }

  grow(slots: number): void {
    while (this.#entries.length < slots) this.#entries.push([]);
    this.#bars = grown(this.#bars, slots, this.#isTop ? -Infinity : Infinity);
  }

  add(slot: number, input: Vector, range: RowRange, origin: number): void {
    const { from, to } = range;
    if (input.kind === 'f64') {
      for (
        let i = this.#next(slot, input.data, from, to);
        i < to;
        i = this.#next(slot, input.data, i + 1, to)
      ) {
        this.#insert(slot, { value: input.data[i]!, time: range.ts[i]!, origin });
      }
      return;
    }
    for (let i = from; i < to; i++) {
      const value = valueAt(input, i);
      if (value === value) this.#insert(slot, { value, time: range.ts[i]!, origin });
    }
  }

  addStats(slot: number, stats: ColumnStats | undefined, block: ScanBlock): boolean {
    if (stats === undefined) return false;
    if (stats.nullCount >= block.rows) return true;
    if (this.#entries[slot]!.length < this.#size) return false;
    return this.#isTop ? stats.max <= this.#bars[slot]! : stats.min >= this.#bars[slot]!;
  }

  partial(slots: number): Vector[] {
    return [this.result(slots), { kind: 'f64', data: this.times(slots), nullCount: 0 }];
  }

  merge(slot: number, partial: readonly Vector[], row: number, origin: number): boolean {
    const [values, times] = partial;
    if (times?.kind !== 'f64') return false;
    return this.#insert(slot, { value: valueAt(values!, row), time: times.data[row]!, origin });
  }

  hasResult(slot: number): boolean {
    return this.#entries[slot]!.length > 0;
  }

  result(slots: number): Vector {
    const all = this.#all(slots);
    const cells = new Cells(this.#type);
    cells.grow(all.length);
    for (let i = 0; i < all.length; i++) cells.setNumber(i, all[i]!.value);
    return cells.toVector(all.length);
  }

  entrySlots(slots: number): Uint32Array {
    const all: number[] = [];
    for (let slot = 0; slot < slots; slot++) {
      for (let i = 0; i < this.#entries[slot]!.length; i++) all.push(slot);
    }
    return Uint32Array.from(all);
  }

  times(slots: number): Float64Array {
    return Float64Array.from(this.#all(slots), (entry) => entry.time);
  }

  origins(slots: number): Int32Array {
    return Int32Array.from(this.#all(slots), (entry) => entry.origin);
  }

  #all(slots: number): Entry[] {
    return this.#entries.slice(0, slots).flat();
  }

  /** The next row from `from` on that could enter; `to` if none. */
  #next(slot: number, data: Float64Array, from: number, to: number): number {
    const bar = this.#bars[slot]!;
    return this.#isTop ? nextAbove(data, from, to, bar) : nextBelow(data, from, to, bar);
  }

  #insert(slot: number, entry: Entry): boolean {
    const entries = this.#entries[slot]!;
    if (entries.length === this.#size) {
      if (!this.#beats(entry.value, entries[0]!.value)) return false;
      entries.shift();
    }
    let at = entries.length;
    while (at > 0 && this.#beats(entries[at - 1]!.value, entry.value)) at--;
    entries.splice(at, 0, entry);
    if (entries.length === this.#size) this.#bars[slot] = Number(entries[0]!.value);
    return true;
  }

  #beats(a: number | bigint, b: number | bigint): boolean {
    return this.#isTop ? a > b : a < b;
  }
}

function nextAbove(data: Float64Array, from: number, to: number, bar: number): number {
  let i = from;
  while (i < to && !(data[i]! > bar)) i++;
  return i;
}

function nextBelow(data: Float64Array, from: number, to: number, bar: number): number {
  let i = from;
  while (i < to && !(data[i]! < bar)) i++;
  return i;
}
