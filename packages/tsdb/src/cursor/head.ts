/**
 * The front of a lane while it is merged: its current piece, clipped to the cursor's times, and how much of
 * it is left. A piece's times are decoded only when it has to be cut.
 */
import type { Vector } from '@tdnode/common';
import type { ValueRange } from '../codec/column-range.ts';
import type { Lane, Piece } from './piece.ts';
import type { BlockScratch, ScratchPool } from './scratch.ts';
import { lowerBound, upperBound } from './search.ts';

/** A piece with what was decoded of it; several blocks and runs may look into it. */
export class OpenPiece {
  readonly piece: Piece;
  readonly #pool: ScratchPool;
  #scratch: BlockScratch | undefined;
  #ts: Float64Array | undefined;
  readonly #columns: Vector[] = [];

  constructor(piece: Piece, pool: ScratchPool) {
    this.piece = piece;
    this.#pool = pool;
  }

  ts(): Float64Array {
    return (this.#ts ??= this.piece.ts(this.#memory()));
  }

  column(i: number): Vector {
    return (this.#columns[i] ??= this.piece.column(i, this.#memory()));
  }

  /** As in `ScanBlock`. */
  test(i: number, range: ValueRange, bits: Int32Array): boolean {
    return this.#columns[i] === undefined && this.piece.test(i, range, bits);
  }

  /** Gives back the memory; nothing decoded holds any more. */
  release(): void {
    if (this.#scratch !== undefined) this.#pool.giveBack(this.#scratch);
    this.#scratch = undefined;
    this.#ts = undefined;
    this.#columns.length = 0;
  }

  #memory(): BlockScratch {
    return (this.#scratch ??= this.#pool.take());
  }
}

/** What a head needs to know of the cursor. */
export interface HeadSpec {
  readonly from: number;
  readonly to: number;
  readonly pool: ScratchPool;
}

/** See the head of this file. */
export class Head {
  readonly #lane: Lane;
  readonly #spec: HeadSpec;
  /** The current piece; meaningless once `isDone`. */
  current!: OpenPiece;
  /** Rows [begin, end) of the piece are left. */
  begin = 0;
  end = 0;
  /** Times of the first and last row left. */
  tsFirst = 0;
  tsLast = 0;
  isDone = false;

  constructor(lane: Lane, spec: HeadSpec) {
    this.#lane = lane;
    this.#spec = spec;
    this.load();
  }

  /** Whether no row of the piece was taken or clipped. */
  get isWhole(): boolean {
    return this.begin === 0 && this.end === this.current.piece.rows;
  }

  /** Goes on to the lane's next piece with rows in range. */
  load(): void {
    const { from, to, pool } = this.#spec;
    for (let piece = this.#lane.next(); piece !== undefined; piece = this.#lane.next()) {
      const current = new OpenPiece(piece, pool);
      this.current = current;
      this.begin = 0;
      this.end = piece.rows;
      this.tsFirst = piece.tsFirst;
      this.tsLast = piece.tsLast;
      if (piece.tsFirst < from) this.cutBefore(lowerBound(current.ts(), from, 0, this.end));
      if (piece.tsLast > to && this.begin < this.end) {
        this.cutAfter(upperBound(current.ts(), to, this.begin, this.end));
      }
      if (this.begin < this.end) return;
      current.release();
    }
    this.isDone = true;
  }

  /** Rows before `row` are taken. */
  cutBefore(row: number): void {
    this.begin = row;
    if (row < this.end) this.tsFirst = this.current.ts()[row]!;
  }

  /** Rows from `row` on are taken. */
  cutAfter(row: number): void {
    this.end = row;
    if (row > this.begin) this.tsLast = this.current.ts()[row - 1]!;
  }
}
