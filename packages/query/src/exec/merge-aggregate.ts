/**
 * Merging partial states of aggregate fragments, and the rows of the answer: groups in order, windows in
 * order within a group, rows without any result dropped, limits per group, then the select list.
 */
import { decodeBatch, MAX_BATCH_ROWS } from '@tdnode/common';
import type { Batch, TagValue, Vector } from '@tdnode/common';
import type { Aggregator } from '../functions/aggregator.ts';
import { valueOf } from '../functions/cells.ts';
import { findFunction } from '../functions/table.ts';
import { evaluateArithmetic } from '../operators/arithmetic.ts';
import { ColumnBuilder } from '../operators/column-builder.ts';
import { RowFilter } from '../operators/filter.ts';
import type { Condition } from '../plan/fragment.ts';
import type {
  AggregateMerge,
  AggregateOutput,
  AggregateShape,
  PlanColumn,
} from '../plan/metadata.ts';
import type { ScanBlock } from '../scan.ts';
import { checkBudget } from './budget.ts';
import { compareKeys, Groups } from './groups.ts';

const encoder = new TextEncoder();

export class AggregateMerger {
  readonly #shape: AggregateShape;
  readonly #merge: AggregateMerge;
  readonly #groups = new Groups();
  readonly #aggregators: readonly Aggregator[];
  readonly #partialAt: readonly number[];
  readonly #companionAt: number;
  /** Companion values by origin, -1 origins have none. */
  readonly #companions: TagValue[][] = [];
  #grownSlots = 0;

  constructor(shape: AggregateShape, merge: AggregateMerge) {
    this.#shape = shape;
    this.#merge = merge;
    let at = shape.groupBy.length + (shape.window === undefined ? 0 : 1);
    const partialAt: number[] = [];
    this.#aggregators = shape.functions.map((call) => {
      const definition = findFunction(call.name)!;
      partialAt.push(at);
      at += definition.partialColumns;
      return definition.create(call);
    });
    this.#partialAt = partialAt;
    this.#companionAt = at;
  }

  /** Takes one batch of a shape. */
  add(bytes: Uint8Array): void {
    const batch = decodeBatch(bytes);
    const keys = this.#shape.groupBy.length;
    const states = this.#aggregators.map((_, i) =>
      batch.columns.slice(this.#partialAt[i], this.#partialAt[i + 1] ?? this.#companionAt),
    );
    const key: TagValue[] = [];
    let group = keys === 0 ? this.#groups.group(key) : -1;
    for (let row = 0; row < batch.rows; row++) {
      for (let k = 0; k < keys; k++) key[k] = valueOf(batch.columns[k]!, row);
      if (keys > 0) group = this.#groups.group(key);
      const starts = batch.columns[keys]!;
      const window =
        this.#shape.window === undefined || starts.kind !== 'f64' ? 0 : starts.data[row]!;
      const slot = this.#slot(group, window);
      this.#addRow(batch, states, slot, row);
    }
  }

  #addRow(batch: Batch, states: readonly Vector[][], slot: number, row: number): void {
    const origin = this.#companions.length;
    for (let i = 0; i < states.length; i++) {
      const isTaken = this.#aggregators[i]!.merge(slot, states[i]!, row, origin);
      if (!isTaken || i !== this.#shape.companionOf) continue;
      this.#companions.push(
        this.#shape.companions.map((_, c) =>
          copyOf(valueOf(batch.columns[this.#companionAt + c]!, row)),
        ),
      );
    }
  }

  #slot(group: number, window: number): number {
    const slot = this.#groups.slot(group, window);
    if (slot >= this.#grownSlots) {
      this.#grownSlots = Math.max(16, this.#grownSlots * 2);
      const bytes = this.#groups.byteSize + this.#grownSlots * this.#aggregators.length * 24;
      checkBudget(bytes, this.#shape.memoryBudgetBytes);
      for (const aggregator of this.#aggregators) aggregator.grow(this.#grownSlots);
    }
    return slot;
  }

  /** The answer's batches. */
  *finish(columns: readonly PlanColumn[]): Generator<Batch> {
    const slots = this.#groups.slots;
    if (slots === 0) return;
    const source = new OutputSource(this.#aggregators, this.#groups, this.#companions, {
      slots,
      companionOf: this.#shape.companionOf,
    });
    const order = this.#order(source, this.#having(source, slots));
    for (let from = 0; from < order.length; from += MAX_BATCH_ROWS) {
      const rows = order.subarray(from, from + MAX_BATCH_ROWS);
      const vectors = this.#merge.outputs.map((output, i) =>
        source.column(output, columns[i]!, rows),
      );
      yield { rows: rows.length, columns: vectors };
    }
  }

  /** For each slot whether the having clause lets it pass; undefined without one. */
  #having(source: OutputSource, slots: number): Uint8Array | undefined {
    const condition = this.#merge.having;
    return condition === undefined ? undefined : source.passing(condition, slots);
  }

  /** Numbers of the rows (slots, or entries) of the answer, in order, limits applied. */
  #order(source: OutputSource, passing: Uint8Array | undefined): Uint32Array {
    const { groups, limit, offset } = this.#merge;
    const result: number[] = [];
    const first = groups.offset;
    const end = groups.limit === undefined ? Infinity : first + groups.limit;
    let groupNumber = 0;
    for (const group of this.#orderedGroups()) {
      const rows = this.#rowsOfGroup(group, source, passing);
      if (rows.length === 0) continue;
      const isWanted = groupNumber >= first && groupNumber < end;
      groupNumber++;
      if (!isWanted) continue;
      const to = limit === undefined ? rows.length : Math.min(rows.length, offset + limit);
      for (let i = offset; i < to; i++) result.push(rows[i]!);
    }
    return Uint32Array.from(result);
  }

  #orderedGroups(): readonly number[] {
    const numbers = this.#groups.groups.map((_, i) => i);
    const direction = this.#merge.order.groups;
    if (direction === 'appearance') return numbers;
    const sign = direction === 'descending' ? -1 : 1;
    return numbers.sort((a, b) => {
      const left = this.#groups.groups[a]!.values;
      const right = this.#groups.groups[b]!.values;
      for (let k = 0; k < left.length; k++) {
        const order = compareKeys(left[k]!, right[k]!);
        if (order !== 0) return sign * order;
      }
      return 0;
    });
  }

  /** A group's rows: by window, entries of a slot by time or value. */
  #rowsOfGroup(group: number, source: OutputSource, passing: Uint8Array | undefined): number[] {
    const { slotWindow } = this.#groups;
    const sign = this.#merge.order.windowsDescending ? -1 : 1;
    const slots = this.#groups.groups[group]!.slots;
    slots.sort((a, b) => sign * (slotWindow[a]! - slotWindow[b]!));
    const rows: number[] = [];
    for (const slot of slots) {
      if (passing?.[slot] === 0) continue;
      const isEmpty = !this.#aggregators.some((aggregator) => aggregator.hasResult(slot));
      if (isEmpty && !this.#merge.keepsEmptyRows) continue;
      source.pushRows(slot, this.#merge.order, rows);
    }
    return rows;
  }
}

/** Columns of the answer, by row number. */
class OutputSource {
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

function copyOf(value: TagValue): TagValue {
  return value instanceof Uint8Array ? value.slice() : value;
}
