/**
 * Windows that the rows themselves make: sessions (no gap longer than so much) and states (neighbouring rows with the
 * same value). Of one table only: what is open at the end of a block goes on in the next one.
 *
 * Kept as recorded of TDengine 2.1: rows whose state is NULL do not end a state and are not counted to it, but the rows
 * taken are as many as were counted, one after the other from the first.
 */
import { timeArithmetic } from '@tdnode/common';
import type { TagValue, TimeArithmetic } from '@tdnode/common';
import { isNull, valueOf } from '../functions/cells.ts';
import type { WantedRows } from '../operators/block-rows.ts';
import type { SessionWindow, StateWindow, Window } from '../plan/fragment.ts';
import type { ScanBlock } from '../scan.ts';
import type { BlockRange } from './block-range.ts';

/** Cuts the wanted rows of a block; `take` is called with `range` set to the rows of a window and its start. */
export interface RowWindows {
  cut(block: ScanBlock, rows: WantedRows, range: BlockRange, take: (start: number) => void): void;
  /** Whether the window at hand would go on in the first row, read again. */
  readonly wraps: boolean;
}

/** The cutter of windows that depend on rows; undefined for all others. */
export function rowWindows(window: Window | undefined): RowWindows | undefined {
  if (window?.kind === 'session') return new Sessions(window);
  return window?.kind === 'state' ? new States(window) : undefined;
}

class Sessions implements RowWindows {
  readonly #gap: number;
  readonly #times: TimeArithmetic;
  #start = NaN;
  #last = -Infinity;
  #windows = 0;

  constructor(window: SessionWindow) {
    this.#gap = window.gap;
    this.#times = timeArithmetic(window.precision);
  }

  get wraps(): boolean {
    return this.#windows > 1;
  }

  cut(
    _block: ScanBlock,
    _rows: WantedRows,
    range: BlockRange,
    take: (start: number) => void,
  ): void {
    const { ts } = range;
    const times = this.#times;
    const end = range.to;
    for (let i = range.from; i < end; i++) {
      const time = ts[i]!;
      if (times.between(this.#last, time) > this.#gap) {
        if (i > range.from) {
          range.to = i;
          take(this.#start);
          range.from = i;
        }
        this.#start = time;
        this.#windows++;
      }
      this.#last = time;
    }
    range.to = end;
    take(this.#start);
  }
}

class States implements RowWindows {
  readonly #index: number;
  #start = NaN;
  /** Undefined: no state yet. */
  #state: TagValue | undefined;
  #firstState: TagValue | undefined;
  #windows = 0;

  constructor(window: StateWindow) {
    this.#index = window.index;
  }

  get wraps(): boolean {
    return this.#windows > 1 && isSame(this.#state, this.#firstState);
  }

  cut(block: ScanBlock, rows: WantedRows, range: BlockRange, take: (start: number) => void): void {
    const vector = block.column(this.#index);
    const end = range.to;
    let first = -1;
    let count = 0;
    for (let i = range.from; i < end; i++) {
      const row = rowAt(rows, i);
      if (isNull(vector, row)) continue;
      const value = valueOf(vector, row);
      if (!isSame(value, this.#state)) {
        takeRows(range, first, count, () => take(this.#start));
        count = 0;
        this.#open(value, range.timeAt(i));
      }
      if (count++ === 0) first = i;
    }
    takeRows(range, first, count, () => take(this.#start));
  }

  #open(value: TagValue, start: number): void {
    this.#state = value instanceof Uint8Array ? value.slice() : value;
    this.#firstState ??= this.#state;
    this.#start = start;
    this.#windows++;
  }
}

function takeRows(range: BlockRange, first: number, count: number, take: () => void): void {
  if (count === 0) return;
  range.from = first;
  range.to = first + count;
  take();
}

function isSame(a: TagValue | undefined, b: TagValue | undefined): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  return a === b;
}

/** The row of the block that the range's index stands for. */
function rowAt(rows: WantedRows, index: number): number {
  return rows.selection === undefined ? index : rows.selection[index]!;
}
