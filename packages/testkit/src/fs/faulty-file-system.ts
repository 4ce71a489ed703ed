/**
 * A file system around another one, that counts the operations that change the disk and makes chosen ones
 * fail: with an error code, after a short write, or, from one operation on, all of them (a crash).
 *
 * Reads are neither counted nor failed, except after the crash, when the "process" is dead and every call
 * throws CrashError. The n-th operation is not carried out any more: what it would have left half-done is
 * up to the file system beneath (`MemoryFileSystem.crash`).
 */
import type { FileHandle, FileSystem, OpenMode } from '@tdnode/common';
import { fileError } from './memory-file-system.ts';

/** Thrown by every call once the machine is "off". */
export class CrashError extends Error {
  override readonly name = 'CrashError';
}

/** Operations that are counted. `write` includes writev. */
export type FileOperation =
  | 'create'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'rename'
  | 'unlink'
  | 'makeFolder'
  | 'removeFolder'
  | 'syncFolder';

/** A failure to come. */
export interface Fault {
  readonly operation: FileOperation;
  /** ENOSPC, EIO, … */
  readonly code: string;
  /** How many such operations still succeed before; 0. */
  readonly after?: number;
  /** How many fail then; 1. */
  readonly times?: number;
  /** Of a failing write, this many bytes reach the file; 0. */
  readonly shortBytes?: number;
  /** Only on paths that contain this. */
  readonly pathPart?: string;
}

interface ArmedFault {
  readonly fault: Fault;
  after: number;
  times: number;
}

/** See the head of this file. */
export class FaultyFileSystem implements FileSystem {
  readonly #inner: FileSystem;
  #operations = 0;
  #stopAt = Infinity;
  #faults: ArmedFault[] = [];

  constructor(inner: FileSystem) {
    this.#inner = inner;
  }

  /** Operations counted so far, failed ones too. */
  get operations(): number {
    return this.#operations;
  }

  /** Whether the crash has come. */
  get crashed(): boolean {
    return this.#operations > this.#stopAt;
  }

  /** `count` more operations succeed, then every call throws CrashError. */
  stopAfter(count: number): void {
    this.#stopAt = this.#operations + count;
  }

  /** Arms one fault; several may be armed. */
  fail(fault: Fault): void {
    this.#faults.push({ fault, after: fault.after ?? 0, times: fault.times ?? 1 });
  }

  /** Disarms all faults: space returns, the disk is repaired. */
  heal(): void {
    this.#faults = [];
  }

  /** Counts; throws when the operation is to fail. `short` is told how much of a write still happens. */
  step(operation: FileOperation, path: string, short?: (bytes: number) => void): void {
    this.alive();
    this.#operations++;
    this.alive();
    for (const armed of this.#faults) {
      const { fault } = armed;
      if (fault.operation !== operation || !path.includes(fault.pathPart ?? '')) continue;
      if (armed.after-- > 0 || armed.times <= 0) continue;
      armed.times--;
      if (fault.shortBytes !== undefined) short?.(fault.shortBytes);
      throw fileError(fault.code, operation, path);
    }
  }

  /** Throws when the machine is off. */
  alive(): void {
    if (this.crashed) throw new CrashError(`stopped before operation ${this.#operations}`);
  }

  open(path: string, mode: OpenMode): FileHandle {
    if (mode === 'create') this.step('create', path);
    else this.alive();
    return new FaultyFileHandle(this, this.#inner.open(path, mode), path);
  }

  readFile(path: string): Uint8Array<ArrayBuffer> {
    this.alive();
    return this.#inner.readFile(path);
  }

  exists(path: string): boolean {
    this.alive();
    return this.#inner.exists(path);
  }

  list(path: string): string[] {
    this.alive();
    return this.#inner.list(path);
  }

  makeFolder(path: string): void {
    this.step('makeFolder', path);
    this.#inner.makeFolder(path);
  }

  rename(from: string, to: string): void {
    this.step('rename', to);
    this.#inner.rename(from, to);
  }

  unlink(path: string): void {
    this.step('unlink', path);
    this.#inner.unlink(path);
  }

  removeFolder(path: string): void {
    this.step('removeFolder', path);
    this.#inner.removeFolder(path);
  }

  syncFolder(path: string): void {
    this.step('syncFolder', path);
    this.#inner.syncFolder(path);
  }
}

class FaultyFileHandle implements FileHandle {
  readonly #owner: FaultyFileSystem;
  readonly #inner: FileHandle;
  readonly #path: string;

  constructor(owner: FaultyFileSystem, inner: FileHandle, path: string) {
    this.#owner = owner;
    this.#inner = inner;
    this.#path = path;
  }

  write(bytes: Uint8Array, position: number): void {
    this.writev([bytes], position);
  }

  writev(parts: readonly Uint8Array[], position: number): void {
    this.#owner.step('write', this.#path, (bytes) => {
      let at = position;
      for (const part of parts) {
        const piece = part.subarray(0, Math.max(0, bytes - (at - position)));
        if (piece.length > 0) this.#inner.write(piece, at);
        at += part.length;
      }
    });
    this.#inner.writev(parts, position);
  }

  read(into: Uint8Array, position: number): number {
    this.#owner.alive();
    return this.#inner.read(into, position);
  }

  size(): number {
    this.#owner.alive();
    return this.#inner.size();
  }

  truncate(size: number): void {
    this.#owner.step('truncate', this.#path);
    this.#inner.truncate(size);
  }

  sync(): void {
    this.#owner.step('sync', this.#path);
    this.#inner.sync();
  }

  close(): void {
    this.#inner.close();
  }
}
