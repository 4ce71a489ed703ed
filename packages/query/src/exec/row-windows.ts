/**
 * Windows that the rows themselves make: sessions (no gap longer than so much) and states (neighbouring rows with the
 * same value). Of one table only: what is open at the end of a block goes on in the next one.
 */
import type { TagValue, Vector } from '@tdnode/common';
import { isNull, valueOf } from '../functions/cells.ts';
import type { WantedRows } from '../operators/block-rows.ts';
import type { SessionWindow, StateWindow, Window } from '../plan/fragment.ts';
import type { ScanBlock } from '../scan.ts';
import type { BlockRange } from './block-range.ts';

/** Cuts the wanted rows of a block; `take` is called with `range` set to the rows of a window and its start. */
export interface RowWindows {
  cut(
    block: ScanBlock,
    rows: WantedRows,
    range: BlockRange,
    take: (start: number) => void,
  ): void;
}

/** The cutter of windows that depend on rows; undefined for all others. */
export function rowWindows(window: Window | undefined): RowWindows | undefined {
  if (window?.kind === 'session') return new Sessions(window);
  return window?.kind === 'state' ? new States(window) : undefined;
}

class Sessions implements RowWindows {
  readonly #gap: number;
  #start = NaN;
  #last = -Infinity;

  constructor(window: SessionWindow) {
    this.#gap = window.gap;
  }

  cut(
    _block: ScanBlock,
    _rows: WantedRows,
    range: BlockRange,
    take: (start: number) => void,
  ): void {
    const { ts } = range;
    const end = range.to;
    for (let i = range.from; i < end; i++) {
      const time = ts[i]!;
      if (time - this.#last > this.#gap) {
        if (i > range.from) {
          range.to = i;
          take(this.#start);
          range.from = i;
        }
        this.#start = time;
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

  constructor(window: StateWindow) {
    this.#index = window.index;
  }

  cut(
    block: ScanBlock,
    rows: WantedRows,
    range: BlockRange,
    take: (start: number) => void,
  ): void {
    const vector = block.column(this.#index);
    const end = range.to;
    let i = range.from;
    while (i < end) {
      const row = rowAt(rows, i);
      if (isNull(vector, row)) {
        i++;
        continue;
      }
      if (!this.#isState(vector, row)) {
        const value = valueOf(vector, row);
        this.#state = value instanceof Uint8Array ? value.slice() : value;
        this.#start = range.timeAt(i);
      }
      range.from = i++;
      while (i < end && this.#isState(vector, rowAt(rows, i))) i++;
      range.to = i;
      take(this.#start);
    }
  }

  #isState(vector: Vector, row: number): boolean {
    const value = valueOf(vector, row);
    const state = this.#state;
    if (value instanceof Uint8Array && state instanceof Uint8Array)
      return Buffer.compare(value, state) === 0;
    return value === state;
  }
}

/** The row of the block that the range's index stands for. */
function rowAt(rows: WantedRows, index: number): number {
  return rows.selection === undefined ? index : rows.selection[index]!;
}
