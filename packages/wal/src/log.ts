/**
 * The log of one vnode (or of the mnode): versions 1, 2, 3, … in segment files. docs/format/wal.md.
 *
 * Writing is by batches: `beginBatch`, `add` for each record (its header is filled into the gap before its
 * payload, nothing is copied), `writeBatch` (one write), then `sync` where the caller promises that much.
 *
 * Invariants: a batch is in the log whole or not at all, as long as the machine runs; versions have no
 * gaps; `syncedVersion` ≤ `lastVersion`; a segment is begun only at the head of a batch.
 *
 * Failures: a write that fails is cut back, the batch is refused with a TaosError, and for a second so is
 * every other one; then the next is tried again. After a failed sync nobody knows what is on the disk: the
 * log refuses everything until it is opened anew. What was read or applied before stays valid.
 */
import {
  CorruptionError,
  ErrorCode,
  TaosError,
  assert,
  type Clock,
  type FileHandle,
  type FileSystem,
  type Logger,
} from '@tdnode/common';
import {
  RECORD_HEADER_BYTES,
  RecordField,
  SEGMENT_HEADER_BYTES,
  recordBytes,
  segmentName,
  segmentVersion,
  writeRecordHeader,
  writeSegmentHeader,
  type LogRecord,
} from './format.ts';
import { recoverLog, syncFound, type IndexedSegment } from './recover.ts';
import { SegmentIndex } from './segment-index.ts';
import { SyncQueue } from './sync-queue.ts';
import { readSegment, visitSegment } from './segment-reader.ts';

/** How a log is opened. */
export interface LogOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** A new segment is begun when the last one has this many bytes; 64 MiB. */
  readonly segmentBytes?: number;
  /** Versions up to this one are in files already; the log need not hold them. 0. */
  readonly committedVersion?: number;
}

const SEGMENT_BYTES = 64 * 1024 * 1024;
const RETRY_MS = 1000;

/** See the head of this file. */
export class Log {
  readonly #fs: FileSystem;
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #segmentBytes: number;
  readonly #syncs: SyncQueue;
  #segments: IndexedSegment[];
  #handle: FileHandle;
  /** Bytes of the last segment that are whole records. */
  #size: number;
  #lastVersion: number;
  #term = 0;
  #parts: Uint8Array[] = [];
  #batchRecords = 0;
  /** Set after a failed write: until when, and with what, writes are refused. */
  #refusal: { error: TaosError; until: number; needsCut: boolean } | undefined;

  /** Opens or makes the log in `folder` (which exists); throws CorruptionError. */
  static open(fs: FileSystem, folder: string, options: LogOptions): Log {
    return new Log(fs, folder, options);
  }

  private constructor(fs: FileSystem, folder: string, options: LogOptions) {
    this.#fs = fs;
    this.#folder = folder;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
    const committed = options.committedVersion ?? 0;
    const found = recoverLog(fs, folder, committed, options.logger);
    this.#segments = found.segments;
    this.#lastVersion = found.lastVersion;
    this.#size = found.lastBytes;
    syncFound(fs, folder, found);
    this.#syncs = new SyncQueue(found.lastVersion);
    const last = found.segments.at(-1);
    if (last === undefined || found.lastVersion < committed) {
      this.#lastVersion = Math.max(found.lastVersion, committed);
      this.#handle = this.#createSegment();
      this.#unlinkSegments(this.#segments.length - 1);
    } else {
      this.#handle = fs.open(last.path, 'write');
    }
  }

  /** First version that the log still holds. */
  get firstVersion(): number {
    return this.#segments[0]!.firstVersion;
  }

  /** Version of the last record; the next one gets this plus one. */
  get lastVersion(): number {
    return this.#lastVersion;
  }

  /** Highest version that is known to be on the disk. */
  get syncedVersion(): number {
    return this.#syncs.syncedVersion;
  }

