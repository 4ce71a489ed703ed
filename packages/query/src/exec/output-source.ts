/**
 * The columns of an aggregate's answer, by row number: a row is a slot or, where a function has several entries a slot, an
 * entry.
 */
import type { TagValue, Vector } from '@tdnode/common';
import type { Aggregator } from '../functions/aggregator.ts';
import { valueOf } from '../functions/cells.ts';
import { evaluateArithmetic } from '../operators/arithmetic.ts';
import { ColumnBuilder } from '../operators/column-builder.ts';
import { RowFilter } from '../operators/filter.ts';
import type { Condition } from '../plan/fragment.ts';
import type { AggregateMerge, AggregateOutput, PlanColumn } from '../plan/metadata.ts';
import type { ScanBlock } from '../scan.ts';
import { compareKeys } from './groups.ts';
import type { Groups } from './groups.ts';

const encoder = new TextEncoder();

/** Columns of the answer, by row number. */
export class OutputSource {
  readonly #results: readonly Vector[];
  readonly #groups: Groups;
  readonly #companions: readonly TagValue[][];
  readonly #times: Float64Array | undefined;
  readonly #origins: Int32Array | undefined;
  /** Slot of each entry, where rows are entries. */
  readonly #entrySlots: Uint32Array | undefined;
  /** First entry of each slot. */
  readonly #firstEntry: Uint32Array | undefined;

  constructor(
    aggregators: readonly Aggregator[],
    groups: Groups,
    companions: readonly TagValue[][],
    sizes: { readonly slots: number; readonly companionOf: number },
  ) {
    const { slots } = sizes;
    this.#results = aggregators.map((aggregator) => aggregator.result(slots));
    this.#groups = groups;
    this.#companions = companions;
    const selector = aggregators[sizes.companionOf];
    this.#times = selector?.times?.(slots);
    this.#origins = selector?.origins?.(slots);
    this.#entrySlots = aggregators[0]!.entrySlots?.(slots);
    if (this.#entrySlots !== undefined) {
      this.#firstEntry = new Uint32Array(slots + 1);
      for (const slot of this.#entrySlots) this.#firstEntry[slot + 1]!++;
      for (let slot = 0; slot < slots; slot++)
        this.#firstEntry[slot + 1]! += this.#firstEntry[slot]!;
    }
  }

  /** Which slots meet a condition on the results. */
  passing(condition: Condition, slots: number): Uint8Array {
    const passing = new Uint8Array(slots);
    const filter = new RowFilter(condition);
    const count = filter.select(this.#resultBlock(slots), 0, slots);
    for (let i = 0; i < count; i++) passing[filter.selection[i]!] = 1;
    return passing;
  }

  /** The results as a block, a row a slot. */
  #resultBlock(slots: number): ScanBlock {
    return {
      rows: slots,
      tsFirst: 0,
      tsLast: 0,
      ts: () => new Float64Array(slots),
      column: (i) => this.#results[i]!,
      stats: () => undefined,
    };
  }

  /** Adds the rows of a slot: itself, or its entries in order. */
  pushRows(slot: number, order: AggregateMerge['order'], into: number[]): void {
    if (this.#firstEntry === undefined) {
      into.push(slot);
      return;
    }
    const rows: number[] = [];
    for (let i = this.#firstEntry[slot]!; i < this.#firstEntry[slot + 1]!; i++) rows.push(i);
    const times = this.#times!;
    const values = this.#results[0]!;
    const sign = order.entriesDescending ? -1 : 1;
    rows.sort((a, b) => {
      if (order.entries === 'time') return sign * (times[a]! - times[b]!);
      return sign * compareKeys(valueOf(values, a), valueOf(values, b));
    });
    into.push(...rows);
  }

  /** The output's values in the listed rows. */
  column(output: AggregateOutput, column: PlanColumn, rows: Uint32Array): Vector {
    const builder = new ColumnBuilder(rows.length, column.type);
    switch (output.kind) {
      case 'function':
        builder.appendSelected(this.#results[output.index]!, rows, 0, rows.length);
        break;
      case 'arithmetic': {
        const inputs = this.#results.map((result) => selectNumbers(result, rows));
        const data = evaluateArithmetic(
          output.expression,
          (index) => inputs[index]!,
          0,
          rows.length,
        );
        return { kind: 'f64', data, nullCount: -1 };
      }
      case 'constant':
        builder.appendValue(
          typeof output.value === 'string' ? encoder.encode(output.value) : output.value,
          rows.length,
        );
        break;
      case 'window':
      case 'time':
      case 'group':
      case 'companion':
        for (const row of rows) builder.appendValue(this.#value(output, row), 1);
    }
    return builder.finish();
  }

  #value(
    output: Extract<AggregateOutput, { kind: 'window' | 'time' | 'group' | 'companion' }>,
    row: number,
  ): TagValue {
    const slot = this.#entrySlots === undefined ? row : this.#entrySlots[row]!;
    switch (output.kind) {
      case 'window':
        return this.#groups.slotWindow[slot]!;
      case 'time':
        return this.#times?.[row] ?? null;
      case 'group':
        return this.#groups.groups[this.#groups.slotGroup[slot]!]!.values[output.index]!;
      case 'companion':
        return this.#companions[this.#origins?.[row] ?? -1]?.[output.index] ?? null;
    }
  }
}

function selectNumbers(vector: Vector, rows: Uint32Array): Vector {
  const builder = new ColumnBuilder(rows.length, vector.kind === 'i64' && vector.unsigned ? 14 : 7);
  if (vector.kind !== 'str') builder.appendSelected(vector, rows, 0, rows.length);
  return builder.finish();
}
