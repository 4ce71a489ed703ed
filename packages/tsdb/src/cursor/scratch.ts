/** Memory for one decoded block, and the store's stock of it: scans of many small tables allocate nothing. */
import { ColumnScratch } from '../codec/column-scratch.ts';

/** Memory for the times and the columns of one block. */
export class BlockScratch {
  readonly ts = new ColumnScratch();
  readonly #columns: ColumnScratch[] = [];

  column(i: number): ColumnScratch {
    while (this.#columns.length <= i) this.#columns.push(new ColumnScratch());
    return this.#columns[i]!;
  }
}

/** Scratches kept for later; more than this many are left to the garbage collector. */
const KEPT_MAX = 16;

/** See the head of this file. */
export class ScratchPool {
  readonly #free: BlockScratch[] = [];

  take(): BlockScratch {
    return this.#free.pop() ?? new BlockScratch();
  }

  giveBack(scratch: BlockScratch): void {
    if (this.#free.length < KEPT_MAX) this.#free.push(scratch);
  }
}
