/**
 * Reads one segment file (docs/format/segment.md). The index stays in memory as typed-array views over one
 * buffer; blocks are numbered 0, 1, 2, … in the order of (tid, time).
 */
import type { FileSystem, Vector } from '@tdnode/common';
import type { ColumnScratch } from '../codec/column-scratch.ts';
import type { BlockStats, SegmentInfo } from './segment-types.ts';

export class SegmentReader {
  readonly info!: SegmentInfo;

  /** Opens a file and checks footer and index; throws `CorruptionError`. */
  static open(_fs: FileSystem, _path: string): SegmentReader {
    throw new Error('not written yet');
  }

  get blockCount(): number {
    throw new Error('not written yet');
  }

  /** The first block of a table, `blockEnd` when it has none here. */
  blockBegin(_tid: number): number {
    throw new Error('not written yet');
  }

  /** One past the last block of a table. */
  blockEnd(_tid: number): number {
    throw new Error('not written yet');
  }

  tid(_block: number): number {
    throw new Error('not written yet');
  }

  rows(_block: number): number {
    throw new Error('not written yet');
  }

  tsFirst(_block: number): number {
    throw new Error('not written yet');
  }

  tsLast(_block: number): number {
    throw new Error('not written yet');
  }

  schemaVersion(_block: number): number {
    throw new Error('not written yet');
  }

  /** Distance of the rows in ticks where it is the same throughout the block (no data is read), else 0. */
  stride(_block: number): number {
    throw new Error('not written yet');
  }

  /** Which column of the block has this colId, or -1. */
  columnIndex(_block: number, _colId: number): number {
    throw new Error('not written yet');
  }

  /** Columns of a block besides the time. */
  columnCount(_block: number): number {
    throw new Error('not written yet');
  }

  colId(_block: number, _column: number): number {
    throw new Error('not written yet');
  }

  type(_block: number, _column: number): number {
    throw new Error('not written yet');
  }

  /** Fills `into`; false where the block has none for this column (then only `nullCount` is set). */
  stats(_block: number, _column: number, _into: BlockStats): boolean {
    throw new Error('not written yet');
  }

  /** Times of the block's rows, in `scratch.f64`. */
  readTs(_block: number, _scratch: ColumnScratch): Float64Array {
    throw new Error('not written yet');
  }

  /** A column by its index in the block; memory of `scratch`. */
  readColumn(_block: number, _column: number, _scratch: ColumnScratch): Vector {
    throw new Error('not written yet');
  }

  close(): void {
    throw new Error('not written yet');
  }
}
