/** A scan that counts what is read through it: for `explain analyze`. */
import { decodeBatch, encodeBatch } from '@tdnode/common';
import type { Vector } from '@tdnode/common';
import type { BlockCursor, ColumnStats, Scan, ScanBlock, ScanSpec, ScanTable } from '../scan.ts';

/** What one fragment read. */
export interface ScanCounts {
  /** Tables whose rows were asked for. */
  readonly tables: number;
  /** Tables whose newest row sufficed. */
  readonly newestRows: number;
  readonly blocks: number;
  /** Blocks of which nothing was decoded: their statistics were enough. */
  readonly pruned: number;
  /** Rows of the blocks that were decoded. */
  readonly rows: number;
}

/** The fields of `ScanCounts` in the order they travel. */
const COUNT_FIELDS = [
  'tables',
  'newestRows',
  'blocks',
  'pruned',
  'rows',
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
  counts(): ScanCounts {
    return {
      tables: this.#tables,
      newestRows: this.#newestRows,
      blocks: this.#blocks,
      pruned: this.#blocks - this.#decoded,
      rows: this.#rows,
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
      ts: () => {
        decoded();
        return block.ts();
      },
      column: (i: number): Vector => {
        decoded();
        return block.column(i);
      },
      test: (i, range, bits) => {
        const isDone = block.test?.(i, range, bits) ?? false;
        if (isDone) decoded();
        return isDone;
      },
      stats: (i: number): ColumnStats | undefined => block.stats(i),
    };
  }
}

/** The counts as a batch of one row. */
export function encodeCounts(counts: ScanCounts): Uint8Array {
  const columns = COUNT_FIELDS.map((field): Vector => ({
    kind: 'f64',
    data: Float64Array.of(counts[field]),
    nullCount: 0,
  }));
  return encodeBatch({ rows: 1, columns });
}

/** The counts out of such a batch. */
export function decodeCounts(bytes: Uint8Array): ScanCounts {
  const { columns } = decodeBatch(bytes);
  const numbers = columns.map((column) => (column.kind === 'f64' ? column.data[0]! : 0));
  const [tables, newestRows, blocks, pruned, rows] = numbers as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { tables, newestRows, blocks, pruned, rows };
}
