/**
 * Writes one segment file (docs/format/segment.md): blocks as they come, then index and footer.
 *
 * Invariants: blocks ascend by (tid, first time) and those of a table don't overlap; nothing is readable before
 * `finish` returned, since the footer comes last; after any error the file must be aborted.
 */
import { crc32 } from 'node:zlib';
import { assert } from '@tdnode/common';
import type { FileHandle, FileSystem } from '@tdnode/common';
import { AlignedBytes } from '../codec/aligned-bytes.ts';
import { ColumnEncoder } from '../codec/column-encoder.ts';
import { appendRecord } from './block-records.ts';
import { IndexBuilder } from './index-builder.ts';
import {
  BLOCK_REGULAR,
  FOOTER_BYTES,
  Footer,
  HEADER_BYTES,
  MAGIC_HIGH,
  MAGIC_LOW,
  SEGMENT_VERSION,
  footerCrc,
  timesType,
} from './segment-format.ts';
import { MAX_BLOCK_ROWS } from './segment-types.ts';
import type {
  BlockSource,
  ColumnSource,
  Compression,
  RawBlock,
  SegmentInfo,
} from './segment-types.ts';

/** Bytes gathered before a write. */
const WRITE_BYTES = 1 << 20;
/** The index keeps offsets in 32 bits, in units of 8. */
const MAX_OFFSET = 2 ** 35;

/** What the index wants to know of a block. */
type BlockHead = Omit<RawBlock, 'bytes' | 'records'>;

/** What the file is written with. */
export interface SegmentWriterOptions {
  readonly comp: Compression;
}

/** A segment file in the making: `addBlock` …, then `finish` or `abort`. */
export class SegmentWriter {
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #comp: Compression;
  readonly #file: FileHandle;
  readonly #header: Uint8Array;
  readonly #out = new AlignedBytes(WRITE_BYTES + (1 << 18));
  readonly #encoder = new ColumnEncoder();
  readonly #index = new IndexBuilder();
  #written = 0;
  #isOpen = true;
  #rows = 0;
  #tidFirst = 0;
  #tidLast = 0;
  #tsFirst = Infinity;
  #tsLast = -Infinity;
  /** Last time of the block before. */
  #lastTime = -Infinity;

  /** Creates (or empties) the file. */
  constructor(fs: FileSystem, path: string, options: SegmentWriterOptions) {
    this.#fs = fs;
    this.#path = path;
    this.#comp = options.comp;
    this.#file = fs.open(path, 'create');
    const out = this.#out;
    out.words.set([MAGIC_LOW, MAGIC_HIGH, SEGMENT_VERSION, options.comp]);
    out.size = HEADER_BYTES;
    this.#header = out.bytes.slice(0, HEADER_BYTES);
  }

  /** Encodes and appends a block. Its (tid, first time) must be above those of the block before. */
  addBlock(block: BlockSource): void {
    const { tid, rows, ts, schemaVersion } = block;
    assert(rows >= 1 && rows <= MAX_BLOCK_ROWS, 'a block has 1 to MAX_BLOCK_ROWS rows');
    for (let i = 1; i < rows; i++) assert(ts[i]! > ts[i - 1]!, 'rows of a block ascend in time');
    const columns = ascending(block.columns);
    const out = this.#out;
    const start = out.size;
    const record = this.#index.records.size;
    const job = { type: timesType(ts[0]!, ts[rows - 1]!), rows, comp: this.#comp };
    this.#encoder.encode(out, { kind: 'f64', data: ts, nullCount: 0 }, job);
    for (const column of columns) this.#addColumn(column, rows, out.size - start);
    const crc = crc32(out.bytes.subarray(start, out.size));
    const flags = isRegular(ts, rows) ? BLOCK_REGULAR : 0;
    const [tsFirst, tsLast] = [ts[0]!, ts[rows - 1]!];
    const head = { tid, schemaVersion, rows, tsFirst, tsLast, flags, crc, columns };
    this.#addEntry(head, start, record);
  }

  /** Appends a block of another segment as it is; the same order holds as for `addBlock`. */
  addCopy(block: RawBlock): void {
    const out = this.#out;
    const start = out.size;
    const { records } = this.#index;
    const record = records.size;
    appendBytes(out, block.bytes);
    appendBytes(records, block.records);
    this.#addEntry(block, start, record);
  }

  /** Writes index and footer, syncs and closes the file. At least one block must have been added. */
  finish(meta: { readonly maxVersion: number }): SegmentInfo {
    assert(this.#isOpen && this.#rows > 0, 'a segment has at least one block');
    this.#flush();
    const indexOffset = this.#written;
    const index = this.#index.build();
    const bytes = index.bytes.subarray(0, index.size);
    const info: SegmentInfo = {
      sizeBytes: indexOffset + index.size + FOOTER_BYTES,
      blocks: this.#index.blocks,
      rows: this.#rows,
      tidFirst: this.#tidFirst,
      tidLast: this.#tidLast,
      tsFirst: this.#tsFirst,
      tsLast: this.#tsLast,
      maxVersion: meta.maxVersion,
    };
    const footer = this.#footer(info, indexOffset, bytes);
    this.#file.writev([bytes, footer], indexOffset);
    this.#file.sync();
    this.#file.close();
    this.#isOpen = false;
    return info;
  }

  /** Closes and removes the file; harmless after `finish` and when called twice. */
  abort(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#file.close();
    this.#fs.unlink(this.#path);
  }

  #addColumn(column: ColumnSource, rows: number, offset: number): void {
    const { type, vector } = column;
    this.#encoder.encode(this.#out, vector, { type, rows, comp: this.#comp });
    appendRecord(this.#index.records, {
      type,
      rows,
      offset,
      hasStats: vector.kind === 'f64',
      measured: this.#encoder.measured,
    });
  }

