/**
 * One replica's log as the core reads it and as the driver writes it: the log on the disk, its newest records in
 * memory, and the anchors for what the log no longer holds.
 *
 * Invariant: everything from `firstVersion` on can be read, and `termOf(firstVersion - 1)` is known.
 */
import { ByteReader, CorruptionError, assert } from '@tdnode/common';
import {
  RECORD_HEADER_BYTES,
  readRecordHeader,
  recordBytes,
  type Log,
  type LogRecord,
} from '@tdnode/wal';
import type { AppendOrder } from '../core/step-types.ts';
import { decodeConfig } from '../core/config-codec.ts';
import type { ConfigAt, LogView } from '../core/types.ts';
import { RecordTail, recordsOf } from './record-tail.ts';
import type { Anchor } from './replica-state.ts';

/** Types of the records that the group itself writes; a state machine uses lower ones. */
export const OwnRecordType = { noop: 0xf0, config: 0xf1 } as const;

/** Records are read back from the log in runs of about so many bytes. */
const READ_BYTES = 4 * 1024 * 1024;

/** See the head of this file. */
export class ReplicaLog implements LogView {
  readonly log: Log;
  readonly #tail = new RecordTail();
  #keepsTail = true;
  base: Anchor;

  constructor(log: Log, base: Anchor) {
    this.log = log;
    this.base = base;
  }

  /** Whether new records are kept for followers and for `apply`. */
  set keepsTail(keeps: boolean) {
    // The tail has no gaps: it begins anew when it is kept again.
    if (!keeps) this.#tail.clear();
    this.#keepsTail = keeps;
  }

  get firstVersion(): number {
    return this.base.version + 1;
  }

  get lastVersion(): number {
    return this.log.lastVersion;
  }

  termOf(version: number): number {
    return version === this.base.version ? this.base.term : this.log.termOf(version);
  }

  take(from: number, maxBytes: number): { readonly to: number; readonly bytes: number } {
    return this.log.take(from, maxBytes);
  }

  /** The configs that the log's entries brought, after the anchor's. */
  configs(): ConfigAt[] {
    const configs = [this.base.config];
    for (const version of this.log.ownedVersions()) {
      if (version <= this.base.version) continue;
      for (const record of this.read(version, version)) {
        if (record.type === OwnRecordType.config) configs.push(configOf(record, this.log));
      }
    }
    return configs;
  }

  /** Writes the batch that was added to the log. Returns the bytes written. */
  writeBatch(): number {
    const from = this.log.lastVersion + 1;
    const parts = this.log.writeBatch();
    if (this.#keepsTail) this.#tail.add(from, parts);
    let bytes = 0;
    for (const part of parts) bytes += part.length;
    return bytes;
  }

  /** Puts entries of a checked frame into the log, in one write. Throws TaosError when the disk refuses. */
  append(records: Uint8Array<ArrayBuffer>, { from, to }: AppendOrder): void {
    const { log } = this;
    assert(from === log.lastVersion + 1, 'entries follow the log');
    log.beginBatch();
    for (let at = 0; at < records.length;) {
      const header = readRecordHeader(records, at);
      assert(typeof header !== 'string', 'records of a frame were checked');
      if (header.version >= from && header.version <= to) {
        log.term = header.term;
        log.add(records, at, header.length, header.type);
      }
      at += recordBytes(header.length);
    }
    this.writeBatch();
  }

  /** Cuts everything above `version` off, durably. */
  truncateAfter(version: number): void {
    this.log.truncateAfter(version);
    this.#tail.clear();
  }

  /** Goes on after the files that `base` is about; what the log held is forgotten. */
  reset(base: Anchor): void {
    this.log.reset(base.version);
    this.#tail.clear();
    this.base = base;
  }

  /** The records [from, to] with their headers, to be sent: from memory, or else from the disk. */
  bytes(from: number, to: number): readonly Uint8Array<ArrayBuffer>[] {
    return this.#tail.slice(from, to) ?? this.log.readRecords(from, to);
  }

  /** The records [from, to], in runs that bound the memory. */
  *read(from: number, to: number): Generator<LogRecord, void> {
    for (let next = from; next <= to;) {
      const last = Math.min(to, this.log.take(next, READ_BYTES).to);
      yield* recordsOf(this.bytes(next, last));
      next = last + 1;
    }
  }
}

/**
 * Checks the records that came with an append: sound, and versions [from, to] in order. Returns what is wrong, or
 * undefined.
 */
export function checkRecords(records: Uint8Array, from: number, to: number): string | undefined {
  let version = from;
  for (let at = 0; at < records.length; version++) {
    if (records.length - at < RECORD_HEADER_BYTES) return 'records cut off';
    const header = readRecordHeader(records, at);
    if (typeof header === 'string') return header;
    if (header.version !== version) return `version ${header.version} where ${version} should be`;
    at += recordBytes(header.length);
  }
  return version === to + 1 ? undefined : `records up to ${version - 1} instead of ${to}`;
}

function configOf(record: LogRecord, log: Log): ConfigAt {
  const reader = new ByteReader(record.payload);
  const config = decodeConfig(reader);
  if (reader.error !== undefined)
    throw new CorruptionError(`log from ${log.firstVersion}`, 0, `config: ${reader.error}`);
  return { version: record.version, config };
}
