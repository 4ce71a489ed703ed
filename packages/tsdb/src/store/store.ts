/**
 * The store of one vnode: memory tables, segment files, and the background work between them.
 *
 * Invariants: one owner, one thread, everything synchronous. Versions come in ascending order; all writes
 * up to `committedVersion` are in files. Nothing here touches the log: whoever owns it replays the versions
 * above `committedVersion` after a restart and may cut it up to there. Of the rows under one time the
 * earliest written stays (`update` 0), or the latest, whole (`update` 1); age is the order files (oldest
 * first), frozen memory, active memory.
 */
import {
  MAX_BATCH_ROWS,
  MS_PER_DAY,
  SqlType,
  timeArithmetic,
  type DbOptions,
  type SubmitGroup,
} from '@tdnode/common';
import { planCompaction } from '../compact/plan.ts';
import { FileLane } from '../cursor/file-lane.ts';
import { MergeCursor } from '../cursor/merge-cursor.ts';
import type { Lane } from '../cursor/piece.ts';
import type { BlockCursor, CursorSpec, LastRow } from '../cursor/scan.ts';
import { BlockScratch, ScratchPool } from '../cursor/scratch.ts';
import { FileSet } from '../manifest/file-set.ts';
import { ManifestInstaller } from '../manifest/installer.ts';
import { checkNamed, readManifest, removeOrphans } from '../manifest/manifest-file.ts';
import {
  segmentName,
  type Manifest,
  type SegmentEntry,
  type TimeRange,
} from '../manifest/manifest.ts';
import { MemLane } from '../memtable/mem-lane.ts';
import { MemTable } from '../memtable/memtable.ts';
import { PartitionSpan } from '../partition.ts';
import { planRetention } from '../retention/plan.ts';
import { Background, type Job, type JobKind } from './background.ts';
import { DroppedTables } from './dropped-tables.ts';
import { Tombstones } from './tombstones.ts';
import {
  commitJob,
  compactionJob,
  retentionJob,
  type FrozenTable,
  type JobContext,
} from './jobs.ts';
import { LastRowCache, findLastRow } from './last-row.ts';
import type { StoreOptions, StoreStats } from './options.ts';

/** A commit begins when the active memory table holds this share of cache × blocks … */
const MEMORY_SHARE = 1 / 3;
/** … or when its oldest row waited this long: bounds what a restart replays after quiet hours. */
const COMMIT_INTERVAL_MS = 10 * 60_000;
/** How often retention looks for partitions that are too old. */
const RETENTION_INTERVAL_MS = 60_000;
/** Blocks of fewer rows than this share of a full one are worth merging. */
const SMALL_BLOCK_SHARE = 1 / 8;

/** See the head of this file. */
export class Store {
  readonly #options: StoreOptions;
  readonly #span: PartitionSpan;
  readonly #background: Background;
  readonly #jobs: JobContext;
  readonly #dropped: DroppedTables;
  readonly #tombstones: Tombstones;
  readonly #scratches = new ScratchPool();
  readonly #scratch = new BlockScratch();
  readonly #lastRows = new LastRowCache();
  /** Frozen memory goes into files only up to this version: what is above it may yet be undone by its owner. */
  commitLimit = Infinity;
  /** What the commit under way needs: see `commitNeeds`. */
  #commitNeeds = 0;
  /** The last drop. */
  #dropVersion = 0;
  /** Partitions with a corrupt file: not compacted until the store is opened again. */
  readonly #uncompactable = new Set<number>();
  #db: DbOptions;
  #files: FileSet;
  /** The next number for a segment file; numbers of abandoned jobs are lost. */
  #nextSeq: number;
  #active: MemTable;
  #frozen: FrozenTable | undefined;
  /** The last version of an append or drop. */
  #version: number;
  /** Wall time of the first write since the last commit began. */
  #waitingSince: number | undefined;
  #retentionAt = -Infinity;
  /** Whether files came or went since compaction was last planned in vain. */
  #mayCompact = true;

