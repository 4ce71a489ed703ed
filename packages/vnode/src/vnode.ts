/**
 * One shard of one database: log, tables, store. An actor without a thread of its own: whoever holds it
 * calls it from one thread and gives it time (`runSlice`). Writing is in vnode-write.ts, reading in
 * vnode-read.ts; both work on the state that is declared here.
 *
 * Invariants: store.committedVersion ≤ meta.version ≤ log.lastVersion when nothing is under way; everything
 * in (store.committedVersion, appliedVersion] is in the log; the log is cut only up to what both the store
 * and the meta folder have on disk. docs/durability.md says what a restart finds.
 */
import {
  CorruptionError,
  readSubmit,
  type Clock,
  type DbOptions,
  type FileSystem,
  type Logger,
} from '@tdnode/common';
import type { VnodeConfig, VnodeStats } from '@tdnode/rpc';
import { Store } from '@tdnode/tsdb';
import { Log, type LogRecord } from '@tdnode/wal';
import { lostLog, lostManifest } from './integrity/lost-files.ts';
import { MetaStore } from './meta/meta-store.ts';
import { RecordType } from './record-type.ts';
import { tidsOfGroup } from './submit-check.ts';

/** What a vnode stands on. */
export interface VnodeServices {
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Bytes of one log segment; left out: the log's own default. */
  readonly segmentBytes?: number;
}

const COMMIT_RETRY_MS = 1000;

/** Folders of a vnode, below its own. */
export const VNODE_FOLDERS = ['wal', 'meta', 'tsdb'] as const;

/** See the head of this file. */
export class Vnode {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metaStore: MetaStore;
  readonly store: Store;
  readonly log: Log;
  #config: VnodeConfig;
  /** Version of the last write that was applied to memory. */
  appliedVersion: number;
  /** Whether `runSlice` may have something to do. */
  hasWork = true;
  #commitVersion = 0;
  #syncDue = Infinity;
  /** No commit is begun before, monotonic ms: the last one could not be. */
  #retryAt = -Infinity;

  /** Opens the vnode in `folder` and replays its log. Throws CorruptionError, or what the disk throws. */
  static open(services: VnodeServices, folder: string, config: VnodeConfig): Vnode {
    const opened: { close(): void }[] = [];
    try {
      return new Vnode(openParts(services, folder, { config, opened }), config);
    } catch (error) {
      for (const part of opened) part.close();
      throw error;
    }
  }

  private constructor(parts: VnodeParts, config: VnodeConfig) {
    this.clock = parts.clock;
    this.logger = parts.logger;
    this.metaStore = parts.metaStore;
    this.store = parts.store;
    this.log = parts.log;
    this.#config = config;
    this.metaStore.rewind(this.log.lastVersion);
    this.log.read(this.store.committedVersion + 1, (record) => this.#replay(record));
    this.appliedVersion = this.log.lastVersion;
  }

  get config(): VnodeConfig {
    return this.#config;
  }

  get options(): DbOptions {
    return this.#config.options;
  }

  get meta(): MetaStore['meta'] {
    return this.metaStore.meta;
  }

  /** Takes changed options of the database. */
  setConfig(config: VnodeConfig): void {
    this.#config = config;
    this.store.setOptions(config.options);
  }

  #replay(record: LogRecord): void {
    const { version, payload } = record;
    if (record.type === RecordType.change) {
      const gone = this.metaStore.apply(version, payload);
      if (gone.length > 0) this.store.dropTables(version, gone);
      return;
    }
    for (const group of readSubmit(payload)) {
      this.store.append(version, group, tidsOfGroup(this.meta, group));
    }
  }

  /** Whether writes have to wait until a commit has freed memory. */
  get isFull(): boolean {
    const { cache, blocks } = this.options;
    return this.store.memoryBytes > cache * blocks * 1024 * 1024;
  }

  /** Whether that has gone on for so long that writes are refused. */
  get isOverfull(): boolean {
    const { cache, blocks } = this.options;
    return this.store.memoryBytes > 2 * cache * blocks * 1024 * 1024;
  }

