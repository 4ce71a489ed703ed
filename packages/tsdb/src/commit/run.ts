/**
 * Writes a frozen memory table to segment files: partition by partition, tables in the order of their tids,
 * rows as blocks. A generator: it stops after each block, so that writes never wait for it.
 *
 * Memory tables are not merged with files here; rows that stand in both are resolved when read.
 */
import type { Column } from '@tdnode/common';
import { TIME_COL_ID } from '../cursor/blocks.ts';
import type { CursorSpec } from '../cursor/scan.ts';
import type { BlockScratch } from '../cursor/scratch.ts';
import type { GroupPool } from '../memtable/group-pool.ts';
import { MemLane, type MemPiece } from '../memtable/mem-lane.ts';
import type { MemTable } from '../memtable/memtable.ts';
import type { ColumnSource } from '../segment/segment-types.ts';
import type { SegmentOutput } from './output.ts';
import type { CommitStep } from './plan.ts';

/** What a commit writes, and with what. */
export interface CommitInput {
  readonly table: MemTable;
  /** The last version whose rows are in the table. */
  readonly upTo: number;
  readonly steps: readonly CommitStep[];
  readonly columnsOf: (tid: number) => readonly Column[] | undefined;
  readonly isLastKept: boolean;
  readonly blockRows: number;
  readonly scratch: BlockScratch;
}

/** Tables without rows that are skipped before the generator stops. */
const SKIPPED_MAX = 4096;

/** See the head of this file. */
export function* runCommit(input: CommitInput, output: SegmentOutput): Generator<void, void> {
  const { table } = input;
  let skipped = 0;
  for (const step of input.steps) {
    output.begin(step.partition, step.seq);
    for (let tid = 1; tid < table.tidEnd; tid++) {
      if (!table.has(tid) || table.tsMax(tid) < step.from || table.tsMin(tid) > step.to) {
        if (++skipped % SKIPPED_MAX === 0) yield;
        continue;
      }
      yield* writeTable(input, step, tid, output);
    }
    output.finish(input.upTo);
    yield;
  }
}

function* writeTable(
  input: CommitInput,
  step: CommitStep,
  tid: number,
  output: SegmentOutput,
): Generator<void, void> {
  const { table, scratch } = input;
  const columns = input.columnsOf(tid)?.filter((column) => column.colId !== TIME_COL_ID);
  if (columns === undefined) return;
  const spec: CursorSpec = {
    colIds: columns.map((column) => column.colId),
    types: columns.map((column) => column.type),
    from: step.from,
    to: step.to,
    descending: false,
  };
  const size = { rows: input.blockRows, keepsRuns: false };
  const lane = new MemLane(table.pool, table.runs(tid, input.isLastKept), spec, size);
  for (let piece = lane.next(); piece !== undefined; piece = lane.next()) {
    const layouts = layoutsOf(table.pool, piece);
    const sources: ColumnSource[] = [];
    for (let i = 0; i < columns.length; i++) {
      const located = table.pool.locate(spec.colIds[i]!);
      if (!layouts.some((id) => located[id]! >= 0)) continue;
      sources.push({
        colId: spec.colIds[i]!,
        type: spec.types[i]!,
        vector: piece.column(i, scratch),
      });
    }
    output.add({
      tid,
      schemaVersion: Math.max(...layouts.map((id) => table.pool.layout(id).schemaVersion)),
      rows: piece.rows,
      ts: piece.ts(scratch),
      columns: sources,
    });
    yield;
  }
}

/** The layouts of a piece's groups. */
function layoutsOf(pool: GroupPool, piece: MemPiece): number[] {
  const { group, runBegin, runLast } = piece.range;
  const found: number[] = [];
  let last = -1;
  for (let run = runBegin; run <= runLast; run++) {
    const id = pool.layoutId(group[run]!);
    if (id !== last && !found.includes(id)) found.push(id);
    last = id;
  }
  return found;
}