  /** Set once a sync, in the background perhaps, has failed: the log takes nothing more. */
  get failure(): TaosError | undefined {
    return this.#syncs.failure;
  }

  /** The term that new records are written under. */
  set term(term: number) {
    this.#term = term;
  }

  /** Segment files, the one being written included. */
  get segmentCount(): number {
    return this.#segments.length;
  }

  /** Starts a batch. Throws the TaosError of the last failure while writes are refused. */
  beginBatch(): void {
    const failed = this.#syncs.failure;
    if (failed !== undefined) throw failed;
    this.#parts = [];
    this.#batchRecords = 0;
    const refusal = this.#refusal;
    if (refusal === undefined) return;
    if (this.#clock.monotonic() < refusal.until) throw refusal.error;
    if (refusal.needsCut) this.#cutBack(refusal.error);
    this.#refusal = undefined;
  }

  /**
   * Adds the record whose payload of `length` bytes lies at `at + 32` of `bytes`; the 32 bytes before it and
   * the padding behind it to a multiple of 8 are written over. Returns the version that it will have.
   */
  add(bytes: Uint8Array, at: number, length: number, type: number): number {
    this.#batchRecords++;
    const version = this.#lastVersion + this.#batchRecords;
    const { syncedVersion } = this.#syncs;
    writeRecordHeader(bytes, at, {
      length,
      type,
      term: this.#term,
      version,
      knownSynced: syncedVersion,
    });
    const end = at + recordBytes(length);
    const last = this.#parts.at(-1);
    if (last?.buffer === bytes.buffer && last.byteOffset + last.length === bytes.byteOffset + at) {
      this.#parts[this.#parts.length - 1] = new Uint8Array(
        bytes.buffer,
        last.byteOffset,
        last.length + end - at,
      );
    } else {
      this.#parts.push(bytes.subarray(at, end));
    }
    return version;
  }

