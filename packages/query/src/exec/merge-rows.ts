/** Merging streams of rows: one after the other, by key, or without repetition. */
import { decodeBatch, MAX_BATCH_ROWS } from '@tdnode/common';
import type { Batch, TagValue, Vector } from '@tdnode/common';
import { valueOf } from '../functions/cells.ts';
import { ColumnBuilder } from '../operators/column-builder.ts';
import { Heap } from '../operators/heap.ts';
import type { DistinctMerge, OrderedMerge, PlanColumn, RowLimit } from '../plan/metadata.ts';
import { checkBudget } from './budget.ts';
import { compareKeys } from './groups.ts';

type Stream = AsyncIterator<Uint8Array>;

/** Batches of all streams, stream after stream; all of them are started at once. */
export async function* concatStreams(
  streams: readonly Stream[],
  limit: RowLimit,
): AsyncGenerator<Batch> {
  const cut = new LimitCut(limit);
  const started = streams.map((stream) => stream.next());
  // A later stream's failure is reported when its turn comes, not as an unhandled rejection.
  for (const first of started) first.catch(() => undefined);
  for (let i = 0; i < streams.length && !cut.isDone; i++) {
    let step = await started[i]!;
    while (!step.done) {
      const batch = cut.apply(decodeBatch(step.value));
      if (batch !== undefined) yield batch;
      if (cut.isDone) return;
      step = await streams[i]!.next();
    }
  }
}

/** Applies limit and offset to a sequence of batches. */
export class LimitCut {
  #skip: number;
  #left: number;

  constructor(limit: RowLimit) {
    this.#skip = limit.offset;
    this.#left = limit.limit ?? Infinity;
  }

  get isDone(): boolean {
    return this.#left <= 0;
  }

  /** What of the batch belongs to the answer. */
  apply(batch: Batch): Batch | undefined {
    const from = Math.min(this.#skip, batch.rows);
    this.#skip -= from;
    const to = Math.min(batch.rows, from + this.#left);
    this.#left -= to - from;
    if (to <= from) return undefined;
    if (from === 0 && to === batch.rows) return batch;
    return { rows: to - from, columns: batch.columns.map((column) => cutVector(column, from, to)) };
  }
}

function cutVector(vector: Vector, from: number, to: number): Vector {
  if (vector.kind === 'f64')
    return { ...vector, data: vector.data.subarray(from, to), nullCount: -1 };
  if (vector.kind === 'i64')
    return { ...vector, data: vector.data.subarray(from, to), nullCount: -1 };
  const builder = new ColumnBuilder(to - from, STRING_TYPE);
  builder.appendRange(vector, from, to);
  return builder.finish();
}

const STRING_TYPE = 8;

/** One stream's current batch and row. */
class Head {
  readonly #stream: Stream;
  batch: Batch = { rows: 0, columns: [] };
  row = 0;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  get key(): TagValue {
    return valueOf(this.batch.columns[this.batch.columns.length - 1]!, this.row);
  }

  /** End of the run of rows from `row` on that come before (or with) the other's next row. */
  runEnd(other: Head | undefined, end: number, sign: number): number {
    if (other === undefined) return end;
    const keys = this.batch.columns.at(-1)!;
    const bound = other.key;
    let row = this.row + 1;
    if (keys.kind === 'f64' && typeof bound === 'number') {
      while (row < end && sign * (keys.data[row]! - bound) <= 0) row++;
    } else {
      while (row < end && sign * compareKeys(valueOf(keys, row), bound) <= 0) row++;
    }
    return row;
  }

  /** Steps to the next batch; false at the end. */
  async load(): Promise<boolean> {
    for (;;) {
      const step = await this.#stream.next();
      if (step.done) return false;
      this.batch = decodeBatch(step.value);
      this.row = 0;
      if (this.batch.rows > 0) return true;
    }
  }
}

/** Rows of streams that are each ordered by their last column, in that order, without that column. */
export async function* mergeOrdered(
  streams: readonly Stream[],
  merge: OrderedMerge,
  columns: readonly PlanColumn[],
): AsyncGenerator<Batch> {
  const sign = merge.descending ? -1 : 1;
  const heap = new Heap<Head>((a, b) => sign * compareKeys(a.key, b.key));
  const heads = streams.map((stream) => new Head(stream));
  const loaded = await Promise.all(heads.map((head) => head.load()));
  heads.forEach((head, i) => {
    if (loaded[i]) heap.push(head);
  });
  const cut = new LimitCut(merge);
  let builders = columns.map((column) => new ColumnBuilder(MAX_BATCH_ROWS, column.type));
  for (let head = heap.pop(); head !== undefined && !cut.isDone; head = heap.pop()) {
    const next = heap.peek();
    const from = head.row;
    const room = MAX_BATCH_ROWS - (builders[0]?.rows ?? 0);
    const end = Math.min(head.batch.rows, from + room);
    head.row = head.runEnd(next, end, sign);
    builders.forEach((builder, i) => {
      builder.appendRange(head.batch.columns[i]!, from, head.row);
    });
    if (builders[0]!.rows === MAX_BATCH_ROWS) {
      const batch = cut.apply(finish(builders));
      if (batch !== undefined) yield batch;
      builders = columns.map((column) => new ColumnBuilder(MAX_BATCH_ROWS, column.type));
    }
    if (head.row < head.batch.rows || (await head.load())) heap.push(head);
  }
  const rest = cut.apply(finish(builders));
  if (rest !== undefined) yield rest;
}

function finish(builders: readonly ColumnBuilder[]): Batch {
  return { rows: builders[0]!.rows, columns: builders.map((builder) => builder.finish()) };
}

/** The different values of one column, ascending (or descending). */
export async function* mergeDistinct(
  streams: readonly Stream[],
  merge: DistinctMerge & { readonly memoryBudgetBytes: number },
  column: PlanColumn,
): AsyncGenerator<Batch> {
  const values = new Map<string, TagValue>();
  for await (const batch of concatStreams(streams, { limit: undefined, offset: 0 })) {
    for (let row = 0; row < batch.rows; row++) {
      const value = valueOf(batch.columns[0]!, row);
      const key =
        value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value);
      if (!values.has(key)) values.set(key, value instanceof Uint8Array ? value.slice() : value);
    }
    checkBudget(values.size * 100, merge.memoryBudgetBytes);
  }
  const sign = merge.descending ? -1 : 1;
  const sorted = [...values.values()].sort((a, b) => sign * compareKeys(a, b));
  const wanted = sorted.slice(
    merge.offset,
    merge.limit === undefined ? undefined : merge.offset + merge.limit,
  );
  for (let from = 0; from < wanted.length; from += MAX_BATCH_ROWS) {
    const part = wanted.slice(from, from + MAX_BATCH_ROWS);
    const builder = new ColumnBuilder(part.length, column.type);
    for (const value of part) builder.appendValue(value, 1);
    yield { rows: part.length, columns: [builder.finish()] };
  }
}
