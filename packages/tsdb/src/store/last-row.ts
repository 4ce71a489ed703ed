/**
 * The newest row of a table, without a scan: from the last segment in memory, or from the newest block in
 * files, whose statistics usually know the last values. Rows from files are remembered until the files change.
 */
import { f64Vector, isNullString, type SqlType, type Vector } from '@tdnode/common';
import { TIME_COL_ID } from '../cursor/blocks.ts';
import type { LastRow } from '../cursor/scan.ts';
import type { BlockScratch } from '../cursor/scratch.ts';
import { nullVector } from '../cursor/vectors.ts';
import type { FileSet } from '../manifest/file-set.ts';
import { gatherColumn } from '../memtable/gather.ts';
import type { MemTable, RowPlace } from '../memtable/memtable.ts';
import type { RunRange } from '../memtable/run-list.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';
import type { BlockStats } from '../segment/segment-types.ts';

/** Tables whose newest row in files is remembered; beyond, all are forgotten. */
const REMEMBERED_MAX = 100_000;

/** The newest row of a table in files. */
interface FileRow {
  readonly ts: number;
  readonly reader: SegmentReader;
  readonly block: number;
  readonly columns: Map<number, Vector>;
}

/** Newest rows in files, by tid. */
export class LastRowCache {
  readonly #rows = new Map<number, FileRow | null>();

  /** The files changed. */
  clear(): void {
    this.#rows.clear();
  }

  /** The newest row of a table in files; of several under one time the oldest file's, or the newest one's. */
  find(files: FileSet, tid: number, isLastKept: boolean): FileRow | null {
    const known = this.#rows.get(tid);
    if (known !== undefined) return known;
    if (this.#rows.size >= REMEMBERED_MAX) this.#rows.clear();
    const found = newestInFiles(files, tid, isLastKept);
    this.#rows.set(tid, found);
    return found;
  }
}

function newestInFiles(set: FileSet, tid: number, isLastKept: boolean): FileRow | null {
  let best: FileRow | null = null;
  let bestPartition = 0;
  for (let i = set.files.length - 1; i >= 0; i--) {
    const file = set.files[i]!;
    if (best !== null && file.entry.partition !== bestPartition) break;
    if (!file.mayHold(tid, -Infinity, Infinity)) continue;
    const reader = file.reader();
    const block = reader.blockEnd(tid) - 1;
    if (block < reader.blockBegin(tid)) continue;
    const ts = reader.tsLast(block);
    // Files come newest first here.
    if (best !== null && (isLastKept ? ts <= best.ts : ts < best.ts)) continue;
    best = { ts, reader, block, columns: new Map() };
    bestPartition = file.entry.partition;
  }
  return best;
}

/** One value of the newest row in files, as a one-row vector. */
function fileValue(row: FileRow, colId: number, type: SqlType, scratch: BlockScratch): Vector {
  const known = row.columns.get(colId);
  if (known !== undefined) return known;
  const value =
    colId === TIME_COL_ID
      ? f64Vector(Float64Array.of(row.ts), 0)
      : readValue(row, colId, type, scratch);
  row.columns.set(colId, value);
  return value;
}

function readValue(row: FileRow, colId: number, type: SqlType, scratch: BlockScratch): Vector {
  const { reader, block } = row;
  const index = reader.columnIndex(block, colId);
  if (index < 0) return ownedRow(nullVector(type, 1, scratch.column(0)), 0);
  const stats: BlockStats = { nullCount: 0, sum: 0, min: 0, max: 0, first: 0, last: 0 };
  if (reader.stats(block, index, stats) && stats.nullCount === 0)
    return f64Vector(Float64Array.of(stats.last), 0);
  const last = reader.rows(block) - 1;
  return ownedRow(reader.readColumn(block, index, scratch.column(0)), last);
}

/** One row of a vector in memory of its own. */
function ownedRow(vector: Vector, row: number): Vector {
  switch (vector.kind) {
    case 'f64':
      return f64Vector(vector.data.slice(row, row + 1));
    case 'i64':
      return { ...vector, data: vector.data.slice(row, row + 1), nullCount: -1 };
    case 'str': {
      const isNull = isNullString(vector, row);
      const bytes = isNull
        ? new Uint8Array(0)
        : vector.bytes.slice(vector.offsets[row], vector.offsets[row + 1]);
      return {
        kind: 'str',
        offsets: Uint32Array.of(0, bytes.length),
        bytes,
        nulls: isNull ? Uint8Array.of(1) : undefined,
        nullCount: isNull ? 1 : 0,
      };
    }
  }
}

/** Where newest rows are looked for. */
export interface LastRowSources {
  readonly files: FileSet;
  /** Memory tables, oldest first. */
  readonly tables: readonly MemTable[];
  readonly cache: LastRowCache;
  readonly isLastKept: boolean;
  readonly scratch: BlockScratch;
}

/** The newest row over all sources; of rows under one time the one that a scan would give. */
export function findLastRow(
  sources: LastRowSources,
  tid: number,
  colIds: readonly number[],
  types: readonly SqlType[],
): LastRow | null {
  const { files, cache, isLastKept, scratch } = sources;
  const inFiles = cache.find(files, tid, isLastKept);
  let best: { readonly table: MemTable; readonly place: RowPlace } | undefined;
  let ts = inFiles?.ts ?? -Infinity;
  for (const table of sources.tables) {
    const place = table.newest(tid, isLastKept);
    if (place === undefined || (isLastKept ? place.ts < ts : place.ts <= ts)) continue;
    best = { table, place };
    ts = place.ts;
  }
  if (best !== undefined) {
    const { pool } = best.table;
    const range = oneRow(best.place);
    const columns = colIds.map((colId, i) => {
      const column = { type: types[i]!, indexOf: pool.locate(colId) };
      return ownedRow(gatherColumn(pool, range, column, 1, scratch.column(0)), 0);
    });
    return { ts, columns };
  }
  if (inFiles === null) return null;
  return { ts, columns: colIds.map((colId, i) => fileValue(inFiles, colId, types[i]!, scratch)) };
}

function oneRow({ group, row }: RowPlace): RunRange {
  return {
    group: Int32Array.of(group),
    from: Int32Array.of(row),
    to: Int32Array.of(row + 1),
    runBegin: 0,
    rowBegin: row,
    runLast: 0,
    rowEnd: row + 1,
  };
}
