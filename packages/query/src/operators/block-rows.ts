/** Which rows of a block a query wants: those in its time range that pass the filter. */
import { lowerBound, upperBound } from '../functions/ranges.ts';
import type { Condition, ScanPart } from '../plan/fragment.ts';
import type { ScanBlock } from '../scan.ts';
import { judgeBlock, RowFilter } from './filter.ts';

/** The wanted rows: `[from, to)` of the block, or `selection[0, count)`. */
export interface WantedRows {
  from: number;
  to: number;
  /**
   * Undefined: all of `[from, to)`. Ascending row numbers, overwritten by the next block; meaningless where
   * only the count was asked for.
   */
  selection: Uint32Array | undefined;
  count: number;
  /** All rows of the block, so that its statistics speak for them. */
  isWhole: boolean;
}

export class BlockRowsFinder {
  readonly #scan: ScanPart;
  readonly #condition: Condition | undefined;
  readonly #filter: RowFilter | undefined;
  readonly #countsOnly: boolean;
  readonly #rows: WantedRows = { from: 0, to: 0, selection: undefined, count: 0, isWhole: false };

  /** `countsOnly`: how many rows are wanted will be asked, but not which. */
  constructor(scan: ScanPart, condition: Condition | undefined, countsOnly = false) {
    this.#scan = scan;
    this.#condition = condition;
    this.#countsOnly = countsOnly;
    this.#filter = condition === undefined ? undefined : new RowFilter(condition);
  }

  /** The wanted rows of a block; the object is reused. */
  find(block: ScanBlock): WantedRows {
    const rows = this.#rows;
    const { from, to } = this.#scan;
    rows.from = block.tsFirst >= from ? 0 : lowerBound(block.ts(), from, 0, block.rows);
    rows.to = block.tsLast <= to ? block.rows : upperBound(block.ts(), to, 0, block.rows);
    rows.count = Math.max(0, rows.to - rows.from);
    rows.selection = undefined;
    rows.isWhole = rows.count === block.rows;
    if (this.#condition === undefined || this.#filter === undefined || rows.count === 0)
      return rows;
    const verdict = judgeBlock(this.#condition, block);
    if (verdict === 'all') return rows;
    const before = rows.count;
    if (verdict === 'none') rows.count = 0;
    else if (this.#countsOnly) rows.count = this.#filter.count(block, rows.from, rows.to);
    else rows.count = this.#filter.select(block, rows.from, rows.to);
    if (rows.count === before) return rows;
    rows.isWhole = false;
    rows.selection = this.#filter.selection;
    return rows;
  }
}
