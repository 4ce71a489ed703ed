/**
 * The index of a segment in memory: views over the bytes of the file, checked against the footer.
 */
import { crc32 } from 'node:zlib';
import { CorruptionError } from '@tdnode/common';
import type { FileHandle } from '@tdnode/common';
import { readLayouts } from './layouts.ts';
import type { Layout } from './layouts.ts';
import type { RecordViews } from './block-records.ts';
import {
  FOOTER_BYTES,
  Footer,
  HEADER_BYTES,
  MAGIC_HIGH,
  MAGIC_LOW,
  SEGMENT_VERSION,
  footerCrc,
  indexParts,
} from './segment-format.ts';
import type { SegmentInfo } from './segment-types.ts';

/** The index of one file as views into its bytes. */
export interface SegmentIndex {
  readonly info: SegmentInfo;
  /** Bytes of the whole index. */
  readonly sizeBytes: number;
  readonly tsFirst: Float64Array;
  readonly tsLast: Float64Array;
  readonly crc: Uint32Array;
  readonly tid: Uint32Array;
  /** In units of 8 bytes from the start of the file. */
  readonly offset: Uint32Array;
  /** Bytes. */
  readonly size: Uint32Array;
  /** In units of 8 bytes from the start of the records. */
  readonly record: Uint32Array;
  readonly rows: Uint16Array;
  readonly layout: Uint16Array;
  readonly flags: Uint8Array;
  readonly records: RecordViews;
  readonly layouts: readonly Layout[];
}

/**
 * What must be right: the `footer` (and with it all), or only the `index`, as far as a damaged footer still leads
 * to it; the latter is for repairs.
 */
export type IndexTrust = 'footer' | 'index';

/** Reads and checks footer and index. */
export function readSegmentIndex(
  path: string,
  file: FileHandle,
  trust: IndexTrust = 'footer',
): SegmentIndex {
  const fileSize = file.size();
  const footerAt = fileSize - FOOTER_BYTES;
  if (footerAt < HEADER_BYTES) throw new CorruptionError(path, 0, 'segment is too short');
  const header = readBytes(path, file, { at: 0, size: HEADER_BYTES });
  const footer = readBytes(path, file, { at: footerAt, size: FOOTER_BYTES });
  const view = new DataView(footer.buffer);
  if (trust === 'footer') checkFooter(path, header, footer, footerAt);
  if (trust === 'footer' || isFooterSound(header, footer)) checkVersion(path, view, footerAt);
  const at = view.getFloat64(Footer.INDEX_OFFSET, true);
  const size = view.getFloat64(Footer.INDEX_BYTES, true);
  if (at + size !== footerAt || at < HEADER_BYTES || at % 8 !== 0) {
    throw new CorruptionError(path, footerAt, 'index is not where the footer says');
  }
  const index = readBytes(path, file, { at, size });
  if (crc32(index) !== view.getUint32(Footer.INDEX_CRC, true)) {
    throw new CorruptionError(path, at, 'index has a wrong checksum');
  }
  return viewIndex(path, at, index, view);
}

function isFooterSound(header: Uint8Array, footer: Uint8Array<ArrayBuffer>): boolean {
  return new DataView(footer.buffer).getUint32(Footer.CRC, true) === footerCrc(header, footer);
}

function checkFooter(
  path: string,
  header: Uint8Array<ArrayBuffer>,
  footer: Uint8Array<ArrayBuffer>,
  footerAt: number,
): void {
  const view = new DataView(footer.buffer);
  checkMagic(path, new DataView(header.buffer), 0);
  checkMagic(path, view, footerAt);
  if (!isFooterSound(header, footer)) {
    throw new CorruptionError(path, footerAt, 'footer has a wrong checksum');
  }
  if (view.getUint32(Footer.RESERVED, true) !== 0) {
    throw new CorruptionError(path, footerAt + Footer.RESERVED, 'footer is not as written');
  }
}

function checkVersion(path: string, footer: DataView, footerAt: number): void {
  if (footer.getUint32(Footer.VERSION, true) !== SEGMENT_VERSION) {
    throw new CorruptionError(path, footerAt + Footer.VERSION, 'unknown version of the format');
  }
}

function viewIndex(
  path: string,
  at: number,
  bytes: Uint8Array<ArrayBuffer>,
  footer: DataView,
): SegmentIndex {
  const blocks = footer.getUint32(Footer.BLOCKS, true);
  const recordSize = footer.getFloat64(Footer.RECORD_BYTES, true);
  const parts = indexParts(blocks, recordSize);
  const memory = bytes.buffer;
  const layouts = readLayouts(bytes, parts.layouts, footer.getUint32(Footer.LAYOUTS, true));
  if (layouts === undefined) throw new CorruptionError(path, at, 'index has a wrong size');
  return {
    info: readInfo(footer, at + bytes.length + FOOTER_BYTES),
    sizeBytes: bytes.length,
    tsFirst: new Float64Array(memory, parts.tsFirst, blocks),
    tsLast: new Float64Array(memory, parts.tsLast, blocks),
    crc: new Uint32Array(memory, parts.crc, blocks),
    tid: new Uint32Array(memory, parts.tid, blocks),
    offset: new Uint32Array(memory, parts.offset, blocks),
    size: new Uint32Array(memory, parts.size, blocks),
    record: new Uint32Array(memory, parts.record, blocks),
    rows: new Uint16Array(memory, parts.rows, blocks),
    layout: new Uint16Array(memory, parts.layout, blocks),
    flags: new Uint8Array(memory, parts.flags, blocks),
    records: {
      words: new Int32Array(memory, parts.records, recordSize / 4),
      floats: new Float32Array(memory, parts.records, recordSize / 4),
      doubles: new Float64Array(memory, parts.records, recordSize / 8),
    },
    layouts,
  };
}

function readInfo(footer: DataView, sizeBytes: number): SegmentInfo {
  return {
    sizeBytes,
    blocks: footer.getUint32(Footer.BLOCKS, true),
    rows: footer.getFloat64(Footer.ROWS, true),
    tidFirst: footer.getUint32(Footer.TID_FIRST, true),
    tidLast: footer.getUint32(Footer.TID_LAST, true),
    tsFirst: footer.getFloat64(Footer.TS_FIRST, true),
    tsLast: footer.getFloat64(Footer.TS_LAST, true),
    maxVersion: footer.getFloat64(Footer.MAX_VERSION, true),
  };
}

function checkMagic(path: string, view: DataView, at: number): void {
  const from = view.byteLength === HEADER_BYTES ? 0 : Footer.MAGIC;
  if (view.getUint32(from, true) !== MAGIC_LOW || view.getUint32(from + 4, true) !== MAGIC_HIGH) {
    throw new CorruptionError(path, at + from, 'not a whole segment file');
  }
}

function readBytes(
  path: string,
  file: FileHandle,
  range: { readonly at: number; readonly size: number },
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(range.size);
  const got = file.read(bytes, range.at);
  if (got < range.size) throw new CorruptionError(path, range.at + got, 'file ends too early');
  return bytes;
}
