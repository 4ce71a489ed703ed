/**
 * The state of an aggregate fragment, and how blocks go into it. For each block the cheapest way that is
 * right is taken: statistics alone where the whole block passes the filter and lies in one window of one
 * group; else its rows, packed, cut into windows and groups, as ranges.
 */
import type { TagValue, Vector } from '@tdnode/common';
import type { Aggregator } from '../functions/aggregator.ts';
import { isNull, valueOf } from '../functions/cells.ts';
import { findFunction } from '../functions/table.ts';
import type { WantedRows } from '../operators/block-rows.ts';
import { Gatherer } from '../operators/gather.ts';
import { windowCutter } from '../operators/window.ts';
import type { WindowCutter } from '../operators/window.ts';
import { NO_INPUT, TIME_INPUT } from '../plan/fragment.ts';
import type { AggregateFragment, FunctionCall, GroupKey } from '../plan/fragment.ts';
import type { ColumnStats, ScanBlock, ScanTable } from '../scan.ts';
import { BlockRange } from './block-range.ts';
import { checkBudget } from './budget.ts';
import { Groups } from './groups.ts';
import { rowWindows } from './row-windows.ts';
import type { RowWindows } from './row-windows.ts';
import { BLOCK_UNITS } from './slice.ts';

const NO_WINDOW = 0;

/** State of one running aggregate fragment. */
export class AggregateRun {
  readonly fragment: AggregateFragment;
  readonly calls: readonly FunctionCall[];
  readonly aggregators: readonly Aggregator[];
  readonly colIds: readonly number[];
  readonly groups = new Groups();
  /** Tables by origin, for companions; filled only when they are wanted. */
  readonly origins: ScanTable[] = [];
  readonly #windows: WindowCutter | undefined;
  /** Windows made by the rows. */
  readonly #rowWindows: RowWindows | undefined;
  readonly #columnKey: Extract<GroupKey, { kind: 'column' }> | undefined;
  readonly #columnKeyAt: number;
  #grownSlots = 0;
  readonly #range = new BlockRange();
  readonly #gatherers: Gatherer[] = [];
  /** Inputs of the rows at hand, one a call; decoded when first used. */
  #inputs: (Vector | undefined)[] = [];

