/**
 * The metadata store: state, log and checkpoint. A change is a batch of records that is logged as one
 * record of the log, so that it is there whole or not at all.
 *
 * Invariants: state = checkpoint + log; a change is applied as soon as it is in the log and acknowledged
 * when it is on disk; changes that arrive in one turn of the event loop share an fsync. A failed append
 * leaves everything as it was; after a failed fsync nothing is accepted any more until a restart.
 */
import {
  ByteReader,
  ByteWriter,
  CorruptionError,
  type Clock,
  type FileSystem,
  type Logger,
} from '@tdnode/common';
import { Log } from '@tdnode/wal';
import { applyRecord } from './apply.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { decodeRecord, writeRecord, type SdbRecord } from './records.ts';
import type { SdbState } from './state.ts';

/** Log bytes after which a checkpoint is written: 4 MiB are replayed in well under a second. */
const CHECKPOINT_BYTES = 4 * 1024 * 1024;

export interface SdbOptions {
  readonly fs: FileSystem;
  /** The mnode's folder: the checkpoint is in it, the log in its `wal`. */
  readonly dir: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Type of the log's records: a batch of metadata records. */
const BATCH = 1;

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

export class Sdb {
  readonly state: SdbState;
  readonly #fs: FileSystem;
  readonly #dir: string;
  readonly #log: Log;
  readonly #writer = new ByteWriter(4096);
  readonly #scratch = new ByteWriter(4096);
  #waiters: Waiter[] = [];
  #logBytes = 0;
  #checkpointBytes: number;
  /** Records after the checkpoint, as found at the start: what vnodes may not have heard of. */
  #tail: SdbRecord[] = [];

  /** Reads the checkpoint and replays the log; throws CorruptionError. */
  constructor({ fs, dir, clock, logger }: SdbOptions) {
    this.#fs = fs;
    this.#dir = dir;
    makeFolders(fs, dir);
    const checkpoint = readCheckpoint(fs, dir);
    this.state = checkpoint.state;
    this.#checkpointBytes = checkpoint.bytes;
    const gone = lostLog(fs, dir, checkpoint.version);
    if (gone !== undefined) throw gone;
    this.#log = Log.open(fs, `${dir}/wal`, { clock, logger, committedVersion: checkpoint.version });
    this.#log.read(checkpoint.version + 1, ({ payload }) => {
      this.#logBytes += payload.length;
      for (const record of decodeBatch(payload)) {
        applyRecord(this.state, record);
        this.#tail.push(record);
      }
    });
    logger.info(
      'SDB',
      `metadata: ${this.state.dbs.size} databases, ${this.#tail.length} records after the checkpoint`,
    );
  }

  /** Hands over the records that were replayed at the start, once. */
  takeTail(): readonly SdbRecord[] {
    const tail = this.#tail;
    this.#tail = [];
    return tail;
  }

  /** Logs and applies one change at once; resolves when it is on disk. Throws (rejects) with nothing changed. */
  async propose(records: readonly SdbRecord[]): Promise<void> {
    if (records.length === 0) return undefined;
    const payload = this.#encodeBatch(records);
    this.#log.append(BATCH, payload);
    this.#logBytes += payload.length;
    for (const record of records) applyRecord(this.state, record);
    return this.#synced();
  }

  /** The last version that was logged. */
  get version(): number {
    return this.#log.lastVersion;
  }

  /** Writes a checkpoint now and lets the log forget what is in it. */
  checkpoint(): void {
    if (this.#logBytes === 0) return;
    this.#log.sync();
    const version = this.#log.lastVersion;
    this.#checkpointBytes = writeCheckpoint(this.#fs, this.#dir, this.state, version);
    this.#logBytes = 0;
    this.#log.dropBefore(version + 1);
  }

  /** Whether so much was logged since the last checkpoint that one is due. */
  get checkpointDue(): boolean {
    return this.#logBytes > Math.max(CHECKPOINT_BYTES, this.#checkpointBytes / 4);
  }

  close(): void {
    this.#flush();
    this.#log.close();
  }

  #synced(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#waiters.push({ resolve, reject }) === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    if (waiters.length === 0) return;
    try {
      this.#log.sync();
    } catch (error) {
      for (const waiter of waiters) waiter.reject(error);
      return;
    }
    for (const waiter of waiters) waiter.resolve();
  }

  #encodeBatch(records: readonly SdbRecord[]): Uint8Array {
    const writer = this.#writer;
    writer.reset();
    writer.varint(records.length);
    for (const record of records) {
      this.#scratch.reset();
      writeRecord(this.#scratch, record);
      writer.varint(this.#scratch.length);
      writer.bytes(this.#scratch.view());
    }
    return writer.view();
  }
}

/** The records of one log payload; their run payloads stay views into it. */
export function decodeBatch(payload: Uint8Array): SdbRecord[] {
  const reader = new ByteReader(payload);
  const records: SdbRecord[] = [];
  const count = reader.varint();
  for (let i = 0; i < count && reader.error === undefined; i++) {
    const bytes = reader.bytes(reader.varint());
    if (reader.error === undefined) records.push(decodeRecord(bytes));
  }
  if (reader.error !== undefined)
    throw new CorruptionError('', reader.offset, `metadata batch: ${reader.error}`);
  return records;
}

/** Whether the log is gone: beside a checkpoint there is always a segment, or one that was cut off whole. */
export function lostLog(fs: FileSystem, dir: string, version: number): CorruptionError | undefined {
  const names = fs.list(`${dir}/wal`);
  if (version === 0 || names.some((name) => name.endsWith('.log') || name.endsWith('.log.cut')))
    return undefined;
  return new CorruptionError(`${dir}/wal`, 0, `the log after version ${version} is missing`);
}

/** Makes the folders so that their names are there after a power cut. */
function makeFolders(fs: FileSystem, dir: string): void {
  if (fs.exists(`${dir}/wal`)) return;
  fs.makeFolder(`${dir}/wal`);
  fs.syncFolder(dir);
  const parent = dir.slice(0, dir.lastIndexOf('/'));
  if (parent !== '') fs.syncFolder(parent);
}
