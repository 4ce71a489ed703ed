/** A scan that counts what is read through it: for `explain analyze`. */
import type { Vector } from '@tdnode/common';
import type { BlockCursor, ColumnStats, Scan, ScanBlock, ScanSpec, ScanTable } from '../scan.ts';

/** What one fragment read. */
export interface ScanCounts {
  /** Tables whose rows were asked for. */
  readonly tables: number;
  /** Tables whose newest row sufficed. */
  readonly newestRows: number;
  readonly blocks: number;
  /** Blocks of which no value was decoded: statistics or times were enough. */
  readonly pruned: number;
  /** Rows of the blocks that were decoded. */
  readonly rows: number;
  /** Time in the engine, us; waiting for the reader is not counted. */
  readonly elapsedUs: number;
}

/** The fields of `ScanCounts` in the order they travel. */
export const COUNT_FIELDS = [
  'tables',
  'newestRows',
  'blocks',
  'pruned',
  'rows',
  'elapsedUs',
] as const satisfies readonly (keyof ScanCounts)[];

export class CountingScan implements Scan {
  readonly #scan: Scan;
  #tables = 0;
  #newestRows = 0;
  #blocks = 0;
  #decoded = 0;
  #rows = 0;

  constructor(scan: Scan) {
    this.#scan = scan;
  }

  /** What was read so far. */
  counts(elapsedUs: number): ScanCounts {
    return {
      tables: this.#tables,
      newestRows: this.#newestRows,
      blocks: this.#blocks,
      pruned: this.#blocks - this.#decoded,
      rows: this.#rows,
      elapsedUs,
    };
  }

  table(uid: number): ScanTable | undefined {
    return this.#scan.table(uid);
  }

  childTables(stableUid: number): Iterable<ScanTable> {
    return this.#scan.childTables(stableUid);
  }

  childTableCount(stableUid: number): number {
    return this.#scan.childTableCount(stableUid);
  }

  open(table: ScanTable, spec: ScanSpec): BlockCursor {
    const cursor = this.#scan.open(table, spec);
    this.#tables++;
    return {
      next: () => {
        const block = cursor.next();
        if (block === undefined) return undefined;
        this.#blocks++;
        return this.#counted(block);
      },
      close: () => cursor.close(),
    };
  }

  lastRow(table: ScanTable, colIds: readonly number[]): ReturnType<Scan['lastRow']> {
    const row = this.#scan.lastRow(table, colIds);
    if (row !== undefined) this.#newestRows++;
    return row;
  }

  #counted(block: ScanBlock): ScanBlock {
    let isDecoded = false;
    const decoded = (): void => {
      if (isDecoded) return;
      isDecoded = true;
      this.#decoded++;
      this.#rows += block.rows;
    };
    return {
      rows: block.rows,
      tsFirst: block.tsFirst,
      tsLast: block.tsLast,
      ...(block.stride === undefined ? {} : { stride: block.stride }),
      ts: () => block.ts(),
      column: (i: number): Vector => {
        decoded();
        return block.column(i);
      },
      stats: (i: number): ColumnStats | undefined => block.stats(i),
    };
  }
}