  constructor(fragment: AggregateFragment) {
    this.fragment = fragment;
    this.calls = fragment.functions;
    this.colIds = fragment.scan.columns.map((column) => column.colId);
    this.aggregators = fragment.functions.map((call) => findFunction(call.name)!.create(call));
    for (const _ of fragment.functions) this.#gatherers.push(new Gatherer());
    const { window } = fragment;
    this.#rowWindows = rowWindows(window);
    const isOfRows = window === undefined || window.kind === 'session' || window.kind === 'state';
    this.#windows = isOfRows ? undefined : windowCutter(window);
    this.#columnKeyAt = fragment.groupBy.findIndex((key) => key.kind === 'column');
    const key = fragment.groupBy[this.#columnKeyAt];
    this.#columnKey = key?.kind === 'column' ? key : undefined;
  }

  /** Whether the number of wanted rows of a block is all that is asked for. */
  get countsOnly(): boolean {
    if (this.#columnKey !== undefined || this.fragment.window !== undefined) return false;
    return this.calls.every((call) => call.input === NO_INPUT);
  }

  /** Whether rows of one table may fall into several groups. */
  get groupsByColumn(): boolean {
    return this.#columnKey !== undefined;
  }

  /** The slot, with room for it in every aggregator. */
  slot(group: number, window: number): number {
    const slot = this.groups.slot(group, window);
    if (slot >= this.#grownSlots) {
      this.#grownSlots = Math.max(16, this.#grownSlots * 2);
      checkBudget(
        this.groups.byteSize + this.#grownSlots * this.calls.length * 24,
        this.fragment.memoryBudgetBytes,
      );
      for (const aggregator of this.aggregators) aggregator.grow(this.#grownSlots);
    }
    return slot;
  }

  /** Called when all rows are in. */
  close(): void {
    if (this.#rowWindows?.wraps !== true) return;
    for (const aggregator of this.aggregators) aggregator.wrap?.(0, this.groups.slots - 1);
  }

  /** Throws when functions that keep values hold more than the query may. */
  checkHeld(): void {
    let bytes = 0;
    for (const aggregator of this.aggregators) bytes += aggregator.heldBytes?.() ?? 0;
    if (bytes > 0) checkBudget(bytes, this.fragment.memoryBudgetBytes);
  }

  /** The group of a table's rows; grouped by a column, one whose column is left NULL and that gets no rows. */
  groupOf(table: ScanTable): number {
    return this.groups.group(this.#tableKey(table));
  }

  #tableKey(table: ScanTable): TagValue[] {
    return this.fragment.groupBy.map((key) => {
      if (key.kind === 'tag') return table.tag(key.colId);
      return key.kind === 'tbname' ? encoder.encode(table.name) : null;
    });
  }

  /** Takes the wanted rows of a block; returns the work done, in units. */
  addBlock(block: ScanBlock, rows: WantedRows, group: number, origin: number): number {
    this.#range.open(block, rows);
    if (rows.isWhole && this.#columnKey === undefined && this.#rowWindows === undefined) {
      const start = this.#onlyWindow(block);
      if (start !== undefined) return this.#addWhole(block, this.slot(group, start), origin);
    }
    this.#inputs = [];
    if (this.#columnKey !== undefined) this.#addByColumn(block, rows, group, origin);
    else if (this.#rowWindows !== undefined)
      this.#rowWindows.cut(block, rows, this.#range, (start) => {
        this.#addRange(block, rows, this.slot(group, start), origin);
      });
    else this.#addWindows(block, rows, group, origin);
    return BLOCK_UNITS + rows.count * (this.calls.length + 1);
  }

  /** Start of the window that alone holds all rows of the block, if there is one. */
  #onlyWindow(block: ScanBlock): number | undefined {
    const windows = this.#windows;
    if (windows === undefined) return NO_WINDOW;
    if (windows.overlaps) return undefined;
    const start = windows.first(block.tsFirst);
    return block.tsLast < windows.end(start) ? start : undefined;
  }

  #addWhole(block: ScanBlock, slot: number, origin: number): number {
    let units = BLOCK_UNITS;
    for (let i = 0; i < this.calls.length; i++) {
      const aggregator = this.aggregators[i]!;
      if (aggregator.addStats(slot, statsOf(this.calls[i]!, block), block, origin)) continue;
      aggregator.add(slot, inputOf(this.calls[i]!, block), this.#range, origin);
      units += block.rows;
    }
    return units;
  }

  #input(i: number, block: ScanBlock, rows: WantedRows): Vector {
    const known = this.#inputs[i];
    if (known !== undefined) return known;
    const call = this.calls[i]!;
    let input: Vector;
    if (call.input === NO_INPUT) input = NO_VECTOR;
    else if (rows.selection === undefined) input = inputOf(call, block);
    else if (call.input === TIME_INPUT) input = { kind: 'f64', data: this.#range.ts, nullCount: 0 };
    else input = this.#gatherers[i]!.vector(inputOf(call, block), rows.selection, rows.count);
    this.#inputs[i] = input;
    return input;
  }

  #addRange(block: ScanBlock, rows: WantedRows, slot: number, origin: number): void {
    for (let i = 0; i < this.calls.length; i++) {
      this.aggregators[i]!.add(slot, this.#input(i, block, rows), this.#range, origin);
    }
  }

  #addWindows(block: ScanBlock, rows: WantedRows, group: number, origin: number): void {
    const windows = this.#windows;
    if (windows === undefined) {
      this.#addRange(block, rows, this.slot(group, NO_WINDOW), origin);
    } else if (windows.overlaps) {
      this.#addOverlapping(windows, block, rows, { group, origin });
    } else {
      const range = this.#range;
      const end = range.to;
      let start = windows.first(range.timeAt(range.from));
      while (true) {
        range.to = range.firstAt(windows.end(start), range.from, end);
        this.#addRange(block, rows, this.slot(group, start), origin);
        if (range.to === end) return;
        range.from = range.to;
        start = windows.next(start);
        if (range.timeAt(range.from) >= windows.end(start)) {
          start = windows.first(range.timeAt(range.from));
        }
      }
    }
  }

  #addOverlapping(
    windows: WindowCutter,
    block: ScanBlock,
    rows: WantedRows,
    { group, origin }: { readonly group: number; readonly origin: number },
  ): void {
    const range = this.#range;
    const end = range.to;
    let at = range.from;
    let start = windows.first(range.timeAt(at));
    while (at < end) {
      range.from = range.firstAt(start, at, end);
      range.to = range.firstAt(windows.end(start), range.from, end);
      if (range.to > range.from) this.#addRange(block, rows, this.slot(group, start), origin);
      start = windows.next(start);
      at = range.firstAt(start, at, end);
      if (at < end && range.timeAt(at) >= windows.end(start)) {
        start = windows.first(range.timeAt(at));
      }
    }
  }

  /** Runs of rows with the same key go to the key's group; NULL keys are dropped. */
  #addByColumn(block: ScanBlock, rows: WantedRows, group: number, origin: number): void {
    const key = this.#columnKey!;
    const vector = block.column(key.index);
    const values = [...this.groups.groups[group]!.values];
    const first = rows.selection === undefined ? rows.from : 0;
    const end = first + rows.count;
    for (let i = first; i < end;) {
      const row = rows.selection === undefined ? i : rows.selection[i]!;
      let to = i + 1;
      if (!isNull(vector, row)) {
        values[this.#columnKeyAt] = valueOf(vector, row);
        const slot = this.slot(this.groups.group(values), NO_WINDOW);
        while (
          to < end &&
          sameValue(vector, row, rows.selection === undefined ? to : rows.selection[to]!)
        )
          to++;
        this.#range.from = i;
        this.#range.to = to;
        this.#addRange(block, rows, slot, origin);
      }
      i = to;
    }
  }
}

const encoder = new TextEncoder();
const EMPTY = new Float64Array(0);
const NO_VECTOR: Vector = { kind: 'f64', data: EMPTY, nullCount: 0 };

/** The vector a call takes from a block. */
export function inputOf(call: FunctionCall, block: ScanBlock): Vector {
  if (call.input === NO_INPUT) return NO_VECTOR;
  if (call.input === TIME_INPUT) return { kind: 'f64', data: block.ts(), nullCount: 0 };
  return block.column(call.input);
}

function statsOf(call: FunctionCall, block: ScanBlock): ColumnStats | undefined {
  if (call.input === NO_INPUT) return undefined;
  if (call.input !== TIME_INPUT) return block.stats(call.input);
  const { tsFirst, tsLast } = block;
  return { nullCount: 0, sum: NaN, min: tsFirst, max: tsLast, first: tsFirst, last: tsLast };
}

function sameValue(vector: Vector, a: number, b: number): boolean {
  if (vector.kind !== 'str') return vector.data[a] === vector.data[b];
  if (isNull(vector, b)) return false;
  const { offsets, bytes } = vector;
  const length = offsets[a + 1]! - offsets[a]!;
  if (offsets[b + 1]! - offsets[b]! !== length) return false;
  for (let i = 0; i < length; i++)
    if (bytes[offsets[a]! + i] !== bytes[offsets[b]! + i]) return false;
  return true;
}
