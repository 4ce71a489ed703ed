/**
 * The rows of one table in one memory table as a lane: pieces of up to a block's worth of rows, cut from
 * its run list. What is written after the lane was made is not in it.
 */
import type { Vector } from '@tdnode/common';
import type { Lane, Piece } from '../cursor/piece.ts';
import type { ColumnStats, CursorSpec } from '../cursor/scan.ts';
import type { BlockScratch } from '../cursor/scratch.ts';
import { gatherColumn, gatherTs, type GatherColumn } from './gather.ts';
import type { GroupPool } from './group-pool.ts';
import { clipRuns, type RunList, type RunRange } from './run-list.ts';
import { rangeStats } from './run-stats.ts';

/** Up to a block's worth of rows of a memory table. */
export class MemPiece implements Piece {
  readonly rows: number;
  readonly tsFirst: number;
  readonly tsLast: number;
  readonly stride = 0;
  readonly range: RunRange;
  readonly #pool: GroupPool;
  readonly #columns: readonly GatherColumn[];
  /** By column; null: asked for, there are none. Undefined: not to be asked for. */
  readonly #stats: (ColumnStats | null)[] | undefined;

  /** `hasStats`: whether statistics are worth making. */
  constructor(
    pool: GroupPool,
    range: RunRange,
    rows: number,
    columns: { readonly list: readonly GatherColumn[]; readonly hasStats: boolean },
  ) {
    this.rows = rows;
    this.range = range;
    this.#stats = columns.hasStats ? [] : undefined;
    this.#pool = pool;
    this.#columns = columns.list;
    this.tsFirst = pool.ts(range.group[range.runBegin]!, range.rowBegin);
    this.tsLast = pool.ts(range.group[range.runLast]!, range.rowEnd - 1);
  }

  ts(scratch: BlockScratch): Float64Array {
    return gatherTs(this.#pool, this.range, scratch.ts.f64(this.rows));
  }

  column(i: number, scratch: BlockScratch): Vector {
    const column = this.#columns[i]!;
    const vector = gatherColumn(this.#pool, this.range, column, this.rows, scratch.column(i));
    // Loops that need not look for NULL are twice as fast.
    return vector.kind === 'f64' && this.stats(i)?.nullCount === 0
      ? { ...vector, nullCount: 0 }
      : vector;
  }

  test(): boolean {
    return false;
  }

  stats(i: number): ColumnStats | undefined {
    if (this.#stats === undefined) return undefined;
    const known = this.#stats[i];
    if (known !== undefined) return known ?? undefined;
    const stats = rangeStats(this.#pool, this.range, this.#columns[i]!);
    this.#stats[i] = stats ?? null;
    return stats;
  }
}

/** How rows are cut into pieces. */
export interface PieceSize {
  /** The most rows of a piece. */
  readonly rows: number;
  /** Ends a piece that is half full before a run that would have to be cut: whole runs have statistics. */
  readonly keepsRuns: boolean;
}

/** See the head of this file. */
export class MemLane implements Lane {
  readonly #pool: GroupPool;
  readonly #range: RunRange;
  readonly #columns: readonly GatherColumn[];
  readonly #descending: boolean;
  readonly #size: PieceSize;
  /** Rows before (descending: from) this place are still to come. */
  #run: number;
  #row: number;

  constructor(pool: GroupPool, list: RunList, spec: CursorSpec, size: PieceSize) {
    this.#pool = pool;
    this.#range = clipRuns(pool, list, spec.from, spec.to);
    this.#columns = spec.colIds.map((colId, i) => ({
      type: spec.types[i]!,
      indexOf: pool.locate(colId),
    }));
    this.#descending = spec.descending;
    this.#size = size;
    this.#run = spec.descending ? this.#range.runLast : this.#range.runBegin;
    this.#row = spec.descending ? this.#range.rowEnd : this.#range.rowBegin;
  }

  next(): MemPiece | undefined {
    return this.#descending ? this.#before() : this.#after();
  }

  #after(): MemPiece | undefined {
    const { group, from, to, runLast, rowEnd } = this.#range;
    const runBegin = this.#run;
    const rowBegin = this.#row;
    if (runBegin > runLast) return undefined;
    let rows = 0;
    let run = runBegin;
    let end = rowBegin;
    while (true) {
      const begin = run === runBegin ? rowBegin : from[run]!;
      const stop = run === runLast ? rowEnd : to[run]!;
      if (this.#endsBefore(rows, stop - begin)) {
        this.#run = run;
        this.#row = begin;
        run--;
        break;
      }
      end = Math.min(stop, begin + this.#size.rows - rows);
      rows += end - begin;
      const isRunDone = end === stop;
      if (rows === this.#size.rows || run === runLast) {
        this.#run = isRunDone ? run + 1 : run;
        this.#row = isRunDone ? (from[run + 1] ?? 0) : end;
        break;
      }
      run++;
    }
    return new MemPiece(
      this.#pool,
      { group, from, to, runBegin, rowBegin, runLast: run, rowEnd: end },
      rows,
      { list: this.#columns, hasStats: this.#size.keepsRuns },
    );
  }

  /** Whether a piece of so many rows ends before the next run, which has `more`. */
  #endsBefore(rows: number, more: number): boolean {
    const { rows: limit, keepsRuns } = this.#size;
    return keepsRuns && rows * 2 >= limit && rows + more > limit;
  }

  #before(): MemPiece | undefined {
    const { group, from, to, runBegin, rowBegin } = this.#range;
    const runLast = this.#run;
    const rowEnd = this.#row;
    if (runLast < runBegin) return undefined;
    let rows = 0;
    let run = runLast;
    let begin = rowEnd;
    while (true) {
      const end = run === runLast ? rowEnd : to[run]!;
      const start = run === runBegin ? rowBegin : from[run]!;
      if (this.#endsBefore(rows, end - start)) {
        this.#run = run;
        this.#row = end;
        run++;
        break;
      }
      begin = Math.max(start, end - (this.#size.rows - rows));
      rows += end - begin;
      const isRunDone = begin === start;
      if (rows === this.#size.rows || run === runBegin) {
        this.#run = isRunDone ? run - 1 : run;
        this.#row = isRunDone ? (to[run - 1] ?? 0) : begin;
        break;
      }
      run--;
    }
    return new MemPiece(
      this.#pool,
      { group, from, to, runBegin: run, rowBegin: begin, runLast, rowEnd },
      rows,
      { list: this.#columns, hasStats: this.#size.keepsRuns },
    );
  }
}
