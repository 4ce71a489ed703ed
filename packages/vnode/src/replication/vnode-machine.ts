/**
 * A vnode as the state machine behind its replica: records into memory, memory made anew when records are undone,
 * files for others and from others.
 */
import type { FileSystem, TaosError } from '@tdnode/common';
import type { Role, SnapshotSource, StagedFile, StateMachine } from '@tdnode/sync';
import type { LogRecord } from '@tdnode/wal';
import { installFiles } from './install.ts';
import { openSnapshot, type KnownChecksums } from './snapshot.ts';
import type { WaitingWrites } from './waiting-writes.ts';

/** The vnode, as far as its machine works on it. */
export interface MachineHost {
  /** Version of the last write that was applied to memory. */
  appliedVersion: number;
  readonly store: { readonly committedVersion: number; readonly segmentNames: readonly string[] };
  readonly waiting: WaitingWrites;
  replay(record: LogRecord): void;
  /** Closes meta and store, has `between` work on their files, and opens them: memory is what the files say. */
  reopenFiles(between: () => void): void;
  /** The role or the term changed. */
  roleChanged(role: Role, term: number): void;
}

/** See the head of this file. */
export class VnodeMachine implements StateMachine {
  readonly #fs: FileSystem;
  readonly #folder: string;
  readonly #host: MachineHost;
  readonly #checksums: KnownChecksums = new Map();

  constructor(fs: FileSystem, folder: string, host: MachineHost) {
    this.#fs = fs;
    this.#folder = folder;
    this.#host = host;
  }

  apply(records: readonly LogRecord[], upTo: number): void {
    for (const record of records) this.#host.replay(record);
    this.#host.appliedVersion = upTo;
  }

  rollback(toVersion: number, records: Iterable<LogRecord>): void {
    this.#host.reopenFiles(() => {});
    for (const record of records) this.#host.replay(record);
    this.#host.appliedVersion = toVersion;
  }

  onRole(role: Role, term: number): void {
    this.#host.roleChanged(role, term);
  }

  acknowledge(upTo: number): void {
    this.#host.waiting.acknowledge(upTo);
  }

  reject(error: TaosError): void {
    this.#host.waiting.reject(error);
  }

  get filesVersion(): number {
    return this.#host.store.committedVersion;
  }

  get stagingFolder(): string {
    return `${this.#folder}/restore`;
  }

  openSnapshot(): SnapshotSource {
    return openSnapshot({
      fs: this.#fs,
      folder: this.#folder,
      version: this.filesVersion,
      segments: this.#host.store.segmentNames,
      known: this.#checksums,
    });
  }

  install(files: readonly StagedFile[], version: number): void {
    this.#checksums.clear();
    this.#host.reopenFiles(() => installFiles(this.#fs, this.#folder, files));
    this.#host.appliedVersion = version;
  }
}
