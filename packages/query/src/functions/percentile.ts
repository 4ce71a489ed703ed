/**
 * `percentile(column, p)`: exact, by the values themselves, with linear interpolation between neighbours. Of one
 * table only, as all its values are kept until the end (within the query's memory budget).
 *
 * In session and state windows TDengine reads the rows twice, and the second time counts the first window's rows to
 * the last one; that is recorded, and `wrap` keeps it.
 */
import { SqlType } from '@tdnode/common';
import type { Vector } from '@tdnode/common';
import type { FunctionCall } from '../plan/fragment.ts';
import type { Aggregator, FunctionDefinition, RowRange } from './aggregator.ts';
import { stringVector } from './cells.ts';
import { neighbours } from './order-statistic.ts';
import { asNumbers, maxNumber, minNumber } from './ranges.ts';
import { isNumeric } from './types.ts';
import { bytesOf, numbersOf, ValueLists } from './value-lists.ts';

class Percentile implements Aggregator {
  readonly #share: number;
  readonly #isWhole: boolean;
  readonly #lists = new ValueLists();

  constructor(call: FunctionCall) {
    this.#share = call.parameters[0]! / 100;
    this.#isWhole = call.isWhole;
  }

  grow(slots: number): void {
    this.#lists.grow(slots);
  }

  add(slot: number, input: Vector, range: RowRange): void {
    const { from, to } = range;
    this.#lists.append(slot, asNumbers(input, from, to), from, to, input.nullCount === 0);
  }

  addStats(): boolean {
    return false;
  }

  partial(slots: number): Vector[] {
    const states: Uint8Array[] = [];
    for (let slot = 0; slot < slots; slot++) states.push(this.#state(slot));
    return [stringVector(states, slots)];
  }

  merge(slot: number, partial: readonly Vector[], row: number): boolean {
    const [states] = partial;
    if (states?.kind === 'str') {
      const { bytes, offsets } = states;
      const values = numbersOf(bytes.subarray(offsets[row], offsets[row + 1]));
      this.#lists.append(slot, values, 0, values.length, true);
    }
    return false;
  }

  hasResult(slot: number): boolean {
    return this.#lists.length(slot) > 0;
  }

  result(slots: number): Vector {
    const data = new Float64Array(slots).fill(NaN);
    for (let slot = 0; slot < slots; slot++) {
      if (this.hasResult(slot)) data[slot] = this.#percentile(this.#lists.values(slot));
    }
    return { kind: 'f64', data, nullCount: -1 };
  }

  wrap(first: number, last: number): void {
    const values = this.#lists.values(last);
    const least = minNumber(values, 0, values.length);
    const greatest = maxNumber(values, 0, values.length);
    const moved = this.#lists.values(first).filter((value) => value >= least && value <= greatest);
    this.#lists.append(last, moved, 0, moved.length, true);
    this.#lists.clear(first);
  }

  heldBytes(): number {
    return this.#lists.heldBytes;
  }

  /** All values, or the one they come to. */
  #state(slot: number): Uint8Array {
    const values = this.#lists.values(slot);
    if (!this.#isWhole || values.length === 0) return bytesOf(values);
    return bytesOf(new Float64Array([this.#percentile(values)]));
  }

  #percentile(values: Float64Array): number {
    const place = this.#share * (values.length - 1);
    const rank = Math.floor(place);
    const [low, high] = neighbours(values, rank);
    return low + (high - low) * (place - rank);
  }
}

export const percentile: FunctionDefinition = {
  name: 'percentile',
  isSelector: false,
  family: 'aggregate',
  isExpandable: false,
  parameters: ['percent'],
  onStables: 'no',
  doc: {
    usage: 'percentile(column, p)',
    says: 'The value below which p percent of all values lie, 0 ≤ p ≤ 100; exact, interpolated between neighbours. One table only: it keeps all values (8 bytes each) until the end.',
    statistics: 'none',
    example: 'select percentile(a, 50), percentile(a, 75) from t1',
  },
  partialColumns: 1,
  accepts: isNumeric,
  result: () => ({ type: SqlType.DOUBLE, bytes: 8 }),
  create: (call) => new Percentile(call),
};
