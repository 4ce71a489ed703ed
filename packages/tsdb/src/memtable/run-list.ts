/**
 * Rows of one table in time order, as runs: row ranges [from, to) of groups. Both kinds of tables end up as
 * such a list, those in order segment by segment, the others after sorting (`sort-runs.ts`).
 *
 * Invariants: times ascend strictly over the whole list; no run is empty; runs only come at the end, so that
 * a reader who noted the arrays and `count` sees a snapshot.
 */
import type { GroupPool } from './group-pool.ts';
import { grownInt32 } from './grow.ts';

/** See the head of this file. */
export class RunList {
  group: Int32Array<ArrayBuffer>;
  from: Int32Array<ArrayBuffer>;
  to: Int32Array<ArrayBuffer>;
  count = 0;

  constructor(capacity: number) {
    this.group = new Int32Array(capacity);
    this.from = new Int32Array(capacity);
    this.to = new Int32Array(capacity);
  }

  /** Adds rows after all others. */
  push(group: number, from: number, to: number): void {
    const i = this.count++;
    if (i === this.group.length) {
      this.group = grownInt32(this.group, i + 1);
      this.from = grownInt32(this.from, i + 1);
      this.to = grownInt32(this.to, i + 1);
    }
    this.group[i] = group;
    this.from[i] = from;
    this.to[i] = to;
  }

  /** Adds one row after all others, to the last run where it continues it. */
  pushRow(group: number, row: number): void {
    const last = this.count - 1;
    if (last >= 0 && this.group[last] === group && this.to[last] === row) this.to[last] = row + 1;
    else this.push(group, row, row + 1);
  }
}

/** A stretch of a run list: from row `rowBegin` of run `runBegin` to before row `rowEnd` of run `runLast`. */
export interface RunRange {
  readonly group: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly runBegin: number;
  readonly rowBegin: number;
  /** The last run with a row in the range; below `runBegin` when the range is empty. */
  readonly runLast: number;
  readonly rowEnd: number;
}

/** The rows of a list with times in [from, to], both included. */
export function clipRuns(pool: GroupPool, list: RunList, from: number, to: number): RunRange {
  const runBegin = firstRun(list, (i) => pool.ts(list.group[i]!, list.to[i]! - 1) >= from);
  const runLast = firstRun(list, (i) => pool.ts(list.group[i]!, list.from[i]!) > to) - 1;
  const { group, from: fromRow, to: toRow } = list;
  if (runBegin > runLast) {
    return { group, from: fromRow, to: toRow, runBegin: 0, rowBegin: 0, runLast: -1, rowEnd: 0 };
  }
  const rowBegin = firstRow(pool, list, runBegin, from);
  const rowEnd = firstRow(pool, list, runLast, to, true);
  // One run that spans [from, to] without a row inside.
  const isEmpty = runBegin === runLast && rowBegin >= rowEnd;
  return {
    group,
    from: fromRow,
    to: toRow,
    runBegin,
    rowBegin,
    runLast: isEmpty ? runBegin - 1 : runLast,
    rowEnd,
  };
}

function firstRun(list: RunList, isThere: (run: number) => boolean): number {
  let low = 0;
  let high = list.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isThere(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The first row of a run at or after (`after`: only after) a time; the run's end when there is none. */
function firstRow(pool: GroupPool, list: RunList, run: number, ts: number, after = false): number {
  const group = list.group[run]!;
  let low = list.from[run]!;
  let high = list.to[run]!;
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = pool.ts(group, middle);
    if (after ? value > ts : value >= ts) high = middle;
    else low = middle + 1;
  }
  return low;
}