  /** Notes that the log has records that are to be synced within the database's `fsync` time. */
  syncSoon(): void {
    if (this.#syncDue === Infinity) this.#syncDue = this.clock.monotonic() + this.options.fsync;
  }

  /** When `tick` has something to sync, monotonic ms. */
  get syncDue(): number {
    return this.#syncDue;
  }

  /** Does what is due: a sync, the beginning of a commit. Called now and then, and after writes. */
  tick(): void {
    if (this.clock.monotonic() >= this.#syncDue) {
      this.#syncDue = Infinity;
      this.log.syncLater();
    }
    if (this.#commitVersion > 0 || this.clock.monotonic() < this.#retryAt) return;
    if (this.store.wantsCommit() || this.metaStore.wantsSave) this.#beginCommit();
  }

  /** Background work until `deadline` (monotonic): commit, compaction, retention. */
  runSlice(deadline: number): 'idle' | 'more' {
    const state = this.store.runSlice(deadline);
    this.hasWork = state === 'more';
    if (this.#commitVersion > 0 && this.store.committedVersion >= this.#commitVersion) {
      this.#commitVersion = 0;
      this.log.dropBefore(this.store.committedVersion + 1);
    }
    return state;
  }

  /** The meta folder goes first, so that files never hold rows of tables that it does not know. */
  #beginCommit(): void {
    this.#retryAt = this.clock.monotonic() + COMMIT_RETRY_MS;
    this.metaStore.save(this.appliedVersion);
    this.#retryAt = -Infinity;
    if (this.store.beginCommit(this.appliedVersion)) this.#commitVersion = this.appliedVersion;
    this.hasWork = true;
  }

  /** Makes the log reach the disk, whatever `walLevel` says. Throws what the disk throws. */
  sync(): void {
    this.#syncDue = Infinity;
    this.log.sync();
  }

  /** Puts all that is in memory into files and cuts the log. Throws what the disk throws. */
  flush(): void {
    this.metaStore.save(this.appliedVersion);
    this.store.flush(this.appliedVersion);
    this.#commitVersion = 0;
    this.log.dropBefore(this.store.committedVersion + 1);
  }

  stats(): VnodeStats {
    const stats = this.store.stats();
    return {
      tables: this.meta.tables.size,
      rows: stats.memoryRows + stats.fileRows,
      version: this.appliedVersion,
      memoryBytes: stats.memoryBytes,
      fileBytes: stats.fileBytes,
    };
  }

  /** Closes all files; what is in memory only stays in the log. */
  close(): void {
    try {
      this.log.close();
    } finally {
      this.metaStore.close();
      this.store.close();
    }
  }
}

interface VnodeParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metaStore: MetaStore;
  readonly store: Store;
  readonly log: Log;
}

/** Opens meta, store and log; what was opened stands in `opened` when one of them throws. */
function openParts(
  services: VnodeServices,
  folder: string,
  { config, opened }: { readonly config: VnodeConfig; readonly opened: { close(): void }[] },
): VnodeParts {
  const { fs, clock, logger, segmentBytes } = services;
  for (const name of VNODE_FOLDERS) fs.makeFolder(`${folder}/${name}`);
  fs.syncFolder(folder);
  const noManifest = lostManifest(fs, folder);
  if (noManifest !== undefined) throw noManifest;
  const metaStore = MetaStore.open(fs, `${folder}/meta`, { clock, logger });
  opened.push(metaStore);
  const store = Store.open({
    fs,
    dir: `${folder}/tsdb`,
    options: config.options,
    clock,
    logger,
    columnsOf: (tid) => metaStore.meta.columnsOf(tid),
  });
  opened.push(store);
  const { committedVersion } = store;
  if (metaStore.version < committedVersion) {
    throw new CorruptionError(
      `${folder}/meta`,
      0,
      `changes after version ${metaStore.version} are missing`,
    );
  }
  const noLog = lostLog(fs, folder, committedVersion);
  if (noLog !== undefined) throw noLog;
  const log = Log.open(fs, `${folder}/wal`, {
    clock,
    logger,
    committedVersion,
    ...(segmentBytes === undefined ? {} : { segmentBytes }),
  });
  opened.push(log);
  return { clock, logger, metaStore, store, log };
}
