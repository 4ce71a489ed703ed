/**
 * One table's rows in time order out of several lanes (files of a partition by age, frozen memory, active
 * memory).
 *
 * Where a piece overlaps no other it is handed out as it is, undecoded and with its statistics. Where pieces
 * overlap, the longest stretch that no other lane reaches into is taken at a time, so that the cost is per
 * stretch and not per row; rows under one time are resolved by the lanes' age as `update` says. Memory: the
 * pieces at the front of the lanes and those that the block in the making looks into.
 *
 * Descending is the mirror image: pieces are eaten from their ends, the stretches of a block are collected
 * last to first and turned round when the block is handed out.
 */
import type { SqlType } from '@tdnode/common';
import { PieceBlock, RunsBlock, type BlockSpec, type Run } from './blocks.ts';
import { Head, type OpenPiece } from './head.ts';
import type { Lane } from './piece.ts';
import type { BlockCursor, CursorSpec, ScanBlock } from './scan.ts';
import type { BlockScratch, ScratchPool } from './scratch.ts';
import { lowerBound, upperBound } from './search.ts';

/** How lanes become blocks. */
export interface MergeOptions {
  /** Rows under one time: the newest lane's stays (`update` 1), else the oldest one's. */
  readonly isLastKept: boolean;
  /** The most rows of a block. */
  readonly blockRows: number;
  /** Pieces of fewer rows are put together to blocks of `blockRows` even where they don't overlap; 0: never. */
  readonly coalesceBelow: number;
  readonly scratches: ScratchPool;
  /** Called once, when the cursor is closed or at its end. */
  readonly onClose: () => void;
}

/** See the head of this file. */
export class MergeCursor implements BlockCursor {
  readonly #spec: CursorSpec;
  readonly #options: MergeOptions;
  readonly #blockSpec: BlockSpec;
  /** Lanes with rows left, oldest first. */
  #heads: Head[];
  #runs: Run[] = [];
  #runRows = 0;
  /** Pieces that are used up, but that the block in the making or the one handed out may look into. */
  #used: OpenPiece[] = [];
  /** The first so many of `#used` belong to the block handed out. */
  #usedByOut = 0;
  #scratch: BlockScratch | undefined;
  #isClosed = false;

  /** `lanes`: oldest first. */
  constructor(lanes: readonly Lane[], spec: CursorSpec, options: MergeOptions) {
    this.#spec = spec;
    this.#options = options;
    const { from, to } = spec;
    this.#heads = lanes
      .map((lane) => new Head(lane, { from, to, ...lane.range, pool: options.scratches }))
      .filter((head) => !head.isDone);
    const types: readonly SqlType[] = spec.types;
    this.#blockSpec = {
      colIds: spec.colIds,
      types,
      scratch: () => (this.#scratch ??= options.scratches.take()),
    };
  }

