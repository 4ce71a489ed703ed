/**
 * Numbers of the segment file (docs/format/segment.md), shared by writer and reader.
 *
 *   header 16 bytes · blocks · index · footer 96 bytes; everything starts at a multiple of 8, little-endian
 *
 * The index is arrays, one entry a block in the order of (tid, first time), then the blocks' column records, then
 * the layouts (which columns a block has) that the blocks share.
 */
import { crc32 } from 'node:zlib';
import { isStoredNanoseconds, isStringType, isWideType, SqlType } from '@tdnode/common';
import { align8 } from '../codec/aligned-bytes.ts';

/** "TDNSEG" and two zeros, read as two little-endian words. */
export const MAGIC_LOW = 0x534e4454;
/** Its second half. */
export const MAGIC_HIGH = 0x00004745;
/** 1: the first. */
export const SEGMENT_VERSION = 1;

/** Bytes of the header. */
export const HEADER_BYTES = 16;
/** Bytes of the footer. */
export const FOOTER_BYTES = 96;

/** Byte offsets in the footer. */
export const Footer = {
  INDEX_OFFSET: 0,
  INDEX_BYTES: 8,
  BLOCKS: 16,
  LAYOUTS: 20,
  ROWS: 24,
  TS_FIRST: 32,
  TS_LAST: 40,
  MAX_VERSION: 48,
  TID_FIRST: 56,
  TID_LAST: 60,
  RECORD_BYTES: 64,
  INDEX_CRC: 72,
  VERSION: 76,
  /** Of the file's header and of the footer's bytes before this. */
  CRC: 80,
  /** Zero. */
  RESERVED: 84,
  MAGIC: 88,
} as const;

/** Rows are `stride` ticks apart throughout the block: times follow from first, last and rows. */
export const BLOCK_REGULAR = 1;

/** Byte offsets of the index's parts, for `blocks` blocks and `recordBytes` of column records. */
export function indexParts(blocks: number, recordBytes: number) {
  const tsFirst = 0;
  const tsLast = 8 * blocks;
  const crc = tsLast + 8 * blocks;
  const words = align8(4 * blocks);
  const tid = crc + words;
  const offset = tid + words;
  const size = offset + words;
  const record = size + words;
  const rows = record + words;
  const layout = rows + align8(2 * blocks);
  const flags = layout + align8(2 * blocks);
  const records = flags + align8(blocks);
  return {
    tsFirst,
    tsLast,
    crc,
    tid,
    offset,
    size,
    record,
    rows,
    layout,
    flags,
    records,
    layouts: records + recordBytes,
  };
}

/**
 * Bytes of a column's record: u32 null count, u32 offset in the block; for numbers f64 sum; then min, max, first,
 * last, as f64 for 64-bit types and DOUBLE, as f32 for FLOAT, as i32 or u32 for the others.
 */
export function recordBytes(type: SqlType): 8 | 32 | 48 {
  if (isStringType(type)) return 8;
  return isWideType(type) || type === SqlType.DOUBLE ? 48 : 32;
}

/** CRC-32 of the header, continued over the footer up to its own place. */
export function footerCrc(header: Uint8Array, footer: Uint8Array): number {
  return crc32(footer.subarray(0, Footer.CRC), crc32(header));
}

/**
 * The type that a block's time column is encoded as: ticks as TIMESTAMP; stored times in nanoseconds, whose
 * bits and not whose values are near each other, as DOUBLE. Told by the block's first and last time.
 */
export function timesType(tsFirst: number, tsLast: number): SqlType {
  return isStoredNanoseconds(tsFirst) || isStoredNanoseconds(tsLast)
    ? SqlType.DOUBLE
    : SqlType.TIMESTAMP;
}
