/** The two kinds of blocks that a cursor hands out: one piece as it is, and runs of rows put together. */
import { f64Vector, type SqlType, type Vector } from '@tdnode/common';
import type { ValueRange } from '../codec/column-range.ts';
import type { OpenPiece } from './head.ts';
import type { ColumnStats, ScanBlock } from './scan.ts';
import type { BlockScratch } from './scratch.ts';
import { concatVectors, sliceVector } from './vectors.ts';

/** The time column's colId, in every schema. */
export const TIME_COL_ID = 1;

/** A whole piece: decoded only where asked for, with its statistics. */
export class PieceBlock implements ScanBlock {
  readonly rows: number;
  readonly tsFirst: number;
  readonly tsLast: number;
  readonly stride: number;
  readonly #open: OpenPiece;
  readonly #colIds: readonly number[];

  constructor(open: OpenPiece, colIds: readonly number[]) {
    this.rows = open.piece.rows;
    this.tsFirst = open.piece.tsFirst;
    this.tsLast = open.piece.tsLast;
    this.stride = open.piece.stride;
    this.#open = open;
    this.#colIds = colIds;
  }

  ts(): Float64Array {
    return this.#open.ts();
  }

  column(i: number): Vector {
    if (this.#colIds[i] === TIME_COL_ID) return f64Vector(this.#open.ts(), 0);
    return this.#open.column(i);
  }

  test(i: number, range: ValueRange, bits: Int32Array): boolean {
    return this.#colIds[i] !== TIME_COL_ID && this.#open.test(i, range, bits);
  }

  stats(i: number): ColumnStats | undefined {
    return this.#colIds[i] === TIME_COL_ID ? undefined : this.#open.piece.stats(i);
  }
}

/** Rows [from, to) of a piece. */
export interface Run {
  readonly open: OpenPiece;
  readonly from: number;
  readonly to: number;
}

/** What the blocks of one cursor share. */
export interface BlockSpec {
  readonly colIds: readonly number[];
  readonly types: readonly SqlType[];
  /** Memory for what is put together; holds until the cursor's next step. */
  readonly scratch: () => BlockScratch;
}

/** Runs of pieces in time order, as one block. */
export class RunsBlock implements ScanBlock {
  readonly rows: number;
  readonly tsFirst: number;
  readonly tsLast: number;
  readonly stride: number;
  readonly #runs: readonly Run[];
  readonly #spec: BlockSpec;
  #ts: Float64Array | undefined;
  readonly #columns: Vector[] = [];

  constructor(runs: readonly Run[], rows: number, spec: BlockSpec) {
    this.rows = rows;
    this.#runs = runs;
    this.#spec = spec;
    const first = runs[0]!;
    const last = runs[runs.length - 1]!;
    this.tsFirst = first.from === 0 ? first.open.piece.tsFirst : first.open.ts()[first.from]!;
    this.tsLast =
      last.to === last.open.piece.rows ? last.open.piece.tsLast : last.open.ts()[last.to - 1]!;
    this.stride = runs.length === 1 ? first.open.piece.stride : 0;
  }

  ts(): Float64Array {
    return (this.#ts ??= this.#buildTs());
  }

  column(i: number): Vector {
    return (this.#columns[i] ??= this.#buildColumn(i));
  }

  test(): boolean {
    return false;
  }

  stats(): undefined {
    return undefined;
  }

  #buildTs(): Float64Array {
    const runs = this.#runs;
    if (runs.length === 1) return runs[0]!.open.ts().subarray(runs[0]!.from, runs[0]!.to);
    const target = this.#spec.scratch().ts.f64(this.rows);
    let at = 0;
    for (const { open, from, to } of runs) {
      const source = open.ts();
      if (to - from > 16) target.set(source.subarray(from, to), at);
      else for (let i = from; i < to; i++) target[at + i - from] = source[i]!;
      at += to - from;
    }
    return target;
  }

  #buildColumn(i: number): Vector {
    if (this.#spec.colIds[i] === TIME_COL_ID) return f64Vector(this.ts(), 0);
    const runs = this.#runs;
    const scratch = this.#spec.scratch().column(i);
    if (runs.length === 1) {
      return sliceVector(runs[0]!.open.column(i), runs[0]!.from, runs[0]!.to, scratch);
    }
    const parts = runs.map(({ open, from, to }) => ({ vector: open.column(i), from, to }));
    return concatVectors(parts, this.rows, scratch);
  }
}
