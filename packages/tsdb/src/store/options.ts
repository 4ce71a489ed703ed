/** What a store is opened with, and what it tells about itself. */
import type { Clock, Column, DbOptions, FileSystem, Logger } from '@tdnode/common';

/** What a store is opened with. */
export interface StoreOptions {
  readonly fs: FileSystem;
  /** The store's own folder; made when it does not exist. */
  readonly dir: string;
  readonly options: DbOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * The columns a table has now (time column first), or undefined when there is no such table (any more):
   * commit and compaction then leave its rows out. Not kept between calls.
   */
  readonly columnsOf: (tid: number) => readonly Column[] | undefined;
}

/** What a store tells about itself. */
export interface StoreStats {
  /** Bytes of the active and the frozen memory table. */
  readonly memoryBytes: number;
  readonly memoryRows: number;
  readonly files: number;
  readonly fileBytes: number;
  /** Rows in files; rows stored twice under one time count twice until compaction. */
  readonly fileRows: number;
  readonly committedVersion: number;
  /** What the last failed commit or compaction failed with, until one succeeds. */
  readonly lastError: string | undefined;
  /** Since the store was opened. */
  readonly commits: number;
  /** From the first step of the last commit to its manifest; undefined before one. */
  readonly lastCommitMs: number | undefined;
}
