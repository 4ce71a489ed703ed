/**
 * Keeps count of what is on the disk while syncs run in the background.
 *
 * Files are synced in the order of their versions, but background syncs may end in any order: the synced
 * version moves over the finished ones at the head of the queue only. A failed sync is final.
 */
import { ErrorCode, TaosError, type FileHandle } from '@tdnode/common';

interface PendingSync {
  readonly handle: FileHandle;
  /** The file holds versions up to this one. */
  readonly version: number;
  readonly closeAfter: boolean;
  isRunning: boolean;
  isDone: boolean;
}

/** See the head of this file. */
export class SyncQueue {
  #syncedVersion: number;
  #pending: PendingSync[] = [];
  #failure: TaosError | undefined;

  constructor(syncedVersion: number) {
    this.#syncedVersion = syncedVersion;
  }

  get syncedVersion(): number {
    return this.#syncedVersion;
  }

  /** Set once a sync has failed. */
  get failure(): TaosError | undefined {
    return this.#failure;
  }

  /** Syncs all that is pending and `handle`, whose last version is `version`, before it returns. */
  syncNow(handle: FileHandle, version: number): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      for (const pending of this.#pending) {
        if (pending.isDone || pending.handle === handle) continue;
        pending.handle.sync();
        pending.isDone = true;
        if (!pending.isRunning && pending.closeAfter) pending.handle.close();
      }
      handle.sync();
    } catch (cause) {
      throw this.#fail(cause);
    }
    this.#pending = this.#pending.filter((pending) => !pending.isDone && pending.handle !== handle);
    this.#syncedVersion = Math.max(this.#syncedVersion, version);
  }

  /** Syncs in the background where the file system can, else now; the handle is closed after it if asked. */
  syncLater(handle: FileHandle, version: number, closeAfter: boolean): void {
    const pending: PendingSync = { handle, version, closeAfter, isRunning: false, isDone: false };
    this.#pending.push(pending);
    if (handle.syncLater === undefined) {
      try {
        handle.sync();
      } catch (cause) {
        if (closeAfter) handle.close();
        throw this.#fail(cause);
      }
      this.#finish(pending);
      return;
    }
    pending.isRunning = true;
    handle.syncLater((error) => {
      pending.isRunning = false;
      if (error === undefined) this.#finish(pending);
      else this.#fail(error);
    });
  }

  /** After the versions above `version` were cut off. */
  forget(version: number): void {
    this.#syncedVersion = Math.min(this.#syncedVersion, version);
    this.#pending = this.#pending.filter((pending) => pending.version <= version);
  }

  /** Closes `handle` now, or when its background sync has ended. */
  close(handle: FileHandle): void {
    handle.close();
    for (const pending of this.#pending) {
      if (pending.closeAfter && !pending.isRunning && !pending.isDone) pending.handle.close();
    }
  }

  #finish(pending: PendingSync): void {
    pending.isDone = true;
    if (pending.closeAfter) pending.handle.close();
    while (this.#pending[0]?.isDone === true) {
      this.#syncedVersion = Math.max(this.#syncedVersion, this.#pending.shift()!.version);
    }
  }

  #fail(cause: unknown): TaosError {
    this.#failure ??= new TaosError(ErrorCode.WAL_APP_ERROR, undefined, {
      detail: `the log could not be synced and must be opened anew: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    });
    return this.#failure;
  }
}
