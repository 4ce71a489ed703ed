/**
 * The blocks of one table in files as a lane. The files are of different partitions, so their blocks do not
 * overlap; a lane takes the k-th file of each partition.
 */
import type { SqlType, Vector } from '@tdnode/common';
import type { ValueRange } from '../codec/column-range.ts';
import type { SegmentFile } from '../manifest/segment-file.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';
import type { BlockStats } from '../segment/segment-types.ts';
import type { Lane, Piece } from './piece.ts';
import type { ColumnStats, CursorSpec } from './scan.ts';
import type { BlockScratch } from './scratch.ts';
import { nullVector } from './vectors.ts';

/** One block of a file. */
class FilePiece implements Piece {
  readonly rows: number;
  readonly tsFirst: number;
  readonly tsLast: number;
  readonly stride: number;
  readonly #reader: SegmentReader;
  readonly #block: number;
  readonly #colIds: readonly number[];
  readonly #types: readonly SqlType[];

  constructor(reader: SegmentReader, block: number, spec: CursorSpec) {
    this.rows = reader.rows(block);
    this.tsFirst = reader.tsFirst(block);
    this.tsLast = reader.tsLast(block);
    this.stride = reader.stride(block);
    this.#reader = reader;
    this.#block = block;
    this.#colIds = spec.colIds;
    this.#types = spec.types;
  }

  ts(scratch: BlockScratch): Float64Array {
    return this.#reader.readTs(this.#block, scratch.ts);
  }

  column(i: number, scratch: BlockScratch): Vector {
    const index = this.#reader.columnIndex(this.#block, this.#colIds[i]!);
    if (index < 0) return nullVector(this.#types[i]!, this.rows, scratch.column(i));
    return this.#reader.readColumn(this.#block, index, scratch.column(i));
  }

  test(i: number, range: ValueRange, bits: Int32Array): boolean {
    const index = this.#reader.columnIndex(this.#block, this.#colIds[i]!);
    return index >= 0 && this.#reader.testColumn(this.#block, index, range, bits);
  }

  stats(i: number): ColumnStats | undefined {
    const index = this.#reader.columnIndex(this.#block, this.#colIds[i]!);
    const stats: BlockStats = {
      nullCount: this.rows,
      sum: NaN,
      min: NaN,
      max: NaN,
      first: NaN,
      last: NaN,
    };
    if (index < 0) return stats;
    return this.#reader.stats(this.#block, index, stats) ? stats : undefined;
  }
}

/** See the head of this file. */
export class FileLane implements Lane {
  readonly #files: readonly SegmentFile[];
  readonly #tid: number;
  readonly #spec: CursorSpec;
  /** The file after (descending: before) the current one. */
  #file: number;
  #reader: SegmentReader | undefined;
  #block = 0;
  /** One past the last block to come (descending: one before). */
  #end = 0;

  readonly range: { readonly from: number; readonly to: number };

  /** `files`: ascending by partition. */
  constructor(files: readonly SegmentFile[], tid: number, spec: CursorSpec) {
    this.range = { from: spec.from, to: spec.to };
    this.#files = files;
    this.#tid = tid;
    this.#spec = spec;
    this.#file = spec.descending ? files.length - 1 : 0;
  }

  next(): Piece | undefined {
    const step = this.#spec.descending ? -1 : 1;
    while (this.#block === this.#end) if (!this.#nextFile(step)) return undefined;
    const piece = new FilePiece(this.#reader!, this.#block, this.#spec);
    this.#block += step;
    return piece;
  }

  #nextFile(step: number): boolean {
    const file = this.#files[this.#file];
    if (file === undefined) return false;
    this.#file += step;
    const { from, to } = this.#spec;
    if (!file.mayHold(this.#tid, from, to)) return true;
    const reader = file.reader();
    let begin = reader.blockBegin(this.#tid);
    let end = reader.blockEnd(this.#tid);
    begin = firstBlock(reader, begin, end, from);
    while (begin < end && reader.tsFirst(end - 1) > to) end--;
    this.#reader = reader;
    this.#block = step > 0 ? begin : end - 1;
    this.#end = step > 0 ? end : begin - 1;
    return true;
  }
}

/** The first block in [begin, end) that ends at or after `from`, or `end`. */
function firstBlock(reader: SegmentReader, begin: number, end: number, from: number): number {
  let low = begin;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reader.tsLast(middle) >= from) high = middle;
    else low = middle + 1;
  }
  return low;
}