  next(): ScanBlock | undefined {
    if (this.#isClosed) return undefined;
    this.#releaseOut();
    while (this.#heads.length > 0) {
      const block = this.#spec.descending ? this.#stepDown() : this.#stepUp();
      if (block !== undefined) return block;
      if (this.#runRows === this.#options.blockRows) return this.#finishRuns();
    }
    if (this.#runRows > 0) return this.#finishRuns();
    this.close();
    return undefined;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const head of this.#heads) head.current.release();
    for (const open of this.#used) open.release();
    this.#heads = [];
    this.#used = [];
    this.#runs = [];
    if (this.#scratch !== undefined) this.#options.scratches.giveBack(this.#scratch);
    this.#scratch = undefined;
    this.#options.onClose();
  }

  /** Takes the stretch that comes next; returns a block when it is a piece to be handed out as it is. */
  #stepUp(): ScanBlock | undefined {
    const heads = this.#heads;
    let best = heads[0]!;
    let limit = Infinity;
    for (let i = 1; i < heads.length; i++) {
      const head = heads[i]!;
      if (head.tsFirst < best.tsFirst) {
        limit = best.tsFirst;
        best = head;
      } else if (head.tsFirst < limit) limit = head.tsFirst;
    }
    if (best.tsLast < limit) return this.#takeRest(best);
    if (best.tsFirst < limit) {
      const cut = lowerBound(best.current.ts(), limit, best.begin, best.end);
      const from = best.begin;
      const to = Math.min(cut, from + this.#room());
      best.cutBefore(to);
      this.#addRun(best.current, from, to);
    } else this.#takeEqual(limit);
    return undefined;
  }

  #stepDown(): ScanBlock | undefined {
    const heads = this.#heads;
    let best = heads[0]!;
    let limit = -Infinity;
    for (let i = 1; i < heads.length; i++) {
      const head = heads[i]!;
      if (head.tsLast > best.tsLast) {
        limit = best.tsLast;
        best = head;
      } else if (head.tsLast > limit) limit = head.tsLast;
    }
    if (best.tsFirst > limit) return this.#takeRest(best);
    if (best.tsLast > limit) {
      const cut = upperBound(best.current.ts(), limit, best.begin, best.end);
      const to = best.end;
      const from = Math.max(cut, to - this.#room());
      best.cutAfter(from);
      this.#addRun(best.current, from, to);
    } else this.#takeEqual(limit);
    return undefined;
  }

  #room(): number {
    return this.#options.blockRows - this.#runRows;
  }

  /** All that is left of a head's piece comes next. */
  #takeRest(head: Head): ScanBlock | undefined {
    const { blockRows, coalesceBelow } = this.#options;
    const open = head.current;
    const rows = head.end - head.begin;
    const isHandedOut = head.isWhole && rows <= blockRows && rows >= coalesceBelow;
    if (isHandedOut && this.#runRows > 0) return this.#finishRuns();
    if (isHandedOut) {
      this.#advance(head);
      this.#usedByOut = this.#used.length;
      return new PieceBlock(open, this.#spec.colIds);
    }
    const taken = Math.min(rows, this.#room());
    const from = this.#spec.descending ? head.end - taken : head.begin;
    this.#addRun(open, from, from + taken);
    if (taken === rows) this.#advance(head);
    else if (this.#spec.descending) head.cutAfter(from);
    else head.cutBefore(from + taken);
    return undefined;
  }

  /** The next row stands in several lanes: one of them is taken, all of them go on. */
  #takeEqual(ts: number): void {
    const { descending } = this.#spec;
    let winner: Head | undefined;
    for (const head of this.#heads) {
      if ((descending ? head.tsLast : head.tsFirst) !== ts) continue;
      if (winner === undefined || this.#options.isLastKept) winner = head;
    }
    const row = descending ? winner!.end - 1 : winner!.begin;
    this.#addRun(winner!.current, row, row + 1);
    for (const head of this.#heads.slice()) {
      if ((descending ? head.tsLast : head.tsFirst) !== ts) continue;
      if (descending) head.cutAfter(head.end - 1);
      else head.cutBefore(head.begin + 1);
      if (head.begin === head.end) this.#advance(head);
    }
  }

  #addRun(open: OpenPiece, from: number, to: number): void {
    const last = this.#runs[this.#runs.length - 1];
    this.#runRows += to - from;
    if (last?.open === open && (this.#spec.descending ? last.from === to : last.to === from)) {
      this.#runs[this.#runs.length - 1] = {
        open,
        from: Math.min(from, last.from),
        to: Math.max(to, last.to),
      };
    } else this.#runs.push({ open, from, to });
  }

  #finishRuns(): ScanBlock {
    const runs = this.#runs;
    if (this.#spec.descending) runs.reverse();
    const block = new RunsBlock(runs, this.#runRows, this.#blockSpec);
    this.#runs = [];
    this.#runRows = 0;
    this.#usedByOut = this.#used.length;
    return block;
  }

  #advance(head: Head): void {
    this.#used.push(head.current);
    head.load();
    if (head.isDone) this.#heads = this.#heads.filter((other) => other !== head);
  }

  /** Gives back the memory of what was handed out last. */
  #releaseOut(): void {
    for (let i = 0; i < this.#usedByOut; i++) this.#used[i]!.release();
    this.#used.splice(0, this.#usedByOut);
    this.#usedByOut = 0;
  }
}
