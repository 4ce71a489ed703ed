/**
 * Merging partial states of aggregate fragments, and the rows of the answer: groups in order, windows in
 * order within a group, rows without any result dropped, limits per group, then the select list.
 */
import { decodeBatch, MAX_BATCH_ROWS } from '@tdnode/common';
import type { Batch, TagValue, Vector } from '@tdnode/common';
import type { Aggregator } from '../functions/aggregator.ts';
import { valueOf } from '../functions/cells.ts';
import { findFunction } from '../functions/table.ts';
import { windowCutter } from '../operators/window.ts';
import type { AggregateMerge, AggregateShape, PlanColumn } from '../plan/metadata.ts';
import { checkBudget } from './budget.ts';
import { fillAnswer } from './fill-answer.ts';
import type { AnswerGroup } from './fill-answer.ts';
import { compareKeys, Groups } from './groups.ts';
import { OutputSource } from './output-source.ts';

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
    let held = 0;
    for (const aggregator of this.#aggregators) held += aggregator.heldBytes?.() ?? 0;
    if (held > 0) checkBudget(held, this.#shape.memoryBudgetBytes);
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
    this.#linkWindows();
    const source = new OutputSource(this.#aggregators, this.#groups, this.#companions, {
      slots,
      companionOf: this.#shape.companionOf,
    });
    const groups = this.#wantedGroups(source, this.#having(source, slots));
    if (this.#merge.fill !== undefined) {
      yield* fillAnswer(groups, this.#merge.fill, {
        merge: this.#merge,
        columns,
        source,
        groups: this.#groups,
      });
      return;
    }
    const order = this.#limited(groups);
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

  /** Functions that look at neighbouring windows see them in order. */
  #linkWindows(): void {
    const { window } = this.#shape;
    const linked = this.#aggregators.filter((aggregator) => aggregator.link !== undefined);
    if (linked.length === 0 || window === undefined) return;
    if (window.kind === 'session' || window.kind === 'state') return;
    const windows = windowCutter(window);
    if (windows.overlaps) return;
    const { slotWindow } = this.#groups;
    for (const { slots } of this.#groups.groups) {
      const ordered = [...slots].sort((a, b) => slotWindow[a]! - slotWindow[b]!);
      for (const aggregator of linked) {
        aggregator.link?.(ordered, (slot) => [slotWindow[slot]!, windows.end(slotWindow[slot]!)]);
      }
    }
  }

  /** The groups that `slimit` leaves, in order, each with its rows (slots, or entries) in order. */
  #wantedGroups(source: OutputSource, passing: Uint8Array | undefined): AnswerGroup[] {
    const { groups } = this.#merge;
    const wanted: AnswerGroup[] = [];
    const end = groups.limit === undefined ? Infinity : groups.offset + groups.limit;
    let groupNumber = 0;
    for (const group of this.#orderedGroups()) {
      const rows = this.#rowsOfGroup(group, source, passing);
      if (rows.length === 0) continue;
      if (groupNumber >= groups.offset && groupNumber < end) wanted.push({ number: group, rows });
      groupNumber++;
    }
    return wanted;
  }

  /** Numbers of the rows of the answer, limits applied. */
  #limited(groups: readonly AnswerGroup[]): Uint32Array {
    const { limit, offset } = this.#merge;
    const result: number[] = [];
    for (const { rows } of groups) {
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

function copyOf(value: TagValue): TagValue {
  return value instanceof Uint8Array ? value.slice() : value;
}
