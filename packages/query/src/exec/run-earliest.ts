/**
 * Running a rows fragment over many tables in time order when only a few rows are wanted: the tables are
 * read one after the other, at most `limit` rows of each, and a pool keeps the earliest (or latest) rows of
 * all. Needs memory for the pool only, however many tables there are.
 */
import { MAX_BATCH_ROWS } from '@tdnode/common';
import type { RowsFragment } from '../plan/fragment.ts';
import { BlockRowsFinder } from '../operators/block-rows.ts';
import type { WantedRows } from '../operators/block-rows.ts';
import { Projector } from '../operators/project.ts';
import type { Scan, ScanBlock } from '../scan.ts';
import { Slice } from './slice.ts';
import { tablesOfFragment } from './table-list.ts';
import type { FilteredTable } from './table-list.ts';

/** The pool is cut back when it holds so many rows beyond twice the limit. */
const POOL_SLACK = 16;

/** Whether so few rows are wanted that a pool is the way. */
export function isShort(limit: number | undefined): limit is number {
  return limit !== undefined && limit <= MAX_BATCH_ROWS;
}

/** Yields encoded batches in time order at the end, undefined after each slice before. */
export function* runEarliest(
  fragment: RowsFragment,
  scan: Scan,
): Generator<Uint8Array | undefined> {
  const pool = new Pool(fragment);
  const slice = new Slice();
  for (const filtered of tablesOfFragment(fragment, scan)) {
    if (pool.limit === 0) return;
    yield* readTable(pool, filtered, { fragment, scan, slice });
  }
  yield* pool.finish();
}

interface Context {
  readonly fragment: RowsFragment;
  readonly scan: Scan;
  readonly slice: Slice;
}

function* readTable(pool: Pool, filtered: FilteredTable, context: Context): Generator<undefined> {
  const { fragment, scan, slice } = context;
  const { columns, from, to } = fragment.scan;
  const colIds = columns.map((column) => column.colId);
  const { descending } = fragment;
  const finder = new BlockRowsFinder(fragment.scan, filtered.condition);
  const cursor = scan.open(filtered.table, { colIds, from, to, descending });
  let left = pool.limit;
  try {
    for (let block = cursor.next(); block !== undefined && left > 0; block = cursor.next()) {
      if (pool.isBeyond(descending ? block.tsLast : block.tsFirst)) break;
      const rows = finder.find(block);
      if (rows.count > 0) left -= pool.add(filtered, block, rows, left);
      if (slice.spend(block.rows * (columns.length + 1))) yield undefined;
    }
  } finally {
    cursor.close();
  }
}

/** The best rows so far, and some more that have not been thrown out yet. */
class Pool {
  readonly limit: number;
  readonly #fragment: RowsFragment;
  #projector: Projector;
  /** Time of the last row that is still wanted; rows beyond it are not. */
  #bar: number;

  constructor(fragment: RowsFragment) {
    this.limit = fragment.limit ?? MAX_BATCH_ROWS;
    this.#fragment = fragment;
    this.#projector = this.#newProjector();
    this.#bar = fragment.descending ? -Infinity : Infinity;
  }

  #newProjector(): Projector {
    const { outputs, scan } = this.#fragment;
    return new Projector(outputs, scan.columns, this.limit * 2 + POOL_SLACK);
  }

  /** Whether a row of this time cannot be wanted any more. */
  isBeyond(time: number): boolean {
    return this.#fragment.descending ? time <= this.#bar : time >= this.#bar;
  }

  /** Takes up to `most` rows of a block, in the order of the query; returns how many. */
  add(filtered: FilteredTable, block: ScanBlock, rows: WantedRows, most: number): number {
    const { descending } = this.#fragment;
    const count = Math.min(rows.count, most);
    const selection = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const at = descending ? rows.count - 1 - i : i;
      selection[i] = rows.selection === undefined ? rows.from + at : rows.selection[at]!;
    }
    if (this.#projector.room < count) this.#prune();
    const vectors = this.#projector.vectorsOf(block, rows.from, rows.to);
    const values = this.#projector.valuesOf(filtered.table);
    this.#projector.append({ selection, from: 0, to: count }, vectors, values);
    return count;
  }

  /** Row numbers of the pool in time order, the wanted ones only. */
  #order(times: Float64Array): Uint32Array {
    const sign = this.#fragment.descending ? -1 : 1;
    const order = Uint32Array.from({ length: this.#projector.rows }, (_, i) => i);
    order.sort((a, b) => sign * (times[a]! - times[b]!) || a - b);
    return order.subarray(0, this.limit);
  }

  #prune(): void {
    const vectors = this.#projector.vectors();
    const times = timesOf(this.#projector);
    const order = this.#order(times);
    const next = this.#newProjector();
    next.append({ selection: order, from: 0, to: order.length }, vectors, []);
    if (order.length === this.limit) this.#bar = times[order.at(-1)!]!;
    this.#projector = next;
  }

  *finish(): Generator<Uint8Array> {
    if (this.#projector.rows === 0) return;
    const order = this.#order(timesOf(this.#projector));
    const vectors = this.#projector.vectors();
    const { outputs, scan } = this.#fragment;
    const batch = new Projector(outputs, scan.columns);
    batch.append({ selection: order, from: 0, to: order.length }, vectors, []);
    yield batch.take();
  }
}

/** Times of the pool's rows: its last column. */
function timesOf(projector: Projector): Float64Array {
  const keys = projector.vectors().at(-1);
  return keys?.kind === 'f64' ? keys.data : new Float64Array(0);
}
