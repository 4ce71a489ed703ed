/** `apercentile(column, p)`: like `percentile`, over any number of rows and over stables, within 1 % of the rank. */
import { SqlType } from '@tdnode/common';
import type { Vector } from '@tdnode/common';
import type { FunctionCall } from '../plan/fragment.ts';
import type { Aggregator, FunctionDefinition, RowRange } from './aggregator.ts';
import { stringVector } from './cells.ts';
import { QuantileSketch } from './quantile-sketch.ts';
import { asNumbers } from './ranges.ts';
import { isNumeric } from './types.ts';

class ApproximatePercentile implements Aggregator {
  readonly #share: number;
  /** Asked for the least or the greatest value. */
  readonly #isEnd: boolean;
  readonly #sketches: QuantileSketch[] = [];
  /** Bytes held, counted anew for the slot that changes. */
  #held = 0;

  constructor(call: FunctionCall) {
    this.#share = call.parameters[0]! / 100;
    this.#isEnd = this.#share === 0 || this.#share === 1;
  }

  grow(slots: number): void {
    while (this.#sketches.length < slots) this.#sketches.push(new QuantileSketch(this.#isEnd));
  }

  add(slot: number, input: Vector, range: RowRange): void {
    const { from, to } = range;
    const sketch = this.#sketches[slot]!;
    this.#held -= sketch.heldBytes;
    sketch.add(asNumbers(input, from, to), from, to, input.nullCount === 0);
    this.#held += sketch.heldBytes;
  }

  addStats(): boolean {
    return false;
  }

  partial(slots: number): Vector[] {
    return [
      stringVector(
        this.#sketches.slice(0, slots).map((sketch) => sketch.encode()),
        slots,
      ),
    ];
  }

  merge(slot: number, partial: readonly Vector[], row: number): boolean {
    const [states] = partial;
    if (states?.kind === 'str') {
      const { bytes, offsets } = states;
      const sketch = this.#sketches[slot]!;
      this.#held -= sketch.heldBytes;
      sketch.merge(bytes.subarray(offsets[row], offsets[row + 1]));
      this.#held += sketch.heldBytes;
    }
    return false;
  }

  hasResult(slot: number): boolean {
    return this.#sketches[slot]!.count > 0;
  }

  result(slots: number): Vector {
    const data = new Float64Array(slots).fill(NaN);
    for (let slot = 0; slot < slots; slot++) {
      if (this.hasResult(slot)) data[slot] = this.#sketches[slot]!.at(this.#share);
    }
    return { kind: 'f64', data, nullCount: -1 };
  }

  heldBytes(): number {
    return this.#held;
  }
}

export const apercentile: FunctionDefinition = {
  name: 'apercentile',
  isSelector: false,
  family: 'aggregate',
  isExpandable: false,
  parameters: ['percent'],
  onStables: 'yes',
  doc: {
    usage: 'apercentile(column, p)',
    says: 'Like `percentile`, also over stables and any number of rows: exact up to 65,536 values a group, beyond that the rank is right within 1 %. The same data give the same answer.',
    statistics: 'none',
    example: 'select apercentile(a, 50) from st',
  },
  partialColumns: 1,
  accepts: isNumeric,
  result: () => ({ type: SqlType.DOUBLE, bytes: 8 }),
  create: (call) => new ApproximatePercentile(call),
};
