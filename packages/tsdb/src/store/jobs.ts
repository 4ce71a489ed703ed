/** The three kinds of background jobs, made from the state of the store at their start. */
import type { Column } from '@tdnode/common';
import { planCommit } from '../commit/plan.ts';
import { runCommit } from '../commit/run.ts';
import { runCompaction } from '../compact/run.ts';
import type { BlockScratch, ScratchPool } from '../cursor/scratch.ts';
import type { FileSet } from '../manifest/file-set.ts';
import type { SegmentEntry, Tombstone } from '../manifest/manifest.ts';
import type { SegmentFile } from '../manifest/segment-file.ts';
import type { MemTable } from '../memtable/memtable.ts';
import type { PartitionSpan } from '../partition.ts';
import type { Job } from './background.ts';
import type { DroppedTables } from './dropped-tables.ts';
import type { Tombstones } from './tombstones.ts';

/** A memory table that takes no more writes. */
export interface FrozenTable {
  readonly table: MemTable;
  /** The last version whose rows are in it. */
  readonly upTo: number;
}

/** What jobs need of the store. Getters: they may change while a job runs. */
export interface JobContext {
  readonly span: PartitionSpan;
  readonly dropped: DroppedTables;
  readonly tombstones: Tombstones;
  readonly scratches: ScratchPool;
  /** For commits alone: at most one runs. */
  readonly scratch: BlockScratch;
  readonly isLastKept: boolean;
  readonly blockRows: number;
  readonly files: FileSet;
  readonly columnsOf: (tid: number) => readonly Column[] | undefined;
  /** The first of `count` numbers for segment files, never given out twice. */
  readonly takeSeqs: (count: number) => number;
  /** The next number that would be given out. */
  readonly nextSeq: number;
}

/** Writes a frozen memory table to files. */
export function commitJob(context: JobContext, { table, upTo }: FrozenTable): Job {
  const partitions = table.partitions();
  const steps = planCommit(partitions, context.takeSeqs(partitions.length), context.span);
  const { columnsOf, isLastKept, blockRows, scratch } = context;
  return {
    kind: 'commit',
    run: (output) =>
      runCommit({ table, upTo, steps, columnsOf, isLastKept, blockRows, scratch }, output),
    edit: (added) => ({
      committedVersion: upTo,
      droppedTids: context.dropped.upTo(upTo),
      tombstones: context.tombstones.upTo(upTo, context.files.manifest.segments),
      nextSeq: context.nextSeq,
      removed: [],
      added,
    }),
    onCorruption: (error) => {
      throw error;
    },
  };
}

/** Merges neighbouring files of one partition. `onCorruption`: the partition is to be left alone from now on. */
export function compactionJob(
  context: JobContext,
  sources: readonly SegmentFile[],
  onCorruption: (partition: number) => void,
): Job {
  const { isLastKept, blockRows, scratches } = context;
  const removed = sources.map((file) => file.entry.seq);
  // Deletes that no commit has yet may be undone.
  const { committedVersion } = context.files.manifest;
  const unheeded = context.tombstones.after(committedVersion);
  const seq = context.takeSeqs(1);
  const input = {
    files: sources,
    seq,
    columnsOf: (tid: number) => (context.dropped.has(tid) ? undefined : context.columnsOf(tid)),
    isLastKept,
    blockRows,
    scratches,
    visible: (file: SegmentFile, tid: number) =>
      context.tombstones.visible(file.entry, tid, ALL_TIMES, committedVersion),
  };
  return {
    kind: 'compaction',
    run: (output) => runCompaction(input, output),
    edit: (added) => {
      context.tombstones.hideAlso(unheeded, seq);
      return {
        droppedTids: droppedLeft(context, new Set(removed)),
        tombstones: tombstonesLeft(context, removed, added),
        nextSeq: context.nextSeq,
        removed,
        added,
      };
    },
    onCorruption: () => onCorruption(sources[0]!.entry.partition),
  };
}

/** Lets go of files that are older than the database keeps. */
export function retentionJob(context: JobContext, removed: readonly number[]): Job {
  return {
    kind: 'retention',
    // Nothing is written: the edit is all.
    *run() {},
    edit: () => ({
      droppedTids: droppedLeft(context, new Set(removed)),
      tombstones: tombstonesLeft(context, removed, []),
      nextSeq: context.nextSeq,
      removed,
      added: [],
    }),
    onCorruption: (error) => {
      throw error;
    },
  };
}

const ALL_TIMES = { from: -Infinity, to: Infinity };

/**
 * Tombstones that hide rows of the files besides `removed`, or of those added: a delete may have come while they were
 * being written.
 */
function tombstonesLeft(
  { files: { manifest }, tombstones }: JobContext,
  removed: readonly number[],
  added: readonly SegmentEntry[],
): Tombstone[] {
  const others = manifest.segments.filter((entry) => !removed.includes(entry.seq));
  return tombstones.upTo(manifest.committedVersion, [...others, ...added]);
}

/** Beyond so many dropped tables only the files' ranges of tids are looked at. */
const LOOKED_UP_MAX = 10_000;

/** Dropped tables that the files besides `removed` may have rows of; what is written now has none. */
function droppedLeft(context: JobContext, removed: ReadonlySet<number>): number[] {
  const tids = context.files.manifest.droppedTids;
  const others = context.files.files.filter((file) => !removed.has(file.entry.seq));
  return tids.filter((tid) =>
    others.some((file) => {
      if (!file.mayHold(tid, -Infinity, Infinity)) return false;
      if (tids.length > LOOKED_UP_MAX || !file.isOpen) return true;
      return file.reader().blockBegin(tid) < file.reader().blockEnd(tid);
    }),
  );
}
