/**
 * Batches at hand as the only table of a scan: what the fragments of nested selects and joins run over at the
 * coordinator. The table has no name and no tags; every batch is one block.
 */
import type { Vector } from '@tdnode/common';
import { maxNumber, minNumber } from '../functions/ranges.ts';
import type { BlockCursor, Scan, ScanBlock, ScanSpec, ScanTable } from '../scan.ts';
import { cutToRange } from './time-order.ts';
import type { TimedBatch } from './time-order.ts';

const TABLE: ScanTable = { uid: 0, tid: 1, name: '', tag: () => null };

export class BatchScan implements Scan {
  readonly #batches: readonly TimedBatch[];
  readonly #columnAt: ReadonlyMap<number, number>;

  /** `columnAt`: which column of the batches has a colId. */
  constructor(batches: readonly TimedBatch[], columnAt: ReadonlyMap<number, number>) {
    this.#batches = batches;
    this.#columnAt = columnAt;
  }

  table(): ScanTable {
    return TABLE;
  }

  childTables(): ScanTable[] {
    return [TABLE];
  }

  childTableCount(): number {
    return 1;
  }

  open(_table: ScanTable, spec: ScanSpec): BlockCursor {
    const columns = spec.colIds.map((colId) => this.#columnAt.get(colId)!);
    const batches = this.#batches;
    let at = 0;
    return {
      next: () => {
        while (at < batches.length) {
          const one = batches[spec.descending ? batches.length - 1 - at : at]!;
          at++;
          const cut = isWithin(one, spec) ? one : cutToRange(one, spec.from, spec.to);
          if (cut !== undefined) return blockOf(cut, columns);
        }
        return undefined;
      },
      close: () => undefined,
    };
  }

  lastRow(): undefined {
    return undefined;
  }
}

/** Ends are enough where rows ascend; where they do not, the scan asks for all times. */
function isWithin({ batch, ts }: TimedBatch, spec: ScanSpec): boolean {
  return ts[0]! >= spec.from && ts[batch.rows - 1]! <= spec.to;
}

function blockOf({ batch, ts }: TimedBatch, columns: readonly number[]): ScanBlock {
  const { rows } = batch;
  return {
    rows,
    // Rows in any order have no first and last: what counts is between which times they lie.
    tsFirst: minNumber(ts, 0, rows),
    tsLast: maxNumber(ts, 0, rows),
    ts: () => ts,
    column: (i): Vector => batch.columns[columns[i]!]!,
    stats: () => undefined,
  };
}
