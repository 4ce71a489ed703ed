/**
 * One shard of one database: log, tables, store. An actor without a thread of its own: whoever holds it
 * calls it from one thread and gives it time (`runSlice`). Writing is in vnode-write.ts, reading in
 * vnode-read.ts; both work on the state that is declared here.
 *
 * Invariants: store.committedVersion ≤ meta.version ≤ log.lastVersion when nothing is under way; everything
 * in (store.committedVersion, appliedVersion] is in the log; the log is cut only up to what both the store
 * and the meta folder have on disk. docs/durability.md says what a restart finds.
 *
 * A vnode that never had replicas owns its log; one that has or had them stands on a `Replica`, which owns it then:
 * what is written may be undone there until it is committed, so files wait for that. DESIGN.md.
 */
import {
  CorruptionError,
  readSubmit,
  type Clock,
  type DbOptions,
  type FileSystem,
  type Logger,
} from '@tdnode/common';
import { RedirectError, decodeChanges, type VnodeConfig, type VnodeStats } from '@tdnode/rpc';
import { foundReplica, hasReplica, type Replica, type Role } from '@tdnode/sync';
import { Store } from '@tdnode/tsdb';
import { Log, type LogRecord } from '@tdnode/wal';
import { lostLog, lostManifest } from './integrity/lost-files.ts';
import { deleteRows } from './delete-rows.ts';
import { MetaStore } from './meta/meta-store.ts';
import { RecordType } from './record-type.ts';
import { finishInstall } from './replication/install.ts';
import { openReplica, type ReplicationServices } from './replication/open-replica.ts';
import { replicationStats } from './replication/stats.ts';
import { WaitingWrites } from './replication/waiting-writes.ts';
import { tidsOfGroup } from './submit-check.ts';

/** What a vnode stands on. */
export interface VnodeServices {
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Bytes of one log segment; left out: the log's own default. */
  readonly segmentBytes?: number;
  /** What a vnode with replicas needs besides. */
  readonly replication?: ReplicationServices | undefined;
}

/** Where a vnode's records go: a log of its own, or a replica's. */
export type VnodeLog = Pick<
  Log,
  'firstVersion' | 'lastVersion' | 'beginBatch' | 'add' | 'sync' | 'syncLater' | 'close'
> & {
  writeBatch(): unknown;
};

const COMMIT_RETRY_MS = 1000;

/** Folders of a vnode, below its own. */
export const VNODE_FOLDERS = ['wal', 'meta', 'tsdb'] as const;

