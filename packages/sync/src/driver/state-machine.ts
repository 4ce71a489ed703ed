/**
 * What a replica drives: whoever keeps the state that the log's records make (a vnode, the mnode's store).
 *
 * All calls come from within a call to the `Replica`, in its thread; none may call back into it, but `apply`
 * and `install` may take their time. Files here are immutable ones that hold everything up to some version.
 */
import type { TaosError } from '@tdnode/common';
import type { LogRecord } from '@tdnode/wal';
import type { Role } from '../core/types.ts';

/** See the head of this file. */
export interface StateMachine {
  /**
   * Takes records, ascending, into memory; everything up to `upTo` is applied then (versions that are missing
   * were the group's own). Payloads begin at a multiple of 8 and may be kept. A master that applies what it has
   * written (`applyOn: 'persisted'`) applies its own proposals itself, right after `Replica.writeBatch`.
   */
  apply(records: readonly LogRecord[], upTo: number): void;
  /**
   * What was applied above `toVersion` never happened: rebuilds memory from files and `records`, which are all
   * records above the files' version up to `toVersion`.
   */
  rollback(toVersion: number, records: Iterable<LogRecord>): void;
  /** The role, as `show vgroups` prints it, or the term changed. */
  onRole(role: Role, term: number): void;
  /** Proposals with versions up to this one are safe as far as the database asks for: answer their clients. */
  acknowledge(upTo: number): void;
  /** Proposals that were not acknowledged may or may not survive: tell their clients so. */
  reject(error: TaosError): void;
  /** Highest version that the files on disk hold. */
  readonly filesVersion: number;
  /** Pins the files of now, for another replica to copy. */
  openSnapshot(): SnapshotSource;
  /** Where files that come in are kept until they are all there; a folder of its own, made when missing. */
  readonly stagingFolder: string;
  /**
   * Puts these files in the place of all that the machine has, memory included, in one step: after a crash it
   * has either the old files or the new ones. Then `filesVersion` is `version`.
   */
  install(files: readonly StagedFile[], version: number): void;
}

/** An immutable file as its source describes it. */
export interface SnapshotFile {
  /** Path below the machine's folder, with `/`; letters, digits, `_`, `-` and `.` between them. */
  readonly name: string;
  readonly size: number;
  /** CRC-32 of all its bytes. */
  readonly crc: number;
}

/** A pinned state of the files. */
export interface SnapshotSource {
  /** Everything up to here is in the files; noted with `Replica.noteFiles` before. */
  readonly version: number;
  readonly files: readonly SnapshotFile[];
  /** Bytes of one file; fewer than `length` only at its end. */
  read(file: number, offset: number, length: number): Uint8Array;
  /** The files may be removed again. */
  release(): void;
}

/** A file that has arrived, sound and on the disk. */
export interface StagedFile {
  readonly name: string;
  /** Where it lies now; to be moved or copied from there. */
  readonly path: string;
}