  /** Enters a block whose bytes begin at `start` of the buffer, and its records at `record`. */
  #addEntry(block: BlockHead, start: number, record: number): void {
    const { tid, rows, tsFirst, tsLast, flags, crc } = block;
    assert(
      tid > this.#tidLast || (tid === this.#tidLast && tsFirst > this.#lastTime),
      'blocks ascend by table and time',
    );
    const layout = this.#index.layouts.numberOf(block.schemaVersion, block.columns);
    const offset = this.#written + start;
    assert(offset < MAX_OFFSET, 'a segment is smaller than 32 GiB');
    const size = this.#out.size - start;
    this.#index.add({ tid, tsFirst, tsLast, rows, layout, flags, offset, size, crc, record });
    if (this.#rows === 0) this.#tidFirst = tid;
    this.#rows += rows;
    this.#tidLast = tid;
    this.#lastTime = tsLast;
    this.#tsFirst = Math.min(this.#tsFirst, tsFirst);
    this.#tsLast = Math.max(this.#tsLast, tsLast);
    if (this.#out.size >= WRITE_BYTES) this.#flush();
  }

  #flush(): void {
    this.#file.write(this.#out.bytes.subarray(0, this.#out.size), this.#written);
    this.#written += this.#out.size;
    this.#out.size = 0;
  }

  #footer(info: SegmentInfo, indexOffset: number, index: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(FOOTER_BYTES);
    const view = new DataView(bytes.buffer);
    view.setFloat64(Footer.INDEX_OFFSET, indexOffset, true);
    view.setFloat64(Footer.INDEX_BYTES, index.length, true);
    view.setUint32(Footer.BLOCKS, info.blocks, true);
    view.setUint32(Footer.LAYOUTS, this.#index.layouts.layouts.length, true);
    view.setFloat64(Footer.ROWS, info.rows, true);
    view.setFloat64(Footer.TS_FIRST, info.tsFirst, true);
    view.setFloat64(Footer.TS_LAST, info.tsLast, true);
    view.setFloat64(Footer.MAX_VERSION, info.maxVersion, true);
    view.setUint32(Footer.TID_FIRST, info.tidFirst, true);
    view.setUint32(Footer.TID_LAST, info.tidLast, true);
    view.setFloat64(Footer.RECORD_BYTES, this.#index.records.size, true);
    view.setUint32(Footer.INDEX_CRC, crc32(index), true);
    view.setUint32(Footer.VERSION, SEGMENT_VERSION, true);
    view.setUint32(Footer.CRC, footerCrc(this.#header, bytes), true);
    view.setUint32(Footer.MAGIC, MAGIC_LOW, true);
    view.setUint32(Footer.MAGIC + 4, MAGIC_HIGH, true);
    return bytes;
  }
}

function ascending(columns: readonly ColumnSource[]): readonly ColumnSource[] {
  let isSorted = true;
  for (let i = 1; i < columns.length; i++) {
    if (columns[i]!.colId <= columns[i - 1]!.colId) isSorted = false;
  }
  return isSorted ? columns : [...columns].sort((a, b) => a.colId - b.colId);
}

function appendBytes(out: AlignedBytes, bytes: Uint8Array): void {
  out.reserve(bytes.length);
  out.bytes.set(bytes, out.size);
  out.size += bytes.length;
}

function isRegular(ts: Float64Array, rows: number): boolean {
  const stride = rows > 1 ? (ts[rows - 1]! - ts[0]!) / (rows - 1) : 0;
  for (let i = 1; i < rows; i++) if (ts[i] !== ts[0]! + i * stride) return false;
  return true;
}
