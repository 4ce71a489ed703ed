/**
 * Reads one segment file (docs/format/segment.md). The index stays in memory as typed-array views over one
 * buffer; blocks are numbered 0, 1, 2, … in the order of (tid, time).
 *
 * Invariants: footer and index are checked when the file is opened, a block when it is first read; what is wrong is a
 * `CorruptionError` with its place, never a wrong value. Nothing handed out lies in the reader's own memory, except
 * what the scratch of the caller holds; so any number of cursors may share a reader (of one thread).
 */
import { CorruptionError } from '@tdnode/common';
import type { FileHandle, FileSystem, SqlType, Vector } from '@tdnode/common';
import { UnknownEncoding, decodeColumn } from '../codec/column-decoder.ts';
import type { ColumnScratch } from '../codec/column-scratch.ts';
import { testColumn, type ValueRange } from '../codec/column-range.ts';
import { BlockFetcher } from './block-fetcher.ts';
import { readStats } from './block-records.ts';
import { columnKinds, findColumn } from './layouts.ts';
import type { Layout } from './layouts.ts';
import { BLOCK_REGULAR, timesType } from './segment-format.ts';
import { readSegmentIndex } from './segment-index.ts';
import type { IndexTrust, SegmentIndex } from './segment-index.ts';
import type { BlockStats, RawBlock, SegmentInfo } from './segment-types.ts';

/** An open segment file; whoever opened it closes it. */
export class SegmentReader {
  readonly info: SegmentInfo;
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #index: SegmentIndex;
  readonly #fetcher: BlockFetcher;

  private constructor(path: string, file: FileHandle, index: SegmentIndex) {
    this.#path = path;
    this.#file = file;
    this.#index = index;
    this.info = index.info;
    this.#fetcher = new BlockFetcher(path, file, index);
  }

