/**
 * Numbers and layout of a log segment file: docs/format/wal.md. Writer and reader share only this.
 *
 * A segment is a header of 32 bytes and records; a record is a header of 32 bytes and a payload padded to a
 * multiple of 8, so that every payload starts at a multiple of 8. All numbers are little-endian.
 */
import { crc32 } from 'node:zlib';

/** `TDNDWAL\n` as eight bytes. */
export const SEGMENT_MAGIC = new Uint8Array([0x54, 0x44, 0x4e, 0x44, 0x57, 0x41, 0x4c, 0x0a]);

/** Versions of the format. 1: the first. */
export const FORMAT_VERSION = 1;

/** Bytes before the first record. */
export const SEGMENT_HEADER_BYTES = 32;

/** Bytes before each payload; whoever lays out records for `Log.add` leaves such a gap. */
export const RECORD_HEADER_BYTES = 32;

/** No record is longer: more is taken for a damaged length. Far above the 8 MiB that a request may have. */
export const MAX_PAYLOAD_BYTES = 256 * 1024 * 1024;

/** Where the fields of a record header lie. */
export const RecordField = {
  length: 0,
  crc: 4,
  type: 8,
  flags: 9,
  reserved: 10,
  term: 12,
  version: 16,
  knownSynced: 24,
} as const;

/** What a record header says. */
export interface RecordHeader {
  /** Bytes of the payload, without its padding. */
  readonly length: number;
  readonly type: number;
  readonly term: number;
  readonly version: number;
  /** Highest version known to be on the disk when this record was made. */
  readonly knownSynced: number;
}

/** One record as `Log.read` gives it. */
export interface LogRecord {
  readonly version: number;
  readonly term: number;
  readonly type: number;
  /** Starts at a multiple of 8; may be kept. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** The next multiple of 8. */
export function padded(length: number): number {
  return (length + 7) & ~7;
}

/** Bytes that a record with such a payload takes. */
export function recordBytes(length: number): number {
  return RECORD_HEADER_BYTES + padded(length);
}

/** Fills the header at `at` of `bytes`, whose payload is in place; zeroes the padding. */
export function writeRecordHeader(bytes: Uint8Array, at: number, header: RecordHeader): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, RECORD_HEADER_BYTES);
  const end = at + recordBytes(header.length);
  for (let i = at + RECORD_HEADER_BYTES + header.length; i < end; i++) bytes[i] = 0;
  view.setUint32(RecordField.length, header.length, true);
  view.setUint8(RecordField.type, header.type);
  view.setUint8(RecordField.flags, 0);
  view.setUint16(RecordField.reserved, 0, true);
  view.setUint32(RecordField.term, header.term, true);
  view.setFloat64(RecordField.version, header.version, true);
  view.setFloat64(RecordField.knownSynced, header.knownSynced, true);
  view.setUint32(RecordField.crc, recordCrc(bytes, at, end), true);
}

/** CRC-32 of a record from its type on, padding included, seeded with its length. */
function recordCrc(bytes: Uint8Array, at: number, end: number): number {
  const seed = crc32(bytes.subarray(at, at + 4));
  return crc32(bytes.subarray(at + RecordField.type, end), seed);
}

/** The header of the record at `at` when the whole record is there and sound; else what is wrong. */
export function readRecordHeader(bytes: Uint8Array, at: number): RecordHeader | string {
  if (bytes.length - at < RECORD_HEADER_BYTES) return 'record header cut off';
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, RECORD_HEADER_BYTES);
  const length = view.getUint32(RecordField.length, true);
  if (length > MAX_PAYLOAD_BYTES) return 'record length out of range';
  const end = at + recordBytes(length);
  if (end > bytes.length) return 'record cut off';
  if (view.getUint32(RecordField.crc, true) !== recordCrc(bytes, at, end)) {
    return 'record checksum mismatch';
  }
  return {
    length,
    type: view.getUint8(RecordField.type),
    term: view.getUint32(RecordField.term, true),
    version: view.getFloat64(RecordField.version, true),
    knownSynced: view.getFloat64(RecordField.knownSynced, true),
  };
}

/** The header of a segment file. */
export function writeSegmentHeader(
  firstVersion: number,
  knownSynced: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(SEGMENT_MAGIC);
  view.setUint32(8, FORMAT_VERSION, true);
  view.setFloat64(16, firstVersion, true);
  view.setFloat64(24, knownSynced, true);
  view.setUint32(12, crc32(bytes.subarray(16)), true);
  return bytes;
}

/** What a segment header says, or what is wrong with it. */
export function readSegmentHeader(
  bytes: Uint8Array,
): { readonly firstVersion: number; readonly knownSynced: number } | string {
  if (bytes.length < SEGMENT_HEADER_BYTES) return 'segment header cut off';
  if (SEGMENT_MAGIC.some((byte, i) => bytes[i] !== byte)) return 'not a log segment';
  const view = new DataView(bytes.buffer, bytes.byteOffset, SEGMENT_HEADER_BYTES);
  const format = view.getUint32(8, true);
  if (format !== FORMAT_VERSION)
    return `log format ${format}, this program knows ${FORMAT_VERSION}`;
  if (view.getUint32(12, true) !== crc32(bytes.subarray(16, SEGMENT_HEADER_BYTES))) {
    return 'segment header checksum mismatch';
  }
  return { firstVersion: view.getFloat64(16, true), knownSynced: view.getFloat64(24, true) };
}

const NAME = /^(\d{16})\.log$/;

/** File name of the segment that begins with this version: sixteen digits, so that names sort as numbers. */
export function segmentName(firstVersion: number): string {
  return `${String(firstVersion).padStart(16, '0')}.log`;
}

/** The version that a segment's name says, or undefined when the name is not one of a segment. */
export function segmentVersion(name: string): number | undefined {
  const match = NAME.exec(name);
  return match === null ? undefined : Number(match[1]);
}
