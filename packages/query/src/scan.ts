/**
 * How a fragment reads rows: implemented by the vnode over memory and files, and by plain arrays in tests.
 *
 * Contract: everything is synchronous. Tables come in ascending tid. A cursor gives a table's rows in time
 * order, each row once (duplicates already resolved as `update` says), as blocks of at most `maxRows` rows;
 * with `descending` the blocks come in reverse order, but rows inside a block always ascend. A block and
 * all it hands out hold until the cursor's next step. Whoever opens a cursor closes it.
 * Times are stored times (`@tdnode/common`): ticks, but in nanoseconds doubles that order as the ticks do.
 */
import type { TagValue, Vector } from '@tdnode/common';

export interface ScanTable {
  readonly uid: number;
  readonly tid: number;
  readonly name: string;
  /** The value of the stable's tag with this colId; NULL where the table predates the tag. */
  tag(colId: number): TagValue;
}

export interface ScanSpec {
  /** Columns wanted besides the time column, by colId. A column a block does not have reads as all NULL. */
  readonly colIds: readonly number[];
  /** Times wanted, as they are stored, both ends included. */
  readonly from: number;
  readonly to: number;
  readonly descending: boolean;
}

/**
 * What is known of one column of a block without decoding it. Numeric columns whose values and sum are exact
 * doubles only; `first` and `last` are the values of the first and last row and are meant only when
 * `nullCount` is 0; `min`, `max`, `sum` ignore NULL and mean nothing when all rows are NULL.
 */
export interface ColumnStats {
  readonly nullCount: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly first: number;
  readonly last: number;
}

/** A closed range of values; its ends may be infinite. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

export interface ScanBlock {
  readonly rows: number;
  /** Time of the first and the last row. */
  readonly tsFirst: number;
  readonly tsLast: number;
  /** Ticks from row to row where they are the same throughout the block; else 0, or not known. */
  readonly stride?: number;
  /** Times of the rows, ascending, at least `rows` long; decoded on demand. */
  ts(): Float64Array;
  /** Column `colIds[i]` of the spec, decoded on demand. */
  column(i: number): Vector;
  /**
   * Sets bit `row & 31` of `bits[row >> 5]` for the rows where column `colIds[i]` of the spec, a number, lies in
   * `range` (ends included), and clears it for the others; false where that is not cheaper than decoding.
   */
  test?(i: number, range: ValueRange, bits: Int32Array): boolean;
  /** Statistics of column `colIds[i]` over all rows of the block, or undefined where they don't exist. */
  stats(i: number): ColumnStats | undefined;
}

export interface BlockCursor {
  next(): ScanBlock | undefined;
  close(): void;
}

export interface Scan {
  /** The table with this uid, or undefined when this vnode has none such. */
  table(uid: number): ScanTable | undefined;
  /** Child tables of a stable, ascending tid. */
  childTables(stableUid: number): Iterable<ScanTable>;
  /** How many child tables a stable has here. */
  childTableCount(stableUid: number): number;
  open(table: ScanTable, spec: ScanSpec): BlockCursor;
  /**
   * The table's newest row, without a scan, as one-row vectors of the spec's columns, or undefined when the
   * vnode does not keep it; `null` when the table is known to be empty.
   */
  lastRow(
    table: ScanTable,
    colIds: readonly number[],
  ): { ts: number; columns: Vector[] } | null | undefined;
}
