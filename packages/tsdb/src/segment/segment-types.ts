/**
 * What goes into a segment file and what is known of it from outside.
 */
import type { SqlType, Vector } from '@tdnode/common';

/** `comp` of a database: 0 plain, 1 encodings, 2 encodings and a general compressor where it pays. */
export type Compression = 0 | 1 | 2;

/** One column of a block to be written. The vector is only read, and only during the call. */
export interface ColumnSource {
  readonly colId: number;
  readonly type: SqlType;
  readonly vector: Vector;
}

/** Rows of one table, strictly ascending in time; blocks come in the order of (tid, time). */
export interface BlockSource {
  readonly tid: number;
  readonly schemaVersion: number;
  /** 1 to `MAX_BLOCK_ROWS`. */
  readonly rows: number;
  /** Times in ticks, integers within ±2⁵³, at least `rows` long. */
  readonly ts: Float64Array;
  /** All columns but the time, in any order; a colId at most once. */
  readonly columns: readonly ColumnSource[];
}

/** The most rows a block may have (`maxRows` goes up to 10000). */
export const MAX_BLOCK_ROWS = 10_000;

/** What the manifest keeps of a finished segment. Ranges include both ends. */
export interface SegmentInfo {
  readonly sizeBytes: number;
  readonly blocks: number;
  readonly rows: number;
  readonly tidFirst: number;
  readonly tidLast: number;
  readonly tsFirst: number;
  readonly tsLast: number;
  /** The highest log version whose rows are in the file. */
  readonly maxVersion: number;
}

/** Statistics of one column of one block, written into by the reader; see `ColumnStats` of a scan. */
export interface BlockStats {
  nullCount: number;
  sum: number;
  min: number;
  max: number;
  first: number;
  last: number;
}

/** A block as it stands in a file, to be copied into another file as it is. Holds until the reader's next call. */
export interface RawBlock {
  readonly tid: number;
  readonly schemaVersion: number;
  readonly rows: number;
  readonly tsFirst: number;
  readonly tsLast: number;
  readonly flags: number;
  readonly crc: number;
  readonly columns: readonly { readonly colId: number; readonly type: SqlType }[];
  /** The encoded columns. */
  readonly bytes: Uint8Array;
  /** The column records. */
  readonly records: Uint8Array;
}
