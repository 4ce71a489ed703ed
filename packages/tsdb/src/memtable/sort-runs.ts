/**
 * Sorts the rows of a table whose segments overlap in time, and resolves rows under one time.
 *
 * Segments are ascending in themselves, and neighbours often continue each other, so a natural merge sort
 * is used: stable, so that of equal times the earlier written one stands first.
 */
import type { GroupPool } from './group-pool.ts';
import { RunList } from './run-list.ts';

/** Segments of one table in the order they were written, as parallel arrays. */
export interface SegmentRows {
  readonly group: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly count: number;
}

/**
 * The rows in time order. Of rows under one time the first written stays, or with `isLastKept` the last.
 */
export function sortRuns(pool: GroupPool, segments: SegmentRows, isLastKept: boolean): RunList {
  let rows = 0;
  for (let s = 0; s < segments.count; s++) rows += segments.to[s]! - segments.from[s]!;
  const ts = new Float64Array(rows);
  const segmentOf = new Int32Array(rows);
  const rowOf = new Int32Array(rows);
  const bounds: number[] = [0];
  let at = 0;
  for (let s = 0; s < segments.count; s++) {
    const group = segments.group[s]!;
    const to = segments.to[s]!;
    const from = segments.from[s]!;
    if (at > 0 && pool.ts(group, from) < ts[at - 1]!) bounds.push(at);
    for (let row = from; row < to; row++) {
      ts[at] = pool.ts(group, row);
      segmentOf[at] = s;
      rowOf[at++] = row;
    }
  }
  bounds.push(rows);
  const order = mergeSort(ts, bounds);
  return resolve(order, { ts, segmentOf, rowOf, segments, isLastKept });
}

interface Resolving {
  readonly ts: Float64Array;
  readonly segmentOf: Int32Array;
  readonly rowOf: Int32Array;
  readonly segments: SegmentRows;
  readonly isLastKept: boolean;
}

function resolve(order: Int32Array, rows: Resolving): RunList {
  const { ts, segmentOf, rowOf, segments, isLastKept } = rows;
  const list = new RunList(Math.min(order.length, segments.count * 2));
  for (let i = 0; i < order.length;) {
    const time = ts[order[i]!]!;
    let kept = order[i]!;
    for (i++; i < order.length; i++) {
      const next = order[i]!;
      if (time !== ts[next]) break;
      if (isLastKept) kept = next;
    }
    list.pushRow(segments.group[segmentOf[kept]!]!, rowOf[kept]!);
  }
  return list;
}

/** Numbers of the rows in time order. `bounds`: where ascending stretches begin, and the end. */
function mergeSort(ts: Float64Array, bounds: readonly number[]): Int32Array {
  let source = new Int32Array(ts.length);
  for (let i = 0; i < source.length; i++) source[i] = i;
  let target = new Int32Array(ts.length);
  let edges = bounds;
  while (edges.length > 2) {
    const next: number[] = [0];
    for (let i = 0; i + 1 < edges.length; i += 2) {
      const begin = edges[i]!;
      const middle = edges[i + 1]!;
      const end = edges[i + 2] ?? middle;
      merge(ts, source, target, { begin, middle, end });
      next.push(end);
    }
    const swap = source;
    source = target;
    target = swap;
    edges = next;
  }
  return source;
}

interface Stretch {
  readonly begin: number;
  readonly middle: number;
  readonly end: number;
}

function merge(ts: Float64Array, source: Int32Array, target: Int32Array, stretch: Stretch): void {
  const { begin, middle, end } = stretch;
  let left = begin;
  let right = middle;
  for (let to = begin; to < end; to++) {
    const isLeft = left < middle && (right >= end || ts[source[left]!]! <= ts[source[right]!]!);
    target[to] = isLeft ? source[left++]! : source[right++]!;
  }
}
