/**
 * The rows of one table in one memory table as a lane: pieces of up to a block's worth of rows, cut from
 * its run list. What is written after the lane was made is not in it.
 */
import type { Vector } from '@tdnode/common';
import type { Lane, Piece } from '../cursor/piece.ts';
import type { CursorSpec } from '../cursor/scan.ts';
import type { BlockScratch } from '../cursor/scratch.ts';
import { gatherColumn, gatherTs, type GatherColumn } from './gather.ts';
import type { GroupPool } from './group-pool.ts';
import { clipRuns, type RunList, type RunRange } from './run-list.ts';

/** Up to a block's worth of rows of a memory table. */
export class MemPiece implements Piece {
  readonly rows: number;
  readonly tsFirst: number;
  readonly tsLast: number;
  readonly stride = 0;
  readonly range: RunRange;
  readonly #pool: GroupPool;
  readonly #columns: readonly GatherColumn[];

  constructor(pool: GroupPool, range: RunRange, rows: number, columns: readonly GatherColumn[]) {
    this.rows = rows;
    this.range = range;
    this.#pool = pool;
    this.#columns = columns;
    this.tsFirst = pool.ts(range.group[range.runBegin]!, range.rowBegin);
    this.tsLast = pool.ts(range.group[range.runLast]!, range.rowEnd - 1);
  }

  ts(scratch: BlockScratch): Float64Array {
    return gatherTs(this.#pool, this.range, scratch.ts.f64(this.rows));
  }

  column(i: number, scratch: BlockScratch): Vector {
    return gatherColumn(this.#pool, this.range, this.#columns[i]!, this.rows, scratch.column(i));
  }

  stats(): undefined {
    return undefined;
  }
}

/** See the head of this file. */
export class MemLane implements Lane {
  readonly #pool: GroupPool;
  readonly #range: RunRange;
  readonly #columns: readonly GatherColumn[];
  readonly #descending: boolean;
  readonly #blockRows: number;
  /** Rows before (descending: from) this place are still to come. */
  #run: number;
  #row: number;

  constructor(pool: GroupPool, list: RunList, spec: CursorSpec, blockRows: number) {
    this.#pool = pool;
    this.#range = clipRuns(pool, list, spec.from, spec.to);
    this.#columns = spec.colIds.map((colId, i) => ({
      type: spec.types[i]!,
      indexOf: pool.locate(colId),
    }));
    this.#descending = spec.descending;
    this.#blockRows = blockRows;
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
      end = Math.min(stop, begin + this.#blockRows - rows);
      rows += end - begin;
      const isRunDone = end === stop;
      if (rows === this.#blockRows || run === runLast) {
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
      this.#columns,
    );
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
      begin = Math.max(start, end - (this.#blockRows - rows));
      rows += end - begin;
      const isRunDone = begin === start;
      if (rows === this.#blockRows || run === runBegin) {
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
      this.#columns,
    );
  }
}
