/** Running a diff fragment: the differences of one table's column, in the order asked for. */
import { encodeBatch, isFloatType, MAX_BATCH_ROWS, SqlType } from '@tdnode/common';
import { wideValue } from '../functions/cells.ts';
import { BlockRowsFinder } from '../operators/block-rows.ts';
import type { WantedRows } from '../operators/block-rows.ts';
import { ColumnBuilder } from '../operators/column-builder.ts';
import type { DiffFragment } from '../plan/fragment.ts';
import type { Scan, ScanBlock } from '../scan.ts';
import { BLOCK_UNITS, Slice } from './slice.ts';
import { tablesOfFragment } from './table-list.ts';

/** Yields encoded batches of time and difference, undefined after each slice. */
export function* runDiff(fragment: DiffFragment, scan: Scan): Generator<Uint8Array | undefined> {
  const run = new DiffRun(fragment);
  const slice = new Slice();
  const { from, to, columns } = fragment.scan;
  for (const { table, condition } of tablesOfFragment(fragment, scan)) {
    const finder = new BlockRowsFinder(fragment.scan, condition);
    const { descending } = fragment;
    const colIds = columns.map((column) => column.colId);
    const cursor = scan.open(table, { colIds, from, to, descending });
    try {
      for (let block = cursor.next(); block !== undefined; block = cursor.next()) {
        yield* takeRows(run, block, finder.find(block), descending);
        if (run.left <= 0) break;
        if (slice.spend(block.rows + BLOCK_UNITS)) yield undefined;
      }
    } finally {
      cursor.close();
    }
  }
  if (!run.isEmpty) yield run.batch();
}

function* takeRows(
  run: DiffRun,
  block: ScanBlock,
  rows: WantedRows,
  descending: boolean,
): Generator<Uint8Array> {
  for (let i = 0; i < rows.count && run.left > 0; i++) {
    const at = descending ? rows.count - 1 - i : i;
    run.take(block, rows.selection === undefined ? rows.from + at : rows.selection[at]!);
    if (run.isFull) yield run.batch();
  }
}

class DiffRun {
  readonly #index: number;
  readonly #subtract: (a: number | bigint, b: number | bigint) => number | bigint;
  readonly #times = new ColumnBuilder(MAX_BATCH_ROWS, SqlType.TIMESTAMP);
  readonly #values: ColumnBuilder;
  /** Differences still wanted. */
  left: number;
  /** NaN: none yet. */
  #before: number | bigint = NaN;

  constructor(fragment: DiffFragment) {
    const { type } = fragment.scan.columns[fragment.index]!;
    this.#index = fragment.index;
    this.#values = new ColumnBuilder(MAX_BATCH_ROWS, type);
    this.#subtract = subtraction(type);
    this.left = fragment.limit ?? Infinity;
  }

  get isEmpty(): boolean {
    return this.#times.rows === 0;
  }

  get isFull(): boolean {
    return this.#times.rows === MAX_BATCH_ROWS;
  }

  /** Takes the next row of the table. */
  take(block: ScanBlock, row: number): void {
    const vector = block.column(this.#index);
    if (vector.kind === 'str') return;
    const value =
      vector.kind === 'f64' ? vector.data[row]! : wideValue(vector.data[row]!, vector.unsigned);
    if (value !== value) return;
    const before = this.#before;
    this.#before = value;
    if (before !== before) return;
    this.#times.appendNumber(block.ts()[row]!);
    this.#values.appendValue(this.#subtract(value, before), 1);
    this.left--;
  }

  batch(): Uint8Array {
    const columns = [this.#times.finish(), this.#values.finish()];
    const bytes = encodeBatch({ rows: this.#times.rows, columns });
    this.#times.reset();
    this.#values.reset();
    return bytes;
  }
}

const INTEGER_BITS: { readonly [type: number]: number } = {
  [SqlType.TINYINT]: 8,
  [SqlType.SMALLINT]: 16,
  [SqlType.INT]: 32,
  [SqlType.BIGINT]: 64,
};

/** Integers wrap as their type does, FLOAT is rounded to 32 bits. */
function subtraction(type: SqlType): (a: number | bigint, b: number | bigint) => number | bigint {
  if (type === SqlType.FLOAT) return (a, b) => Math.fround(Number(a) - Number(b));
  if (isFloatType(type)) return (a, b) => Number(a) - Number(b);
  const bits = INTEGER_BITS[type] ?? 64;
  const limit = 2 ** Math.min(52, bits - 1);
  return (a, b) => {
    const difference = Number(a) - Number(b);
    if (difference >= -limit && difference < limit) return difference;
    return BigInt.asIntN(bits, BigInt(a) - BigInt(b));
  };
}