  /**
   * Writes the batch; throws TaosError and leaves the log as it was when the disk refuses. Returns the bytes
   * as they were written: whole records, the first parts first.
   */
  writeBatch(): readonly Uint8Array[] {
    if (this.#batchRecords === 0) return [];
    const parts = this.#parts;
    this.#parts = [];
    try {
      if (this.#size >= this.#segmentBytes) this.roll();
      this.#handle.writev(parts, this.#size);
    } catch (cause) {
      throw this.#refuse(cause);
    }
    for (const part of parts) this.#noteRecords(part);
    this.#lastVersion += this.#batchRecords;
    this.#batchRecords = 0;
    return parts;
  }

  /** Notes whole records that were just written. */
  #noteRecords(part: Uint8Array): void {
    const { index } = this.#segments.at(-1)!;
    const view = new DataView(part.buffer, part.byteOffset, part.length);
    for (let at = 0; at < part.length;) {
      const bytes = recordBytes(view.getUint32(at + RecordField.length, true));
      const term = view.getUint32(at + RecordField.term, true);
      this.#size += bytes;
      index.push(this.#size, term, view.getUint8(at + RecordField.type));
      at += bytes;
    }
  }

  /** One record, copied: for callers with few writes. Returns its version. */
  append(type: number, payload: Uint8Array): number {
    const bytes = new Uint8Array(recordBytes(payload.length));
    bytes.set(payload, RECORD_HEADER_BYTES);
    this.beginBatch();
    const version = this.add(bytes, 0, payload.length, type);
    this.writeBatch();
    return version;
  }

  /** All records reach the disk before it returns. Throws TaosError; then the log is of no more use. */
  sync(): void {
    this.#syncs.syncNow(this.#handle, this.#lastVersion);
  }

  /** Starts to bring all records to the disk, off this thread where the file system can do that. */
  syncLater(): void {
    if (this.#lastVersion > this.#syncs.syncedVersion)
      this.#syncs.syncLater(this.#handle, this.#lastVersion, false);
  }

  /** Gives every record from `fromVersion` on, in order. Payloads may be kept. */
  read(fromVersion: number, visit: (record: LogRecord) => void): void {
    this.#segments.forEach(({ path }, i) => {
      const next = this.#segments[i + 1];
      if (next !== undefined && next.firstVersion <= fromVersion) return;
      visitSegment(readSegment(this.#fs, path), fromVersion, visit);
    });
  }

  /** Term of a version that the log still holds. */
  termOf(version: number): number {
    return this.#segmentOf(version).index.termOf(version);
  }

  /** Versions of records of a type of `OWN_TYPES` or above, ascending. */
  ownedVersions(): number[] {
    return this.#segments.flatMap(({ index }) => index.owned);
  }

  /**
   * The most records from `from` on that fit `maxBytes` with their headers, within one segment; at least one,
   * however long. `from` is a version that the log holds.
   */
  take(from: number, maxBytes: number): { readonly to: number; readonly bytes: number } {
    const { index } = this.#segmentOf(from);
    const start = index.startOf(from);
    const to = Math.max(from, index.lastWithin(start + maxBytes));
    return { to, bytes: index.endOf(to) - start };
  }

  /** Reads the records [from, to], headers and all, as they lie in the log: one part a segment. */
  readRecords(from: number, to: number): Uint8Array<ArrayBuffer>[] {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (let next = from; next <= to;) {
      const { index, path } = this.#segmentOf(next);
      const last = Math.min(to, index.lastVersion);
      const start = index.startOf(next);
      const bytes = new Uint8Array(index.endOf(last) - start);
      const handle = this.#fs.open(path, 'read');
      try {
        const count = handle.read(bytes, start);
        if (count < bytes.length) throw new CorruptionError(path, start + count, 'records cut off');
      } finally {
        handle.close();
      }
      parts.push(bytes);
      next = last + 1;
    }
    return parts;
  }

  #segmentOf(version: number): IndexedSegment {
    for (let i = this.#segments.length - 1; i >= 0; i--) {
      const segment = this.#segments[i]!;
      if (segment.firstVersion > version) continue;
      assert(version <= segment.index.lastVersion, 'the log holds the version');
      return segment;
    }
    return assert(false, 'the log still holds the version') as never;
  }

  /** What `firstVersion` would be after `dropBefore(version)`. */
  firstVersionAfterDrop(version: number): number {
    if (this.#lastVersion < version && this.#size > SEGMENT_HEADER_BYTES)
      return this.#lastVersion + 1;
    const kept = this.#segments.findLast(({ firstVersion }) => firstVersion <= version);
    return (kept ?? this.#segments[0]!).firstVersion;
  }

  /**
   * Forgets everything and goes on after `version`, which is in files: what the log held is not what they hold.
   * A crash in between leaves a shorter log or an empty one.
   */
  reset(version: number): void {
    this.truncateAfter(this.firstVersion - 1);
    this.#lastVersion = version;
    if (this.firstVersion === version + 1) return;
    const old = this.#handle;
    this.#handle = this.#createSegment();
    old.close();
    this.#unlinkSegments(this.#segments.length - 1);
  }

  /** Forgets versions below `version`, as whole segments: they are in files and nobody asks for them. */
  dropBefore(version: number): void {
    if (this.#lastVersion < version && this.#size > SEGMENT_HEADER_BYTES) this.roll();
    let count = 0;
    while (count + 1 < this.#segments.length && this.#segments[count + 1]!.firstVersion <= version)
      count++;
    if (count > 0) this.#unlinkSegments(count);
  }

  /** Cuts all versions above `version` off: they were never agreed upon. */
  truncateAfter(version: number): void {
    assert(version >= this.firstVersion - 1, 'the log still holds the version it is cut at');
    if (version >= this.#lastVersion) return;
    this.#handle.close();
    while (this.#segments.length > 1 && this.#segments.at(-1)!.firstVersion > version) {
      this.#fs.unlink(this.#segments.pop()!.path);
      this.#fs.syncFolder(this.#folder);
    }
    const { path, index } = this.#segments.at(-1)!;
    this.#size = version < index.firstVersion ? SEGMENT_HEADER_BYTES : index.endOf(version);
    index.truncate(version);
    this.#lastVersion = version;
    this.#handle = this.#fs.open(path, 'write');
    this.#handle.truncate(this.#size);
    this.#syncs.forget(version);
    this.sync();
  }

  /** Brings everything to the disk (unless that has failed before) and closes the files. */
  close(): void {
    try {
      if (this.#syncs.failure === undefined) this.sync();
    } finally {
      this.#syncs.close(this.#handle);
    }
  }

  /** Begins a new segment; the old one reaches the disk in the background. */
  roll(): void {
    if (this.#size === SEGMENT_HEADER_BYTES) return;
    const old = this.#handle;
    this.#handle = this.#createSegment();
    this.#syncs.syncLater(old, this.#lastVersion, true);
  }

  #createSegment(): FileHandle {
    const firstVersion = this.#lastVersion + 1;
    const path = `${this.#folder}/${segmentName(firstVersion)}`;
    const handle = this.#fs.open(path, 'create');
    try {
      handle.write(writeSegmentHeader(firstVersion, this.#syncs.syncedVersion), 0);
      handle.sync();
      this.#fs.syncFolder(this.#folder);
    } catch (error) {
      handle.close();
      this.#removeUnfinished(path);
      throw error;
    }
    this.#segments.push({ firstVersion, path, index: new SegmentIndex(firstVersion) });
    this.#size = SEGMENT_HEADER_BYTES;
    return handle;
  }

  /** A segment that was not begun must not lie there when records of its versions go into the one before. */
  #removeUnfinished(path: string): void {
    try {
      this.#fs.unlink(path);
      this.#fs.syncFolder(this.#folder);
    } catch (error) {
      this.#logger.error('WAL', `${path} cannot be removed: ${String(error)}`);
    }
  }

  /** Removes the first `count` segments, and what was cut off segments that are gone. */
  #unlinkSegments(count: number): void {
    if (count === 0) return;
    // One by one, oldest first: whatever a power cut undoes, what is left has no gap.
    for (const { path } of this.#segments.splice(0, count)) {
      this.#fs.unlink(path);
      this.#fs.syncFolder(this.#folder);
    }
    for (const name of this.#fs.list(this.#folder)) {
      const version = name.endsWith('.cut') ? segmentVersion(name.slice(0, -4)) : undefined;
      if (version !== undefined && version < this.firstVersion)
        this.#fs.unlink(`${this.#folder}/${name}`);
    }
  }

  #refuse(cause: unknown): TaosError {
    if (!isDiskError(cause)) throw cause;
    const code =
      cause.code === 'ENOSPC' || cause.code === 'EDQUOT'
        ? ErrorCode.VND_NO_DISKSPACE
        : ErrorCode.WAL_APP_ERROR;
    const error = new TaosError(code, undefined, {
      detail: `the log in ${this.#folder} cannot be written: ${cause.message}`,
      cause,
    });
    this.#logger.error('WAL', `${error.detail}; writes are refused, next try in ${RETRY_MS} ms`);
    try {
      this.#cutBack(error);
      this.#refusal = { error, until: this.#clock.monotonic() + RETRY_MS, needsCut: false };
    } catch (failed) {
      if (failed !== error) throw failed;
    }
    return error;
  }

  /** Cuts the last segment back to whole records; throws `error` (and will try again) when that fails. */
  #cutBack(error: TaosError): void {
    try {
      this.#handle.truncate(this.#size);
    } catch (cause) {
      if (!isDiskError(cause)) throw cause;
      this.#refusal = { error, until: this.#clock.monotonic() + RETRY_MS, needsCut: true };
      throw error;
    }
  }
}

function isDiskError(cause: unknown): cause is Error & { code: string } {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string';
}
