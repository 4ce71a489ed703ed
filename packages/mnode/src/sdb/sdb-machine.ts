/**
 * The metadata state as what a replica drives: records into the state, checkpoints out of it, checkpoints of others in
 * place of it.
 *
 * A checkpoint holds what vnodes have been told, and nothing more: so it is encoded when `told` is applied, at that very
 * version on every mnode, and written (`due`) as soon as that version is agreed upon.
 *
 * Invariants: state = checkpoint + records up to what was applied; everything above `toldVersion` is in the log.
 */
import { crc32 } from 'node:zlib';
import { assert, type FileSystem, type TaosError } from '@tdnode/common';
import type { Role, SnapshotSource, StagedFile, StateMachine } from '@tdnode/sync';
import type { LogRecord } from '@tdnode/wal';
import { applyRecord } from './apply.ts';
import { decodeBatch } from './batch.ts';
import {
  CHECKPOINT_FILE,
  encodeCheckpoint,
  readCheckpoint,
  writeCheckpoint,
  type Checkpoint,
} from './checkpoint.ts';
import type { SdbRecord } from './records.ts';
import type { SdbState } from './state.ts';
import { Waiting } from './waiting.ts';

/** Log bytes after which a checkpoint is written: 4 MiB are replayed in well under a second. */
const CHECKPOINT_BYTES = 4 * 1024 * 1024;

/** A checkpoint that waits until its version is agreed upon. */
interface DueCheckpoint {
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** What a machine stands on. */
export interface MachineOptions {
  readonly fs: FileSystem;
  /** The mnode's folder. */
  readonly dir: string;
  readonly onRole: (role: Role) => void;
  /** Bytes logged since the last checkpoint from which a new one is wanted. */
  readonly checkpointBytes: number | undefined;
}

/** See the head of this file. */
export class SdbMachine implements StateMachine {
  readonly waiting = new Waiting();
  readonly #fs: FileSystem;
  readonly #dir: string;
  readonly #onRole: (role: Role) => void;
  readonly #bytesWanted: number;
  #state!: SdbState;
  #filesVersion = 0;
  #toldVersion = 0;
  #due: DueCheckpoint | undefined;
  #logBytes = 0;
  #checkpointBytes = 0;

  /** Reads the checkpoint; throws CorruptionError. */
  constructor(options: MachineOptions) {
    const { fs, dir, onRole, checkpointBytes } = options;
    this.#fs = fs;
    this.#dir = dir;
    this.#onRole = onRole;
    this.#bytesWanted = checkpointBytes ?? CHECKPOINT_BYTES;
    this.#load(readCheckpoint(fs, dir));
  }

  get state(): SdbState {
    return this.#state;
  }

  get filesVersion(): number {
    return this.#filesVersion;
  }

  /** Vnodes have everything up to here. */
  get toldVersion(): number {
    return this.#toldVersion;
  }

  /** What is to be written once it is agreed upon. */
  get due(): DueCheckpoint | undefined {
    return this.#due;
  }

  /** Whether something was logged that no checkpoint holds. */
  get hasNews(): boolean {
    return this.#logBytes > 0;
  }

  /** Whether so much was logged since the last checkpoint that one should be made. */
  get wantsCheckpoint(): boolean {
    const limit = Math.max(this.#bytesWanted, this.#checkpointBytes / 4);
    return this.#due === undefined && this.#logBytes > limit;
  }

  get stagingFolder(): string {
    return `${this.#dir}/restore`;
  }

  /** Takes one batch, `bytes` long in the log, into the state. */
  take(version: number, bytes: number, records: readonly SdbRecord[]): void {
    this.#logBytes += bytes;
    for (const record of records) {
      applyRecord(this.#state, record);
      if (record.kind === 'told') this.#noteTold(version);
    }
  }

  apply(records: readonly LogRecord[]): void {
    for (const { version, payload } of records)
      this.take(version, payload.length, decodeBatch(payload));
  }

  rollback(_toVersion: number, records: Iterable<LogRecord>): void {
    this.#load(readCheckpoint(this.#fs, this.#dir));
    for (const record of records) this.apply([record]);
  }

  onRole(role: Role): void {
    this.#onRole(role);
  }

  acknowledge(upTo: number): void {
    this.waiting.acknowledge(upTo);
  }

  reject(error: TaosError): void {
    this.waiting.reject(error);
  }

  /** Writes what is due; the replica has noted it before. */
  writeDue(): void {
    const { version, bytes } = this.#due!;
    writeCheckpoint(this.#fs, this.#dir, bytes);
    this.#filesVersion = version;
    this.#checkpointBytes = bytes.length;
    this.#due = undefined;
  }

  /** What is due could not be written: the next one will hold it. */
  dropDue(): void {
    this.#logBytes += this.#bytesWanted;
    this.#due = undefined;
  }

  openSnapshot(): SnapshotSource {
    const version = this.#filesVersion;
    if (version === 0) return { version, files: [], read: () => new Uint8Array(0), release() {} };
    const handle = this.#fs.open(`${this.#dir}/${CHECKPOINT_FILE}`, 'read');
    const size = handle.size();
    const read = (offset: number, length: number): Uint8Array => {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      return bytes.subarray(0, handle.read(bytes, offset));
    };
    let crc = 0;
    for (let at = 0; at < size; at += READ_BYTES) crc = crc32(read(at, READ_BYTES), crc);
    return {
      version,
      files: [{ name: CHECKPOINT_FILE, size, crc }],
      read: (_, offset, length) => read(offset, length),
      release: () => handle.close(),
    };
  }

  install(files: readonly StagedFile[], version: number): void {
    const [file] = files;
    assert(file?.name === CHECKPOINT_FILE, 'the mnode has one file');
    this.#fs.rename(file!.path, `${this.#dir}/${CHECKPOINT_FILE}`);
    this.#fs.syncFolder(this.#dir);
    this.#load(readCheckpoint(this.#fs, this.#dir));
    assert(this.#filesVersion === version, 'the checkpoint is the one that was offered');
  }

  #load({ state, version, bytes }: Checkpoint): void {
    this.#state = state;
    this.#filesVersion = version;
    this.#toldVersion = version;
    this.#checkpointBytes = bytes;
    this.#logBytes = 0;
    this.#due = undefined;
  }

  #noteTold(version: number): void {
    this.#toldVersion = version;
    this.#due = { version, bytes: encodeCheckpoint(this.#state, version) };
    this.#logBytes = 0;
  }
}

/** Piece of a file that is read at once. */
const READ_BYTES = 1024 * 1024;
