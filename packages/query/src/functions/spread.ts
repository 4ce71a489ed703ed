/** `spread(column)`: greatest minus least, in doubles; also of times. */
import { precisionOfTicks, SqlType, timeArithmetic } from '@tdnode/common';
import type { TimeArithmetic, Vector } from '@tdnode/common';
import { TIME_INPUT } from '../plan/fragment.ts';
import type { FunctionCall } from '../plan/fragment.ts';
import type { ColumnStats, ScanBlock } from '../scan.ts';
import { grown } from './aggregator.ts';
import type { Aggregator, FunctionDefinition, RowRange } from './aggregator.ts';
import { asNumbers, maxNumber, minNumber } from './ranges.ts';
import { isNumeric } from './types.ts';

class Spread implements Aggregator {
  /** Infinity: nothing yet. */
  #least: Float64Array = new Float64Array(0);
  #greatest: Float64Array = new Float64Array(0);
  /** Undefined: the values are plain numbers. */
  readonly #times: TimeArithmetic | undefined;

  constructor(call: FunctionCall) {
    if (call.input === TIME_INPUT)
      this.#times = timeArithmetic(precisionOfTicks(call.ticksPerSecond));
  }

  grow(slots: number): void {
    this.#least = grown(this.#least, slots, Infinity);
    this.#greatest = grown(this.#greatest, slots, -Infinity);
  }

  add(slot: number, input: Vector, range: RowRange): void {
    const { from, to } = range;
    const data = asNumbers(input, from, to);
    this.#widen(slot, minNumber(data, from, to), maxNumber(data, from, to));
  }

  addStats(slot: number, stats: ColumnStats | undefined, block: ScanBlock): boolean {
    if (stats === undefined) return false;
    if (stats.nullCount < block.rows) this.#widen(slot, stats.min, stats.max);
    return true;
  }

  partial(slots: number): Vector[] {
    return [
      { kind: 'f64', data: this.#least.subarray(0, slots), nullCount: 0 },
      { kind: 'f64', data: this.#greatest.subarray(0, slots), nullCount: 0 },
    ];
  }

  merge(slot: number, partial: readonly Vector[], row: number): boolean {
    const [least, greatest] = partial;
    if (least?.kind === 'f64' && greatest?.kind === 'f64') {
      this.#widen(slot, least.data[row]!, greatest.data[row]!);
    }
    return false;
  }

  hasResult(slot: number): boolean {
    return this.#least[slot]! !== Infinity;
  }

  result(slots: number): Vector {
    const data = new Float64Array(slots);
    for (let slot = 0; slot < slots; slot++) {
      data[slot] = this.hasResult(slot) ? this.#distance(slot) : NaN;
    }
    return { kind: 'f64', data, nullCount: -1 };
  }

  #distance(slot: number): number {
    const [least, greatest] = [this.#least[slot]!, this.#greatest[slot]!];
    return this.#times?.between(least, greatest) ?? greatest - least;
  }

  #widen(slot: number, least: number, greatest: number): void {
    if (least < this.#least[slot]!) this.#least[slot] = least;
    if (greatest > this.#greatest[slot]!) this.#greatest[slot] = greatest;
  }
}

export const spread: FunctionDefinition = {
  name: 'spread',
  isSelector: false,
  family: 'aggregate',
  isExpandable: false,
  parameters: [],
  onStables: 'yes',
  doc: {
    usage: 'spread(column)',
    says: 'Greatest minus least value, in doubles; of the time column too.',
    statistics: 'block minima and maxima',
    example: 'select spread(a), spread(ts) from t1',
  },
  partialColumns: 2,
  accepts: (type) => isNumeric(type) || type === SqlType.TIMESTAMP,
  result: () => ({ type: SqlType.DOUBLE, bytes: 8 }),
  create: (call) => new Spread(call),
};
