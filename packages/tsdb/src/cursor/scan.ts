/**
 * What the store hands out when rows are read. The shapes are those of `query`'s scan contract, declared
 * here because storage does not know the query package; TypeScript matches them by structure.
 *
 * Contract: synchronous. A cursor gives a table's rows in time order, each time once (`update` decides
 * which row stays), as blocks of at most `MAX_BATCH_ROWS` rows; with `descending` the blocks come in reverse,
 * rows inside a block always ascend. A block and all it hands out hold until the cursor's next step.
 * A cursor sees the store as it was when it was opened. Whoever opens a cursor closes it.
 */
import type { SqlType, Vector } from '@tdnode/common';
import type { ValueRange } from '../codec/column-range.ts';

/** What is to be read of a table. */
export interface CursorSpec {
  /** Columns wanted besides the time column, by colId. A column that a row does not have reads as NULL. */
  readonly colIds: readonly number[];
  /** Types of `colIds`: decide the kind of vector of a column that no row has. */
  readonly types: readonly SqlType[];
  /** Times wanted, ticks, both ends included. */
  readonly from: number;
  readonly to: number;
  readonly descending: boolean;
}

/**
 * What is known of one column of a block without decoding it. `first` and `last` are the values of the first
 * and last row and are meant only when `nullCount` is 0; `min`, `max` and `sum` ignore NULL.
 */
export interface ColumnStats {
  readonly nullCount: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly first: number;
  readonly last: number;
}

/** Rows of one table; vectors hold until the next block. */
export interface ScanBlock {
  readonly rows: number;
  /** Time of the first and the last row. */
  readonly tsFirst: number;
  readonly tsLast: number;
  /** Ticks from row to row where they are the same throughout the block; else 0, or not known. */
  readonly stride: number;
  /** Times of the rows, ascending, at least `rows` long; decoded on demand. */
  ts(): Float64Array;
  /** Column `colIds[i]` of the spec, decoded on demand. */
  column(i: number): Vector;
  /**
   * Sets bit `row & 31` of `bits[row >> 5]` for the rows where column `colIds[i]` of the spec, a number, lies in
   * `range` (ends included), and clears it for the others; false where that is not cheaper than decoding.
   */
  test(i: number, range: ValueRange, bits: Int32Array): boolean;
  /** Statistics of column `colIds[i]` over all rows of the block, or undefined where they don't exist. */
  stats(i: number): ColumnStats | undefined;
}

/** Goes through a table's rows in the direction of its spec; whoever opened it closes it. */
export interface BlockCursor {
  next(): ScanBlock | undefined;
  close(): void;
}

/** The newest row of a table: one-row vectors of the columns asked for. */
export interface LastRow {
  readonly ts: number;
  readonly columns: Vector[];
}
