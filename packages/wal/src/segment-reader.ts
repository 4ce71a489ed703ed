/**
 * Reads one segment file: which of its records are sound, where the first bad place is, and what the file
 * knows of versions that were on the disk.
 */
import type { FileSystem } from '@tdnode/common';
import {
  RECORD_HEADER_BYTES,
  RecordField,
  SEGMENT_HEADER_BYTES,
  readRecordHeader,
  readSegmentHeader,
  recordBytes,
  type LogRecord,
  type RecordHeader,
} from './format.ts';
import { SegmentIndex } from './segment-index.ts';

/** What a scan of one segment found. */
export interface SegmentScan {
  /** Bytes of the header and of all records before the first bad place. */
  readonly goodBytes: number;
  /** Version of the last good record; one below the first version when there is none. */
  readonly lastVersion: number;
  /** Highest known-synced version that any sound record says, those after a bad place too. */
  readonly knownSynced: number;
  /** What is wrong at `goodBytes`; undefined when the file is sound to its end. */
  readonly bad: string | undefined;
  /** The sound records before the first bad place. */
  readonly index: SegmentIndex;
}

/** Versions this far above the expected one are taken for damage when looking for records after a bad place. */
const VERSIONS_AHEAD_MAX = 1e9;

/** The whole file in a buffer of its own. */
export function readSegment(fs: FileSystem, path: string): Uint8Array<ArrayBuffer> {
  const handle = fs.open(path, 'read');
  try {
    const bytes = new Uint8Array(handle.size());
    return bytes.subarray(0, handle.read(bytes, 0));
  } finally {
    handle.close();
  }
}

/** Checks all of a segment that is to begin with `firstVersion`. */
export function scanSegment(bytes: Uint8Array, firstVersion: number): SegmentScan {
  const index = new SegmentIndex(firstVersion);
  const header = readSegmentHeader(bytes);
  if (typeof header === 'string' || header.firstVersion !== firstVersion) {
    const bad = typeof header === 'string' ? header : `first version ${header.firstVersion}`;
    const knownSynced = knownSyncedAfter(bytes, SEGMENT_HEADER_BYTES, firstVersion);
    return { goodBytes: 0, lastVersion: firstVersion - 1, knownSynced, bad, index };
  }
  let { knownSynced } = header;
  let version = firstVersion;
  let at = SEGMENT_HEADER_BYTES;
  for (; at < bytes.length; version++) {
    const record = readRecordHeader(bytes, at);
    const bad = typeof record === 'string' ? record : wrongVersion(record.version, version);
    if (bad !== undefined) {
      knownSynced = Math.max(knownSynced, knownSyncedAfter(bytes, at, version));
      return { goodBytes: at, lastVersion: version - 1, knownSynced, bad, index };
    }
    if (typeof record === 'string') break;
    knownSynced = Math.max(knownSynced, record.knownSynced);
    at += recordBytes(record.length);
    index.push(at, record.term, record.type);
  }
  return { goodBytes: at, lastVersion: version - 1, knownSynced, bad: undefined, index };
}

function wrongVersion(found: number, expected: number): string | undefined {
  return found === expected ? undefined : `version ${found} where ${expected} was expected`;
}

/** A sound record and where it lies. */
export interface FoundRecord {
  readonly at: number;
  readonly end: number;
  readonly header: RecordHeader;
}

/** Looks for sound records behind a bad place: pages reach the disk in any order. */
export function* findRecords(
  bytes: Uint8Array,
  from: number,
  expected: number,
): Generator<FoundRecord, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = from;
  while (at + RECORD_HEADER_BYTES <= bytes.length) {
    const version = view.getFloat64(at + RecordField.version, true);
    const isPlausible =
      version >= expected && version - expected < VERSIONS_AHEAD_MAX && Number.isInteger(version);
    const header = isPlausible ? readRecordHeader(bytes, at) : '';
    if (typeof header === 'string') {
      at += 8;
      continue;
    }
    const end = at + recordBytes(header.length);
    yield { at, end, header };
    at = end;
  }
}

function knownSyncedAfter(bytes: Uint8Array, from: number, expected: number): number {
  let highest = 0;
  for (const { header } of findRecords(bytes, from, expected))
    highest = Math.max(highest, header.knownSynced);
  return highest;
}

/**
 * Calls `visit` with the sound records from `fromVersion` on, in order, as long as it does not return
 * false; returns the offset after the last one seen. `bytes` must have passed `scanSegment`.
 */
export function visitSegment(
  bytes: Uint8Array<ArrayBuffer>,
  fromVersion: number,
  visit: (record: LogRecord) => void | false,
): number {
  let at = SEGMENT_HEADER_BYTES;
  while (at < bytes.length) {
    const header = readRecordHeader(bytes, at);
    if (typeof header === 'string') break;
    if (header.version >= fromVersion) {
      const start = at + RECORD_HEADER_BYTES;
      const payload = bytes.subarray(start, start + header.length);
      const { version, term, type } = header;
      if (visit({ version, term, type, payload }) === false) break;
    }
    at += recordBytes(header.length);
  }
  return at;
}
