/**
 * Merges neighbouring files of a partition into one: rows under one time are resolved, small blocks joined,
 * tables, columns and deleted rows left out. A generator that stops after each block; memory: a block of
 * each file.
 */
import type { Column } from '@tdnode/common';
import { TIME_COL_ID } from '../cursor/blocks.ts';
import { FileLane } from '../cursor/file-lane.ts';
import { MergeCursor } from '../cursor/merge-cursor.ts';
import type { CursorSpec } from '../cursor/scan.ts';
import type { ScratchPool } from '../cursor/scratch.ts';
import type { SegmentOutput } from '../commit/output.ts';
import type { TimeRange } from '../manifest/manifest.ts';
import type { SegmentFile } from '../manifest/segment-file.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';

/** What a compaction merges, and with what. */
export interface CompactionInput {
  /** Of one partition, oldest first. */
  readonly files: readonly SegmentFile[];
  readonly seq: number;
  /** The columns of a table now; undefined when it was dropped. */
  readonly columnsOf: (tid: number) => readonly Column[] | undefined;
  readonly isLastKept: boolean;
  readonly blockRows: number;
  readonly scratches: ScratchPool;
  /** The times of a table whose rows in a file are not deleted. */
  readonly visible: (file: SegmentFile, tid: number) => readonly TimeRange[];
}

/** See the head of this file. */
export function* runCompaction(
  input: CompactionInput,
  output: SegmentOutput,
): Generator<void, void> {
  const readers = input.files.map((file) => file.reader());
  const places = readers.map(() => 0);
  output.begin(input.files[0]!.entry.partition, input.seq);
  for (let tid = lowestTid(readers, places); tid !== Infinity; tid = lowestTid(readers, places)) {
    yield* writeTable(input, readers, tid, output);
    readers.forEach((reader, i) => {
      if (places[i]! < reader.blockCount && reader.tid(places[i]!) === tid)
        places[i] = reader.blockEnd(tid);
    });
    yield;
  }
  output.finish(Math.max(...input.files.map((file) => file.entry.info.maxVersion)));
}

function lowestTid(readers: readonly SegmentReader[], places: readonly number[]): number {
  let lowest = Infinity;
  readers.forEach((reader, i) => {
    if (places[i]! < reader.blockCount) lowest = Math.min(lowest, reader.tid(places[i]!));
  });
  return lowest;
}

function* writeTable(
  input: CompactionInput,
  readers: readonly SegmentReader[],
  tid: number,
  output: SegmentOutput,
): Generator<void, void> {
  const current = input.columnsOf(tid);
  if (current === undefined) return;
  const found = presentColumns(readers, tid);
  const columns = current.filter(
    (column) => column.colId !== TIME_COL_ID && found.colIds.has(column.colId),
  );
  const spec: CursorSpec = {
    colIds: columns.map((column) => column.colId),
    types: columns.map((column) => column.type),
    from: -Infinity,
    to: Infinity,
    descending: false,
  };
  const lanes = input.files.flatMap((file) =>
    input.visible(file, tid).map((range) => new FileLane([file], tid, { ...spec, ...range })),
  );
  const cursor = new MergeCursor(lanes, spec, {
    isLastKept: input.isLastKept,
    blockRows: input.blockRows,
    coalesceBelow: input.blockRows / 2,
    scratches: input.scratches,
    onClose: () => {},
  });
  try {
    for (let block = cursor.next(); block !== undefined; block = cursor.next()) {
      const sources = columns.map(({ colId, type }, i) => ({
        colId,
        type,
        vector: block.column(i),
      }));
      const { rows } = block;
      output.add({
        tid,
        schemaVersion: found.schemaVersion,
        rows,
        ts: block.ts(),
        columns: sources,
      });
      yield;
    }
  } finally {
    cursor.close();
  }
}

/** Columns that some block of the table has, and the newest schema version among them. */
function presentColumns(
  readers: readonly SegmentReader[],
  tid: number,
): { colIds: Set<number>; schemaVersion: number } {
  const colIds = new Set<number>();
  let schemaVersion = 0;
  for (const reader of readers) {
    const end = reader.blockEnd(tid);
    for (let block = reader.blockBegin(tid); block < end; block++) {
      schemaVersion = Math.max(schemaVersion, reader.schemaVersion(block));
      for (let i = reader.columnCount(block) - 1; i >= 0; i--) colIds.add(reader.colId(block, i));
    }
  }
  return { colIds, schemaVersion };
}
