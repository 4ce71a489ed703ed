/**
 * What is merged when a table is read: lanes of pieces.
 *
 * A piece is a stretch of rows of one source of one table: a block of a file, or up to a block's worth of
 * rows of a memory table. A lane is a sequence of pieces that do not overlap in time, in the direction of
 * the cursor. Lanes of one table are ordered by age, oldest first: that order decides between rows under
 * one time.
 */
import type { Vector } from '@tdnode/common';
import type { BlockScratch } from './scratch.ts';
import type { ValueRange } from '../codec/column-range.ts';
import type { ColumnStats } from './scan.ts';

/** A stretch of rows of one source, strictly ascending in time; holds until its lane goes on. */
export interface Piece {
  readonly rows: number;
  readonly tsFirst: number;
  readonly tsLast: number;
  /** Ticks from row to row where they are the same throughout; else 0, or not known. */
  readonly stride: number;
  /** Times of the rows, in memory of `scratch`. */
  ts(scratch: BlockScratch): Float64Array;
  /** Column i of the cursor's spec, in memory of `scratch`. */
  column(i: number, scratch: BlockScratch): Vector;
  /** As in `ScanBlock`. */
  test(i: number, range: ValueRange, bits: Int32Array): boolean;
  stats(i: number): ColumnStats | undefined;
}

/** A sequence of pieces; see the head of this file. */
export interface Lane {
  /** Where the lane ends earlier than the cursor: rows beyond are not wanted. */
  readonly range?: { readonly from: number; readonly to: number };
  /** The next piece with rows in the cursor's time range (it may reach beyond), or undefined at the end. */
  next(): Piece | undefined;
}
