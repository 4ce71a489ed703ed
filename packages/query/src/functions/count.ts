/** `count(*)`, `count(column)`: rows, or rows whose column is not NULL. 0 says nothing: the row is dropped. */
import { SqlType } from '@tdnode/common';
import type { Vector } from '@tdnode/common';
import { NO_INPUT } from '../plan/fragment.ts';
import type { FunctionCall } from '../plan/fragment.ts';
import type { ColumnStats, ScanBlock } from '../scan.ts';
import { grown } from './aggregator.ts';
import type { Aggregator, FunctionDefinition, RowRange } from './aggregator.ts';
import { countValues } from './ranges.ts';

class Count implements Aggregator {
  readonly #allRows: boolean;
  #counts: Float64Array = new Float64Array(0);

  constructor(call: FunctionCall) {
    this.#allRows = call.input === NO_INPUT;
  }

  grow(slots: number): void {
    this.#counts = grown(this.#counts, slots, 0);
  }

  add(slot: number, input: Vector, range: RowRange): void {
    const { from, to } = range;
    this.#counts[slot]! += this.#allRows ? to - from : countValues(input, from, to);
  }

  addStats(slot: number, stats: ColumnStats | undefined, block: ScanBlock): boolean {
    if (this.#allRows) this.#counts[slot]! += block.rows;
    else if (stats === undefined) return false;
    else this.#counts[slot]! += block.rows - stats.nullCount;
    return true;
  }

  partial(slots: number): Vector[] {
    return [this.result(slots)];
  }

  merge(slot: number, partial: readonly Vector[], row: number): boolean {
    const [counts] = partial;
    if (counts?.kind === 'f64') this.#counts[slot]! += counts.data[row]!;
    return false;
  }

  hasResult(slot: number): boolean {
    return this.#counts[slot]! > 0;
  }

  result(slots: number): Vector {
    return { kind: 'f64', data: this.#counts.subarray(0, slots), nullCount: 0 };
  }
}

export const count: FunctionDefinition = {
  name: 'count',
  isSelector: false,
  family: 'aggregate',
  isExpandable: false,
  parameters: [],
  onStables: 'yes',
  doc: {
    usage: 'count(*), count(column)',
    says: 'Rows, or rows where the column is not NULL. Over nothing there is no row, not even a 0. `count(tbname)` counts tables.',
    statistics: 'row counts',
    example: 'select count(*), count(a) from st',
  },
  partialColumns: 1,
  accepts: () => true,
  result: () => ({ type: SqlType.BIGINT, bytes: 8 }),
  create: (call) => new Count(call),
};
