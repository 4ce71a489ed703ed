/**
 * The seam to the disk. Everything that writes or reads files goes through it, synchronously (engines
 * own their thread); the real one is `nodeFileSystem`, tests use fakes that fail, tear and forget.
 *
 * Errors are Node's own (`code` is ENOSPC, EIO, ENOENT, …). A write either stores all bytes or throws;
 * what a thrown write left in the file is unknown. What is promised after a crash: bytes before the last
 * `sync` of the file, names before the last `syncDir` of their folder, nothing else.
 */
export interface FileHandle {
  /** Writes all of `bytes` at `position` (bytes from the start). */
  write(bytes: Uint8Array, position: number): void;
  /** Writes all of `parts`, one after the other, at `position`. */
  writev(parts: readonly Uint8Array[], position: number): void;
  /** Fills `into` from `position`; returns the bytes read, fewer only at the end of the file. */
  read(into: Uint8Array, position: number): number;
  size(): number;
  truncate(size: number): void;
  /** Data (and size) reach the disk. */
  sync(): void;
  /**
   * As `sync`, off this thread; `done` is called from the event loop, unless the handle was closed before.
   * Left out where there is no other thread: callers then `sync`.
   */
  syncLater?(done: (error: Error | undefined) => void): void;
  close(): void;
}

/** What is to be done with the file; see `open`. */
export type OpenMode = 'read' | 'write' | 'create';

/** A disk. Calls are synchronous and throw errors with Node's `code` (`ENOSPC`, `ENOENT`, …). */
export interface FileSystem {
  /** `read`: must exist. `write`: read and write, must exist. `create`: read and write, made or emptied. */
  open(path: string, mode: OpenMode): FileHandle;
  /** The whole file; throws ENOENT. */
  readFile(path: string): Uint8Array<ArrayBuffer>;
  exists(path: string): boolean;
  /** Names in a folder, sorted; throws ENOENT. */
  list(path: string): string[];
  /** Makes a folder and its parents. */
  makeFolder(path: string): void;
  /** Atomic within a file system; replaces `to`. */
  rename(from: string, to: string): void;
  unlink(path: string): void;
  /** Removes a folder with all that is in it; no error when there is none. */
  removeFolder(path: string): void;
  /** The folder's names reach the disk. */
  syncFolder(path: string): void;
}
