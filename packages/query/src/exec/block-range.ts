/**
 * The rows of a block as functions and windows see them: packed if they were selected, and their times made only when
 * somebody asks. Where the block's times are regular, searching among them is arithmetic.
 */
import type { RowRange } from '../functions/aggregator.ts';
import type { WantedRows } from '../operators/block-rows.ts';
import { Gatherer } from '../operators/gather.ts';
import type { ScanBlock } from '../scan.ts';

export class BlockRange implements RowRange {
  from = 0;
  to = 0;
  readonly #gatherer = new Gatherer();
  #block: ScanBlock | undefined;
  #selection: Uint32Array | undefined;
  #count = 0;
  #ts: Float64Array | undefined;
  /** Ticks from row to row, 0: unknown. */
  #stride = 0;

  /** Stands for the wanted rows of a block from now on; `from` and `to` are set to all of them. */
  open(block: ScanBlock, rows: WantedRows): void {
    const { selection, count } = rows;
    this.#block = block;
    this.#selection = selection;
    this.#count = count;
    this.#ts = undefined;
    this.#stride = selection === undefined ? (block.stride ?? 0) : 0;
    this.from = selection === undefined ? rows.from : 0;
    this.to = this.from + count;
  }

  get ts(): Float64Array {
    return (this.#ts ??= this.#times());
  }

  /** Time of one row. */
  timeAt(row: number): number {
    if (this.#stride > 0) return this.#block!.tsFirst + row * this.#stride;
    return this.ts[row]!;
  }

  /** The first row in `[from, to)` at or after a time, or `to`. */
  firstAt(time: number, from: number, to: number): number {
    return this.#stride > 0
      ? this.#firstRegular(time, from, to)
      : firstAtOrAfter(this.ts, time, from, to);
  }

  #firstRegular(time: number, from: number, to: number): number {
    const { tsFirst } = this.#block!;
    const stride = this.#stride;
    let row = Math.min(to, Math.max(from, Math.ceil((time - tsFirst) / stride)));
    // The quotient is rounded.
    while (row > from && tsFirst + (row - 1) * stride >= time) row--;
    while (row < to && tsFirst + row * stride < time) row++;
    return row;
  }

  #times(): Float64Array {
    const ts = this.#block!.ts();
    if (this.#selection === undefined) return ts;
    return this.#gatherer.numbers(ts, this.#selection, this.#count);
  }
}

/** Gallops from `from`: windows are mostly much shorter than blocks. */
function firstAtOrAfter(ts: Float64Array, time: number, from: number, to: number): number {
  let low = from;
  let step = 1;
  while (low + step < to && ts[low + step]! < time) {
    low += step;
    step *= 2;
  }
  let high = Math.min(to, low + step);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ts[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
