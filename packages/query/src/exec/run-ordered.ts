/**
 * Running a rows fragment over many tables in time order: every table is read by a cursor of its own, a
 * heap tells whose row is next, and runs of rows of one table are copied together.
 */
import { MAX_BATCH_ROWS } from '@tdnode/common';
import type { TagValue, Vector } from '@tdnode/common';
import type { RowsFragment } from '../plan/fragment.ts';
import { BlockRowsFinder } from '../operators/block-rows.ts';
import { Heap } from '../operators/heap.ts';
import { Projector } from '../operators/project.ts';
import type { BlockCursor, Scan, ScanBlock } from '../scan.ts';
import { checkBudget } from './budget.ts';
import { Slice } from './slice.ts';
import { tablesOfFragment } from './table-list.ts';
import type { FilteredTable } from './table-list.ts';

/** A table's rows one after the other, in the order of the query. */
class TableReader {
  readonly filtered: FilteredTable;
  readonly #cursor: BlockCursor;
  readonly #finder: BlockRowsFinder;
  readonly #descending: boolean;
  block: ScanBlock | undefined;
  /** Wanted rows of the block, in order; `[at, count)` are left. */
  selection: Uint32Array = new Uint32Array(0);
  at = 0;
  count = 0;
  /** Times of the block's rows. */
  ts: Float64Array = new Float64Array(0);
  /** What block and table give to the outputs; made when the first row is wanted. */
  vectors: readonly (Vector | undefined)[] | undefined;
  values: readonly TagValue[] | undefined;

  constructor(fragment: RowsFragment, filtered: FilteredTable, scan: Scan) {
    const { columns, from, to } = fragment.scan;
    const colIds = columns.map((column) => column.colId);
    this.filtered = filtered;
    this.#descending = fragment.descending;
    this.#finder = new BlockRowsFinder(fragment.scan, filtered.condition);
    this.#cursor = scan.open(filtered.table, { colIds, from, to, descending: fragment.descending });
  }

  /** Time of the next row. */
  get time(): number {
    return this.ts[this.selection[this.at]!]!;
  }

  /** Steps to the next block with wanted rows; false at the end. */
  load(): boolean {
    for (let block = this.#cursor.next(); block !== undefined; block = this.#cursor.next()) {
      const rows = this.#finder.find(block);
      if (rows.count === 0) continue;
      if (this.selection.length < rows.count)
        this.selection = new Uint32Array(Math.max(rows.count, block.rows));
      for (let i = 0; i < rows.count; i++) {
        const row = rows.selection === undefined ? rows.from + i : rows.selection[i]!;
        this.selection[this.#descending ? rows.count - 1 - i : i] = row;
      }
      this.block = block;
      this.vectors = undefined;
      this.ts = block.ts();
      this.at = 0;
      this.count = rows.count;
      return true;
    }
    this.block = undefined;
    return false;
  }

  /** End of the run of rows from `at` on whose times do not pass `bound`. */
  runEnd(bound: number, most: number): number {
    const end = Math.min(this.count, this.at + most);
    let i = this.at + 1;
    if (this.#descending) while (i < end && this.ts[this.selection[i]!]! >= bound) i++;
    else while (i < end && this.ts[this.selection[i]!]! <= bound) i++;
    return i;
  }

  close(): void {
    this.#cursor.close();
  }
}

/** Yields encoded batches in time order, or undefined at the end of a slice. */
export function* runOrdered(fragment: RowsFragment, scan: Scan): Generator<Uint8Array | undefined> {
  const slice = new Slice();
  const readers: TableReader[] = [];
  const sign = fragment.descending ? -1 : 1;
  const heap = new Heap<TableReader>((a, b) => sign * (a.time - b.time));
  const columns = fragment.scan.columns.length + 1;
  let heldRows = 0;
  try {
    for (const filtered of tablesOfFragment(fragment, scan)) {
      const reader = new TableReader(fragment, filtered, scan);
      readers.push(reader);
      if (reader.load()) {
        heap.push(reader);
        heldRows += reader.block!.rows;
        checkBudget(heldRows * columns * 8, fragment.memoryBudgetBytes);
      } else reader.close();
      if (slice.spend(MAX_BATCH_ROWS)) yield undefined;
    }
    yield* mergeReaders(fragment, heap, slice);
  } finally {
    for (const reader of readers) reader.close();
  }
}

function* mergeReaders(
  fragment: RowsFragment,
  heap: Heap<TableReader>,
  slice: Slice,
): Generator<Uint8Array | undefined> {
  const projector = new Projector(fragment.outputs, fragment.scan.columns);
  const far = fragment.descending ? -Infinity : Infinity;
  let left = fragment.limit ?? Infinity;
  while (left > 0) {
    const reader = heap.pop();
    if (reader === undefined) break;
    reader.values ??= projector.valuesOf(reader.filtered.table);
    reader.vectors ??= projector.vectorsOf(reader.block!, 0, reader.block!.rows);
    const end = reader.runEnd(heap.peek()?.time ?? far, Math.min(projector.room, left));
    const rows = { selection: reader.selection, from: reader.at, to: end };
    projector.append(rows, reader.vectors, reader.values);
    left -= end - reader.at;
    if (slice.spend((end - reader.at) * 16 + 64)) yield undefined;
    reader.at = end;
    if (projector.room === 0) yield projector.take();
    if (reader.at < reader.count || reader.load()) heap.push(reader);
    else reader.close();
  }
  if (projector.rows > 0) yield projector.take();
}