  private constructor(options: StoreOptions, manifest: Manifest) {
    this.#options = options;
    this.#db = options.options;
    this.#span = new PartitionSpan(this.#db.days, this.#db.precision);
    this.#files = FileSet.of(options.fs, options.dir, manifest);
    this.#active = new MemTable(this.#span);
    this.#version = manifest.committedVersion;
    this.#nextSeq = manifest.nextSeq;
    this.#dropped = new DroppedTables(manifest.droppedTids);
    this.#tombstones = new Tombstones(manifest.tombstones);
    this.#jobs = this.#jobContext();
    this.#background = new Background(
      {
        clock: options.clock,
        logger: options.logger,
        output: () => ({ fs: options.fs, dir: options.dir, comp: this.#comp }),
        manifest: () => this.#files.manifest,
        nextJob: (onlyCommit) => this.#nextJob(onlyCommit),
        mayCommit: () => this.#commitNeeds <= this.commitLimit,
        install: (next, kind) => this.#install(next, kind),
      },
      new ManifestInstaller(options.fs, options.dir),
    );
  }

  /**
   * Opens the store in `dir`, or makes an empty one. Removes files that no manifest names. Throws
   * CorruptionError when the manifest is not what was written or names a file that is not there.
   */
  static open(options: StoreOptions): Store {
    const { fs, dir, logger } = options;
    if (!fs.exists(dir)) {
      fs.makeFolder(dir);
      fs.syncFolder(dir.slice(0, dir.lastIndexOf('/')) || '/');
    }
    // The process before may have been killed between the manifest's new name and the sync of it.
    fs.syncFolder(dir);
    const manifest = readManifest(fs, dir);
    const names = new Set(
      manifest.segments.map(({ partition, seq }) => segmentName(partition, seq)),
    );
    checkNamed(fs, dir, names);
    for (const name of removeOrphans(fs, dir, names)) {
      logger.info('TDB', `${dir}: ${name} was never finished or is superseded, removed`);
    }
    return new Store(options, manifest);
  }

  /** All writes up to this version are in files. */
  get committedVersion(): number {
    return this.#files.manifest.committedVersion;
  }

  /**
   * What has to be final before the commit under way may end: its last version, or a delete or drop that came later and
   * has taken rows out of frozen memory, which a file without them would make final. 0: there is none.
   */
  get commitNeeds(): number {
    return this.#commitNeeds;
  }

  /** Names of the segment files that the manifest names. */
  get segmentNames(): string[] {
    return this.#files.manifest.segments.map(({ partition, seq }) => segmentName(partition, seq));
  }

  /** New options from `alter database`; `days` and `precision` never change. */
  setOptions(options: DbOptions): void {
    this.#db = options;
    this.#retentionAt = -Infinity;
  }

  /**
   * Takes one group of a submit payload; `tids[i]` is the table of segment i (0: no such table, the segment
   * is left out). Keeps views into the group's buffer: it must not change afterwards. Costs O(segments). A
   * version ≤ `committedVersion` is ignored, so that replay may start early.
   */
  append(version: number, group: SubmitGroup, tids: Uint32Array): void {
    if (version <= this.committedVersion) return;
    this.#noteWrite(version);
    this.#active.append(group, tids);
  }

  /** Tables that are no more; their rows vanish from memory now, from files with the next rewriting. */
  dropTables(version: number, tids: Iterable<number>): void {
    if (version <= this.committedVersion) return;
    this.#noteRemoval(version);
    this.#dropVersion = version;
    if (this.#isUndoable) this.#background.abandonRewriting(); // it has no columns for them
    for (const tid of tids) {
      this.#dropped.add(tid, version);
      this.#active.drop(tid);
      this.#frozen?.table.drop(tid);
    }
  }

  /**
   * Rows of tables in `[from, to]` are no more: they leave memory now, and files with a rewriting after the next
   * commit; until then nobody reads them.
   */
  deleteRows(version: number, tids: Iterable<number>, { from, to }: TimeRange): void {
    if (version <= this.committedVersion) return;
    this.#noteRemoval(version);
    for (const tid of tids) {
      this.#tombstones.add({ tid, from, to, beforeSeq: this.#nextSeq }, version);
      this.#active.deleteRange(tid, from, to);
      this.#frozen?.table.deleteRange(tid, from, to);
    }
  }

  /** Bytes held by the active and the frozen memory table. */
  get memoryBytes(): number {
    return this.#active.bytes + (this.#frozen?.table.bytes ?? 0);
  }

  /** Whether a commit should begin: memory filled to a third of cache × blocks, or rows waited long enough. */
  wantsCommit(): boolean {
    if (this.#frozen !== undefined) return false;
    const limit = this.#db.cache * this.#db.blocks * 1024 * 1024 * MEMORY_SHARE;
    if (this.#active.bytes > limit) return true;
    const since = this.#waitingSince;
    return since !== undefined && this.#options.clock.now() - since > COMMIT_INTERVAL_MS;
  }

  /**
   * Freezes the active memory table; a new one takes writes at once, `runSlice` writes the frozen one to
   * files. `upTo` is the last applied version of the whole log (default: of the last append or drop).
   * Returns false, and does nothing, while an earlier commit is under way or when there is nothing to commit.
   */
  beginCommit(upTo = this.#version): boolean {
    if (this.#frozen !== undefined || Math.max(upTo, this.#version) <= this.committedVersion)
      return false;
    this.#version = Math.max(upTo, this.#version);
    this.#frozen = { table: this.#active, upTo: this.#version };
    this.#commitNeeds = this.#version;
    this.#active = new MemTable(this.#span);
    this.#waitingSince = undefined;
    return true;
  }

  /**
   * Does background work until `deadline` (`clock.monotonic()`), at least one step: commit, then compaction,
   * then retention. 'more': call again soon. I/O errors are kept in `stats().lastError`, logged, and the
   * work is tried again a second later.
   */
  runSlice(deadline: number): 'idle' | 'more' {
    return this.#background.run(deadline);
  }

  /** Carries the commit that has begun to its end now, as far as `commitLimit` lets it. Throws what the disk throws. */
  finishCommit(): void {
    while (this.#background.step(true));
  }

  /** Commits all of memory now. Throws what the disk throws; memory then stays as it was. */
  flush(upTo = this.#version): void {
    while (this.#background.step(true));
    if (this.beginCommit(upTo)) while (this.#background.step(true));
  }

  /** Rows of one table in time order. Throws CorruptionError when a file is not what was written. */
  cursor(tid: number, spec: CursorSpec): BlockCursor {
    const files = this.#files;
    const lanes: Lane[] = this.#fileLanes(tid, spec);
    const size = { rows: this.#blockRows, keepsRuns: true };
    for (const table of this.#tables()) {
      if (!table.has(tid) || table.tsMax(tid) < spec.from || table.tsMin(tid) > spec.to) continue;
      lanes.push(new MemLane(table.pool, table.runs(tid, this.#isLastKept), spec, size));
    }
    files.retain();
    const onClose = (): void => this.#letGo(files);
    try {
      return new MergeCursor(lanes, spec, {
        isLastKept: this.#isLastKept,
        blockRows: MAX_BATCH_ROWS,
        coalesceBelow: 0,
        scratches: this.#scratches,
        onClose,
      });
    } catch (error) {
      onClose();
      throw error;
    }
  }

  /** The files' rows of a table, oldest first. Where rows are deleted, each stretch that is left has its lane. */
  #fileLanes(tid: number, spec: CursorSpec): Lane[] {
    const { lanes, files } = this.#files;
    if (this.#dropped.has(tid)) return [];
    if (!this.#tombstones.has(tid)) return lanes.map((lane) => new FileLane(lane, tid, spec));
    return files.flatMap((file) =>
      this.#tombstones
        .visible(file.entry, tid, spec)
        .map((range) => new FileLane([file], tid, { ...spec, ...range })),
    );
  }

  /** The newest row of a table; null when it has none, undefined when deletes make it a matter of reading. */
  lastRow(tid: number, colIds: readonly number[]): LastRow | null | undefined {
    if (this.#dropped.has(tid)) return null;
    if (this.#tombstones.has(tid)) return undefined;
    const columns = this.#options.columnsOf(tid) ?? [];
    const types = colIds.map(
      (colId) => columns.find((column) => column.colId === colId)?.type ?? SqlType.DOUBLE,
    );
    const sources = {
      files: this.#files,
      tables: this.#tables(),
      cache: this.#lastRows,
      isLastKept: this.#isLastKept,
      scratch: this.#scratch,
    };
    return findLastRow(sources, tid, colIds, types);
  }

  /** Rows stored of a table, an upper bound: rows under one time in memory and files count each. */
  rowCount(tid: number): number {
    let rows = 0;
    for (const table of this.#tables()) rows += table.rowsOf(tid);
    if (this.#dropped.has(tid)) return rows;
    for (const file of this.#files.files) {
      if (!file.mayHold(tid, -Infinity, Infinity)) continue;
      const reader = file.reader();
      const end = reader.blockEnd(tid);
      for (let block = reader.blockBegin(tid); block < end; block++) rows += reader.rows(block);
    }
    return rows;
  }

  stats(): StoreStats {
    const { manifest } = this.#files;
    let memoryRows = 0;
    for (const table of this.#tables()) memoryRows += table.rows;
    return {
      memoryBytes: this.memoryBytes,
      memoryRows,
      files: manifest.segments.length,
      fileBytes: manifest.segments.reduce((sum, { info }) => sum + info.sizeBytes, 0),
      fileRows: manifest.segments.reduce((sum, { info }) => sum + info.rows, 0),
      committedVersion: manifest.committedVersion,
      lastError: this.#background.lastError,
      commits: this.#background.commits,
      lastCommitMs: this.#background.lastCommitMs,
    };
  }

  /** Gives up background work and closes all files; what is in memory only is given up (the log has it). */
  close(): void {
    this.#background.stop();
    this.#letGo(this.#files);
  }

  get #isLastKept(): boolean {
    return this.#db.update > 0;
  }

  get #comp(): 0 | 1 | 2 {
    return this.#db.comp === 0 ? 0 : this.#db.comp === 1 ? 1 : 2;
  }

  /** Rows of a full block: `maxRows`, as far as a batch allows. */
  get #blockRows(): number {
    return Math.min(this.#db.maxRows, MAX_BATCH_ROWS);
  }

  /** Memory tables, oldest first. */
  #tables(): MemTable[] {
    return this.#frozen === undefined ? [this.#active] : [this.#frozen.table, this.#active];
  }

  #jobContext(): JobContext {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- getters below see the store as it is then
    const store = this;
    return {
      span: this.#span,
      dropped: this.#dropped,
      tombstones: this.#tombstones,
      scratches: this.#scratches,
      scratch: this.#scratch,
      columnsOf: this.#options.columnsOf,
      get isLastKept() {
        return store.#isLastKept;
      },
      get blockRows() {
        return store.#blockRows;
      },
      get files() {
        return store.#files;
      },
      get nextSeq() {
        return store.#nextSeq;
      },
      takeSeqs: (count) => (this.#nextSeq += count) - count,
    };
  }

  #noteWrite(version: number): void {
    this.#version = Math.max(version, this.#version);
    this.#waitingSince ??= this.#options.clock.now();
  }

  /** Whether what was taken may be undone by the owner. */
  get #isUndoable(): boolean {
    return this.commitLimit !== Infinity;
  }

  /** Rows are about to vanish, perhaps to come back: a commit must not make that final. */
  #noteRemoval(version: number): void {
    this.#noteWrite(version);
    if (this.#frozen !== undefined) this.#commitNeeds = version;
  }

  #nextJob(onlyCommit: boolean): Job | undefined {
    // After a failure the disk may be full: what is too old makes room first.
    const isFailing = this.#background.lastError !== undefined && !this.#background.isRewriting;
    const retention = isFailing ? this.#nextRetention() : undefined;
    if (retention !== undefined) return retention;
    const frozen = this.#frozen;
    if (frozen !== undefined && this.#commitNeeds <= this.commitLimit)
      return commitJob(this.#jobs, frozen);
    return onlyCommit ? undefined : (this.#nextCompaction() ?? this.#nextRetention());
  }

  #nextCompaction(): Job | undefined {
    if (!this.#mayCompact) return undefined;
    const rules = {
      smallBlockRows: Math.max(this.#db.minRows, this.#blockRows * SMALL_BLOCK_SHARE),
    };
    // Rows of a table whose drop may be undone must not be left out of files: a commit comes first.
    if (this.#isUndoable && this.#dropVersion > this.committedVersion) return undefined;
    const plan =
      this.#planCleaning() ??
      planCompaction(this.#files.manifest.segments, rules, this.#uncompactable);
    this.#mayCompact = plan !== undefined;
    if (plan === undefined) return undefined;
    const seqs = new Set(plan.map(({ seq }) => seq));
    const sources = this.#files.files.filter((file) => seqs.has(file.entry.seq));
    return compactionJob(
      this.#jobs,
      sources,
      (partition) => void this.#uncompactable.add(partition),
    );
  }

  /** A file that has deleted rows. */
  #planCleaning(): SegmentEntry[] | undefined {
    const file = this.#files.files.find(
      ({ entry }) =>
        this.#tombstones.touches(entry, this.committedVersion) &&
        !this.#uncompactable.has(entry.partition),
    );
    return file === undefined ? undefined : [file.entry];
  }

  #nextRetention(): Job | undefined {
    const now = this.#options.clock.now();
    if (now < this.#retentionAt) return undefined;
    this.#retentionAt = now + RETENTION_INTERVAL_MS;
    const times = timeArithmetic(this.#db.precision);
    const oldest = times.fromMs(now - this.#db.keep[2] * MS_PER_DAY);
    const removed = planRetention(this.#files.manifest.segments, (p) => this.#span.last(p), oldest);
    return removed.length === 0 ? undefined : retentionJob(this.#jobs, removed);
  }

  #install(manifest: Manifest, kind: JobKind): void {
    const { fs, dir, logger } = this.#options;
    const before = this.#files;
    const kept = new Set(manifest.segments.map(({ seq }) => seq));
    for (const file of before.files) if (!kept.has(file.entry.seq)) file.markObsolete();
    this.#files = FileSet.of(fs, dir, manifest, before);
    this.#letGo(before);
    this.#lastRows.clear();
    this.#dropped.keepNamed(manifest.droppedTids, manifest.committedVersion);
    this.#tombstones.keepNamed(manifest.tombstones, manifest.committedVersion);
    this.#mayCompact = true;
    if (kind === 'commit') {
      this.#frozen = undefined;
      this.#commitNeeds = 0;
    }
    logger.debug(
      'TDB',
      () =>
        `${dir}: ${kind}, ${manifest.segments.length} files, version ${manifest.committedVersion}`,
    );
  }

  #letGo(files: FileSet): void {
    for (const error of files.release()) {
      this.#options.logger.warn(
        'TDB',
        `a superseded file could not be removed, will be at the next start: ${error.message}`,
      );
    }
  }
}
