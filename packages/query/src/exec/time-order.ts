/** Batches by time: whether they ascend, which rows lie in a range, and the same rows in time order. */
import { MAX_BATCH_ROWS, NULL_BIGINT, SqlType, storedNanoseconds } from '@tdnode/common';
import type { Batch, Precision, Vector } from '@tdnode/common';
import { ColumnBuilder } from '../operators/column-builder.ts';

/** Rows and their times; NULL times are taken for the earliest. */
export interface TimedBatch {
  readonly batch: Batch;
  readonly ts: Float64Array;
}

/** What `timesOf` must know. */
export interface TimesSource {
  /** The batch's time column; undefined: rows are numbered from `base` on. */
  readonly timeAt: number | undefined;
  readonly base: number;
  readonly precision: Precision;
}

/** Stored times of a batch's rows. */
export function timesOf(batch: Batch, { timeAt, base, precision }: TimesSource): Float64Array {
  if (timeAt === undefined) return Float64Array.from({ length: batch.rows }, (_, i) => base + i);
  const vector = batch.columns[timeAt]!;
  if (vector.kind === 'i64')
    return Float64Array.from(vector.data.subarray(0, batch.rows), (value) =>
      precision === 'ns' && value !== NULL_BIGINT ? storedNanoseconds(value) : Number(value),
    );
  if (vector.kind !== 'f64') return new Float64Array(batch.rows);
  if (!hasNull(vector.data, batch.rows)) return vector.data.subarray(0, batch.rows);
  return vector.data
    .subarray(0, batch.rows)
    .map((value) => (value === value ? value : Number.MIN_SAFE_INTEGER));
}

function hasNull(data: Float64Array, rows: number): boolean {
  for (let i = 0; i < rows; i++) if (data[i] !== data[i]) return true;
  return false;
}

/** The rows of a batch whose time is in `[from, to]`. */
export function cutToRange(timed: TimedBatch, from: number, to: number): TimedBatch | undefined {
  const { batch, ts } = timed;
  const selection = new Uint32Array(batch.rows);
  let count = 0;
  for (let i = 0; i < batch.rows; i++) if (ts[i]! >= from && ts[i]! <= to) selection[count++] = i;
  if (count === batch.rows) return timed;
  if (count === 0) return undefined;
  const columns = batch.columns.map((vector) => {
    const builder = new ColumnBuilder(count, typeOfVector(vector));
    builder.appendSelected(vector, selection, 0, count);
    return builder.finish();
  });
  const times = Float64Array.from(selection.subarray(0, count), (i) => ts[i]!);
  return { batch: { rows: count, columns }, ts: times };
}

/** A type whose builder takes the vector as it is. */
export function typeOfVector(vector: Vector): SqlType {
  if (vector.kind === 'str') return SqlType.BINARY;
  if (vector.kind === 'i64' && vector.unsigned) return SqlType.UBIGINT;
  return SqlType.BIGINT;
}

/** Whether the times ascend through all batches. */
export function isAscending(batches: readonly TimedBatch[]): boolean {
  let last = -Infinity;
  for (const { ts } of batches) {
    for (const time of ts) {
      if (time < last) return false;
      last = time;
    }
  }
  return true;
}

/** The rows of all batches in time order; those of one time stay in the order they have. */
export function sortByTime(batches: readonly TimedBatch[], descending: boolean): TimedBatch[] {
  const starts: number[] = [];
  let rows = 0;
  for (const { batch } of batches) {
    starts.push(rows);
    rows += batch.rows;
  }
  const times = new Float64Array(rows);
  const source = new Uint32Array(rows);
  batches.forEach(({ ts, batch }, b) => {
    times.set(ts.subarray(0, batch.rows), starts[b]);
    source.fill(b, starts[b], starts[b]! + batch.rows);
  });
  const sign = descending ? -1 : 1;
  const order = Uint32Array.from(times, (_, i) => i);
  order.sort((a, b) => sign * (times[a]! - times[b]!) || a - b);
  const sorted: TimedBatch[] = [];
  for (let from = 0; from < rows; from += MAX_BATCH_ROWS) {
    const part = order.subarray(from, from + MAX_BATCH_ROWS);
    const columns = (batches[0]?.batch.columns ?? []).map((_, column) => {
      const vectors = batches.map(({ batch }) => batch.columns[column]!);
      const wide = vectors.find((vector) => vector.kind !== 'f64');
      const type = wide === undefined ? SqlType.BIGINT : typeOfVector(wide);
      const builder = new ColumnBuilder(part.length, type);
      for (const row of part) {
        const b = source[row]!;
        builder.appendRow(vectors[b]!, row - starts[b]!);
      }
      return builder.finish();
    });
    const ts = Float64Array.from(part, (row) => times[row]!);
    sorted.push({ batch: { rows: part.length, columns }, ts });
  }
  return sorted;
}

/** Bytes a batch holds, roughly. */
export function batchBytes(batch: Batch): number {
  let bytes = 0;
  for (const vector of batch.columns) {
    bytes += batch.rows * 8;
    if (vector.kind === 'str') bytes += vector.bytes.length;
  }
  return bytes;
}