/** See the head of this file. */
export class Vnode {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Both are others after a rollback or after files of another replica were installed. */
  metaStore: MetaStore;
  store: Store;
  log: VnodeLog;
  /** Undefined: this vnode never had replicas. */
  replica: Replica | undefined;
  /** Writes whose answers depend on other replicas. */
  readonly waiting = new WaitingWrites();
  readonly #services: VnodeServices;
  readonly #folder: string;
  /** The log, where it is the vnode's own. */
  #ownLog: Log | undefined;
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
      const vnode = new Vnode({ services, folder, config, opened });
      vnode.replica?.start();
      return vnode;
    } catch (error) {
      for (const part of opened) part.close();
      throw error;
    }
  }

  private constructor(opening: Opening) {
    const { services, folder, config, opened } = opening;
    this.clock = services.clock;
    this.logger = services.logger;
    this.#services = services;
    this.#folder = folder;
    this.#config = config;
    const { metaStore, store } = openFiles(opening);
    this.metaStore = metaStore;
    this.store = store;
    this.appliedVersion = store.committedVersion;
    if (hasReplica(services.fs, folder)) {
      this.replica = openReplica(services, folder, this);
      this.log = this.replica;
      opened.push(this.replica);
      return;
    }
    const log = openOwnLog(opening, store.committedVersion);
    this.#ownLog = log;
    this.log = log;
    this.metaStore.rewind(log.lastVersion);
    log.read(store.committedVersion + 1, (record) => this.replay(record));
    this.appliedVersion = log.lastVersion;
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
    const { quorum, walLevel, fsync } = config.options;
    const durability = walLevel === 2 && fsync === 0 ? 'synced' : 'written';
    this.replica?.setOptions({ quorum, durability });
  }

  /** Takes one record of the log into memory. */
  replay(record: LogRecord): void {
    const { version, payload } = record;
    if (record.type === RecordType.change) {
      const changes = decodeChanges(payload);
      const gone = this.metaStore.apply(version, payload, changes);
      if (gone.length > 0) this.store.dropTables(version, gone);
      deleteRows(this, version, changes);
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

  /** Why writes are refused before they are looked at: another replica is the master. */
  writeRefusal(): unknown {
    const { replica } = this;
    if (replica === undefined) return undefined;
    if (replica.failure !== undefined) return replica.failure;
    return replica.refusal()?.reason === 'notMaster' ? this.redirect() : undefined;
  }

  /** Says who should be asked instead. */
  redirect(): RedirectError {
    const master = this.replica?.master ?? -1;
    const place = this.#config.replicas.find(({ dnodeId }) => dnodeId === master);
    const detail = `vgroup ${this.#config.vgId} is not served by its replica here`;
    return new RedirectError(place === undefined ? [] : [place.endPoint], detail);
  }

  /**
   * Whether reads may be answered here. `atLeast`: a slave is good enough that has applied this version; left
   * out: only the master is. 'soon': the slave is on its way there.
   */
  readiness(atLeast: number | undefined): 'ready' | 'soon' | 'no' {
    const { replica } = this;
    if (replica === undefined || replica.role === 'master') return 'ready';
    if (atLeast === undefined || replica.failure !== undefined) return 'no';
    if (replica.isReadable && this.appliedVersion >= atLeast) return 'ready';
    return replica.role === 'slave' || replica.role === 'syncing' ? 'soon' : 'no';
  }

  /** A vnode that was alone becomes the one replica of its vgroup, which others can join. */
  beginReplica(dnodeId: number): void {
    if (this.replica !== undefined) return;
    // Everything in files: then there is nothing in the log that memory has already.
    this.flush();
    this.#ownLog!.close();
    const { fs } = this.#services;
    const config = { voters: [dnodeId], learners: [], arbitrator: false };
    foundReplica(fs, this.#folder, config, this.store.committedVersion);
    this.#ownLog = undefined;
    this.store.commitLimit = this.store.committedVersion;
    this.replica = openReplica(this.#services, this.#folder, this);
    this.log = this.replica;
    this.replica.start();
  }

  /** Told by the machine behind the replica. */
  roleChanged(role: Role, term: number): void {
    this.#services.replication?.onRole(this.#config.vgId, role, term);
  }

  /** Closes meta and store, has `between` work on their files, and opens them: memory is what the files say. */
  reopenFiles(between: () => void): void {
    this.#services.replication?.onRebuilt(this.#config.vgId);
    this.#commitVersion = 0;
    this.metaStore.close();
    this.store.close();
    between();
    const opening = {
      services: this.#services,
      folder: this.#folder,
      config: this.#config,
      opened: [],
    };
    const { metaStore, store } = openFiles(opening);
    this.metaStore = metaStore;
    this.store = store;
    this.hasWork = true;
  }

  /** Does what is due: a sync, the beginning of a commit. Called now and then, and after writes. */
  tick(): void {
    if (this.clock.monotonic() >= this.#syncDue) {
      this.#syncDue = Infinity;
      this.log.syncLater();
    }
    if (this.clock.monotonic() < this.#retryAt) return;
    if (this.#commitVersion > 0) {
      if (this.store.commitNeeds > this.store.commitLimit) this.#releaseCommit();
      return;
    }
    if (this.store.wantsCommit() || this.metaStore.wantsSave) this.#beginCommit();
  }

  /** Background work until `deadline` (monotonic): commit, compaction, retention. */
  runSlice(deadline: number): 'idle' | 'more' {
    const state = this.store.runSlice(deadline);
    this.hasWork = state === 'more';
    if (this.#commitVersion > 0 && this.store.committedVersion >= this.#commitVersion) {
      this.#endCommit();
      this.#dropLog();
    }
    return state;
  }

  #beginCommit(): void {
    const version = this.appliedVersion;
    if (this.replica === undefined) {
      this.#retryAt = this.clock.monotonic() + COMMIT_RETRY_MS;
      // The meta folder goes first, so that files never hold rows of tables that it does not know.
      this.metaStore.save(version);
      this.#retryAt = -Infinity;
    }
    if (this.store.beginCommit(version)) this.#commitVersion = version;
    this.hasWork = true;
    if (this.replica === undefined) return;
    // Changes without rows are committed like rows: by a manifest that covers them.
    if (this.#commitVersion > 0) this.#releaseCommit();
  }

  /** What is frozen goes to the disk once nobody can undo it, nor what was taken out of it since. */
  #releaseCommit(): void {
    const version = this.#commitVersion;
    const needs = this.store.commitNeeds;
    const { replica } = this;
    if (replica === undefined || replica.commit < needs) return;
    this.#retryAt = this.clock.monotonic() + COMMIT_RETRY_MS;
    // The log first: what the meta folder knows stays in the log after a power cut.
    replica.sync();
    replica.noteFiles(version);
    this.metaStore.save(version);
    this.#retryAt = -Infinity;
    this.store.commitLimit = needs;
    this.hasWork = true;
  }

  /** The next commit has to be released anew. */
  #endCommit(): void {
    this.#commitVersion = 0;
    if (this.replica !== undefined) this.store.commitLimit = this.store.committedVersion;
  }

  #dropLog(): void {
    if (this.replica === undefined) this.#ownLog!.dropBefore(this.store.committedVersion + 1);
    else this.replica.dropLog();
  }

  /** Makes the log reach the disk, whatever `walLevel` says. Throws what the disk throws. */
  sync(): void {
    this.#syncDue = Infinity;
    this.log.sync();
  }

  /** Puts all that is in memory, and may be, into files and cuts the log. Throws what the disk throws. */
  flush(): void {
    if (this.replica === undefined) {
      this.metaStore.save(this.appliedVersion);
      this.store.flush(this.appliedVersion);
    } else {
      if (this.replica.failure !== undefined) return;
      if (this.#commitVersion > 0) this.#flushFrozen();
      if (this.#commitVersion === 0 && this.store.beginCommit(this.appliedVersion)) {
        this.#commitVersion = this.appliedVersion;
        this.#flushFrozen();
      }
      if (this.#commitVersion > 0) return;
    }
    this.#endCommit();
    this.#dropLog();
  }

  /** Finishes the commit that has begun, unless it may yet be undone. */
  #flushFrozen(): void {
    if (this.store.commitNeeds > this.store.commitLimit) this.#releaseCommit();
    if (this.store.commitNeeds > this.store.commitLimit) return;
    this.store.finishCommit();
    this.#endCommit();
  }

  stats(): VnodeStats {
    const stats = this.store.stats();
    return {
      db: this.#config.db,
      tables: this.meta.tables.size,
      rows: stats.memoryRows + stats.fileRows,
      version: this.appliedVersion,
      memoryBytes: stats.memoryBytes,
      fileBytes: stats.fileBytes,
      logRecords: this.log.lastVersion - this.log.firstVersion + 1,
      commits: stats.commits,
      ...(stats.lastCommitMs === undefined ? {} : { lastCommitMs: stats.lastCommitMs }),
      ...(this.replica === undefined ? {} : { replication: replicationStats(this.replica) }),
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

/** What is being opened; parts that are open stand in `opened` when a later one throws. */
interface Opening {
  readonly services: VnodeServices;
  readonly folder: string;
  readonly config: VnodeConfig;
  readonly opened: { close(): void }[];
}

/** Opens meta and store. */
function openFiles({ services, folder, config, opened }: Opening): {
  readonly metaStore: MetaStore;
  readonly store: Store;
} {
  const { fs, clock, logger } = services;
  finishInstall(fs, folder);
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
  if (hasReplica(fs, folder)) store.commitLimit = committedVersion;
  return { metaStore, store };
}

function openOwnLog({ services, folder, opened }: Opening, committedVersion: number): Log {
  const { fs, clock, logger, segmentBytes } = services;
  const log = Log.open(fs, `${folder}/wal`, {
    clock,
    logger,
    committedVersion,
    ...(segmentBytes === undefined ? {} : { segmentBytes }),
  });
  opened.push(log);
  return log;
}
