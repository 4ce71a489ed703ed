/** `avg(column)`: sum in doubles and count. */
import { SqlType } from '@tdnode/common';
import type { Vector } from '@tdnode/common';
import type { ColumnStats, ScanBlock } from '../scan.ts';
import { grown } from './aggregator.ts';
import type { Aggregator, FunctionDefinition, RowRange } from './aggregator.ts';
import { asNumbers, countValues, sumDense, sumNumbers } from './ranges.ts';
import { isNumeric } from './types.ts';

class Average implements Aggregator {
  #sums: Float64Array = new Float64Array(0);
  #counts: Float64Array = new Float64Array(0);

  grow(slots: number): void {
    this.#sums = grown(this.#sums, slots, 0);
    this.#counts = grown(this.#counts, slots, 0);
  }

  add(slot: number, input: Vector, range: RowRange): void {
    const { from, to } = range;
    const data = asNumbers(input, from, to);
    const dense = input.nullCount === 0;
    this.#sums[slot]! += dense ? sumDense(data, from, to) : sumNumbers(data, from, to);
    this.#counts[slot]! += dense ? to - from : countValues(input, from, to);
  }

  addStats(slot: number, stats: ColumnStats | undefined, block: ScanBlock): boolean {
    if (stats === undefined) return false;
    if (stats.nullCount < block.rows) {
      this.#sums[slot]! += stats.sum;
      this.#counts[slot]! += block.rows - stats.nullCount;
    }
    return true;
  }

  partial(slots: number): Vector[] {
    return [
      { kind: 'f64', data: this.#sums.subarray(0, slots), nullCount: 0 },
      { kind: 'f64', data: this.#counts.subarray(0, slots), nullCount: 0 },
    ];
  }

  merge(slot: number, partial: readonly Vector[], row: number): boolean {
    const [sums, counts] = partial;
    if (sums?.kind === 'f64' && counts?.kind === 'f64') {
      this.#sums[slot]! += sums.data[row]!;
      this.#counts[slot]! += counts.data[row]!;
    }
    return false;
  }

  hasResult(slot: number): boolean {
    return this.#counts[slot]! > 0;
  }

  result(slots: number): Vector {
    const data = new Float64Array(slots);
    for (let slot = 0; slot < slots; slot++) data[slot] = this.#sums[slot]! / this.#counts[slot]!;
    return { kind: 'f64', data, nullCount: -1 };
  }
}

export const avg: FunctionDefinition = {
  name: 'avg',
  isSelector: false,
  family: 'aggregate',
  isExpandable: false,
  parameters: [],
  onStables: 'yes',
  doc: {
    usage: 'avg(column)',
    says: 'The mean. NULL does not count; the result is a DOUBLE.',
    statistics: 'block sums',
    example: 'select avg(a) from t1',
  },
  partialColumns: 2,
  accepts: isNumeric,
  result: () => ({ type: SqlType.DOUBLE, bytes: 8 }),
  create: () => new Average(),
};