  /** Opens a file and checks footer and index (`trust`: see there); throws `CorruptionError`. */
  static open(fs: FileSystem, path: string, trust: IndexTrust = 'footer'): SegmentReader {
    const file = fs.open(path, 'read');
    try {
      return new SegmentReader(path, file, readSegmentIndex(path, file, trust));
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Blocks in the file. */
  get blockCount(): number {
    return this.info.blocks;
  }

  /** Bytes of the index in memory. */
  get indexBytes(): number {
    return this.#index.sizeBytes;
  }

  /** The first block of a table; the same as `blockEnd` when it has none here. */
  blockBegin(tid: number): number {
    return lowerBound(this.#index.tid, tid);
  }

  /** One past the last block of a table. */
  blockEnd(tid: number): number {
    return lowerBound(this.#index.tid, tid + 1);
  }

  /** The table of a block. */
  tid(block: number): number {
    return this.#index.tid[block]!;
  }

  /** Rows of a block. */
  rows(block: number): number {
    return this.#index.rows[block]!;
  }

  /** Time of the first row. */
  tsFirst(block: number): number {
    return this.#index.tsFirst[block]!;
  }

  /** Time of the last row. */
  tsLast(block: number): number {
    return this.#index.tsLast[block]!;
  }

  /** The schema version that the block was written under. */
  schemaVersion(block: number): number {
    return this.#layout(block).schemaVersion;
  }

  /** Ticks from row to row where they are the same throughout the block, else (and for one row) 0. */
  stride(block: number): number {
    const { flags, rows, tsFirst, tsLast } = this.#index;
    if ((flags[block]! & BLOCK_REGULAR) === 0 || rows[block] === 1) return 0;
    return (tsLast[block]! - tsFirst[block]!) / (rows[block]! - 1);
  }

  /** Columns of a block besides the time. */
  columnCount(block: number): number {
    return this.#layout(block).colIds.length;
  }

  /** Which column of the block has this colId, or -1. */
  columnIndex(block: number, colId: number): number {
    return findColumn(this.#layout(block), colId);
  }

  /** The colId of a column by its index in the block. */
  colId(block: number, column: number): number {
    return this.#layout(block).colIds[column]!;
  }

  /** The type that a column was written with. */
  type(block: number, column: number): SqlType {
    return this.#layout(block).types[column]! as SqlType;
  }

  /** Fills `into`; false where the block has none for this column (then only `nullCount` is set). */
  stats(block: number, column: number, into: BlockStats): boolean {
    const { records } = this.#index;
    return readStats(records, this.#recordAt(block, column), this.type(block, column), into);
  }

  /** Times of the block's rows, in `scratch`; without reading the file where the block is regular. */
  readTs(block: number, scratch: ColumnScratch): Float64Array {
    const rows = this.rows(block);
    const first = this.tsFirst(block);
    if ((this.#index.flags[block]! & BLOCK_REGULAR) !== 0) {
      const out = scratch.f64(rows);
      const stride = this.stride(block);
      for (let i = 0; i < rows; i++) out[i] = first + i * stride;
      return out;
    }
    const type = timesType(first, this.tsLast(block));
    const vector = this.#decode(block, 0, { type, nullCount: 0 }, scratch);
    if (vector.kind !== 'f64') throw this.#corrupt(block, 'times are not ticks');
    return vector.data;
  }

  /** A column by its index in the block, in `scratch`. */
  readColumn(block: number, column: number, scratch: ColumnScratch): Vector {
    const record = this.#recordAt(block, column) >> 2;
    const { words } = this.#index.records;
    const shape = { type: this.type(block, column), nullCount: words[record]! };
    return this.#decode(block, words[record + 1]!, shape, scratch);
  }

  /** Sets the bits of the rows whose value lies in a range; false where that cannot be told without decoding. */
  testColumn(block: number, column: number, range: ValueRange, bits: Int32Array): boolean {
    const record = this.#recordAt(block, column) >> 2;
    const { words } = this.#index.records;
    const at = this.#fetcher.fetch(block) + words[record + 1]!;
    const type = this.type(block, column);
    const shape = { type, rows: this.rows(block), nullCount: words[record]! };
    return testColumn(this.#fetcher.memory, at, shape, range, bits);
  }

  /** The block as it stands in the file, checked, for `SegmentWriter.addCopy`. */
  rawBlock(block: number): RawBlock {
    const at = this.#fetcher.fetch(block);
    const { tid, rows, tsFirst, tsLast, flags, crc, size } = this.#index;
    const layout = this.#layout(block);
    const record = this.#recordAt(block, 0);
    const { words } = this.#index.records;
    const recordBytes = layout.recordAt[layout.colIds.length]!;
    return {
      tid: tid[block]!,
      schemaVersion: layout.schemaVersion,
      rows: rows[block]!,
      tsFirst: tsFirst[block]!,
      tsLast: tsLast[block]!,
      flags: flags[block]!,
      crc: crc[block]!,
      columns: columnKinds(layout),
      bytes: this.#fetcher.memory.bytes.subarray(at, at + size[block]!),
      records: new Uint8Array(words.buffer, words.byteOffset + record, recordBytes),
    };
  }

  /** Reads and checks all blocks, for `--check` and before a replica takes the file. */
  verify(): void {
    for (let block = 0; block < this.blockCount; block++) this.#fetcher.fetch(block);
  }

  /** Gives back the memory of the last run of blocks (up to 1 MiB), when a scan is over. Reading may go on. */
  release(): void {
    this.#fetcher.release();
  }

  /** Closes the file; nothing but the index may be asked then. */
  close(): void {
    this.#file.close();
  }

  #decode(
    block: number,
    offset: number,
    shape: { readonly type: SqlType; readonly nullCount: number },
    scratch: ColumnScratch,
  ): Vector {
    const at = this.#fetcher.fetch(block) + offset;
    const { type, nullCount } = shape;
    try {
      const rows = this.rows(block);
      return decodeColumn(this.#fetcher.memory, at, { type, rows, nullCount }, scratch);
    } catch (error) {
      if (error instanceof UnknownEncoding) throw this.#corrupt(block, error.message);
      throw error;
    }
  }

  #corrupt(block: number, what: string): CorruptionError {
    return new CorruptionError(this.#path, this.#index.offset[block]! * 8, what);
  }

  #layout(block: number): Layout {
    return this.#index.layouts[this.#index.layout[block]!]!;
  }

  #recordAt(block: number, column: number): number {
    return this.#index.record[block]! * 8 + this.#layout(block).recordAt[column]!;
  }
}

/** The first block whose tid is at least `tid`. */
function lowerBound(tids: Uint32Array, tid: number): number {
  let low = 0;
  let high = tids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (tids[middle]! < tid) low = middle + 1;
    else high = middle;
  }
  return low;
}
