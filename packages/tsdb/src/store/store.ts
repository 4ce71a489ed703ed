/**
 * The store of one vnode: memory table, segment files, and the background work between them.
 *
 * Invariants: one owner, one thread, everything synchronous. Versions come in ascending order; all writes
 * up to `committedVersion` are in files. Nothing here touches the log: whoever owns it replays the versions
 * above `committedVersion` after a restart and may cut it up to there.
 */
import type { DbOptions, SubmitGroup } from '@tdnode/common';
import type { BlockCursor, CursorSpec, LastRow } from '../cursor/scan.ts';
import type { StoreOptions, StoreStats } from './options.ts';

export class Store {
  /** All writes up to this version are in files. */
  committedVersion = 0;

  /**
   * Opens the store in `dir`, or makes an empty one. Removes files that no manifest names. Throws
   * CorruptionError when the manifest, or a file it names, is not what was written.
   */
  static open(_options: StoreOptions): Store {
    throw new Error('in the making');
  }

  /** New options from `alter database`; `days` and `precision` never change. */
  setOptions(_options: DbOptions): void {}

  /**
   * Takes one group of a submit payload; `tids[i]` is the table of segment i. Keeps views into the group's
   * buffer: it must not change afterwards. Costs O(segments). A version ≤ `committedVersion` is ignored, so
   * that replay may start early.
   */
  append(_version: number, _group: SubmitGroup, _tids: Uint32Array): void {}

  /** Tables that are no more; their rows vanish from memory now, from files with the next rewriting. */
  dropTables(_version: number, _tids: Iterable<number>): void {}

  /** Bytes held by the active and the frozen memory table. */
  get memoryBytes(): number {
    return 0;
  }

  /** Whether a commit should begin: memory filled to a third of cache × blocks, or rows waited long enough. */
  wantsCommit(): boolean {
    return false;
  }

  /**
   * Freezes the active memory table; a new one takes writes at once, `runSlice` writes the frozen one to
   * files. `upTo` is the last applied version of the whole log (default: of the last append or drop).
   * Returns false, and does nothing, while an earlier commit is under way or when there is nothing to commit.
   */
  beginCommit(_upTo?: number): boolean {
    return false;
  }

  /**
   * Does background work until `deadline` (`clock.monotonic()`): commit, then compaction, then retention.
   * 'more': call again soon. I/O errors are kept in `stats().lastError`, logged, and tried again later.
   */
  runSlice(_deadline: number): 'idle' | 'more' {
    return 'idle';
  }

  /** Commits all of memory now. Throws what the disk throws; memory then stays as it was. */
  flush(_upTo?: number): void {}

  /** Rows of one table in time order. Throws CorruptionError when a file is not what was written. */
  cursor(_tid: number, _spec: CursorSpec): BlockCursor {
    return { next: () => undefined, close: () => {} };
  }

  /** The newest row of a table; null when it has none. Never undefined today. */
  lastRow(_tid: number, _colIds: readonly number[]): LastRow | null | undefined {
    return null;
  }

  /** Rows stored of a table, an upper bound: rows under one time in memory and files count each. */
  rowCount(_tid: number): number {
    return 0;
  }

  stats(): StoreStats {
    throw new Error('in the making');
  }

  /** Closes all files; what is in memory only is given up (the log has it). */
  close(): void {}
}
