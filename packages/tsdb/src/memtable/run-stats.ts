/**
 * Statistics of rows in memory, as the blocks of files have them: measured when first asked for, once for each stretch of a
 * group that readers meet again and again, and kept with the memory table. Memory that comes a few rows at a time is not
 * worth it, nor are stretches cut by somebody's time range.
 */
import { MAX_BATCH_ROWS, isFloatType, isStringType, type SqlType } from '@tdnode/common';
import { ColumnScratch } from '../codec/column-scratch.ts';
import { measure, newMeasure, type Measure } from '../codec/measure.ts';
import type { ColumnStats } from '../cursor/scan.ts';
import { gatherColumn, type GatherColumn } from './gather.ts';
import { STRETCH_ROWS, type GroupPool } from './group-pool.ts';
import type { RunRange } from './run-list.ts';

/** Stretches of fewer rows have no statistics. */
const ROWS_MIN = 256;
const MAX_EXACT = 2 ** 53;

/** Within one call only. */
const scratch = new ColumnScratch();

/** What is known of rows [from, to) of one column of one group; `from` is part of its key. */
export interface KnownStretch {
  readonly to: number;
  /** Undefined: the values are no exact doubles. */
  readonly measured: Measure | undefined;
}

/** Statistics of a range's rows, or undefined where there are none. */
export function rangeStats(
  pool: GroupPool,
  range: RunRange,
  column: GatherColumn,
): ColumnStats | undefined {
  if (isStringType(column.type)) return undefined;
  const whole = newMeasure();
  let rows = 0;
  for (let run = range.runBegin; run <= range.runLast; run++) {
    const part = runMeasure(pool, range, run, column);
    if (part === undefined) return undefined;
    if (run === range.runBegin) whole.first = part.first;
    whole.last = part.last;
    whole.nullCount += part.nullCount;
    whole.sum += part.sum;
    if (part.min < whole.min) whole.min = part.min;
    if (part.max > whole.max) whole.max = part.max;
    rows += rowTo(range, run) - rowFrom(range, run);
  }
  return isExact(whole, rows, column.type) ? whole : undefined;
}

function rowFrom(range: RunRange, run: number): number {
  return run === range.runBegin ? range.rowBegin : range.from[run]!;
}

function rowTo(range: RunRange, run: number): number {
  return run === range.runLast ? range.rowEnd : range.to[run]!;
}

function runMeasure(
  pool: GroupPool,
  range: RunRange,
  run: number,
  column: GatherColumn,
): Measure | undefined {
  const from = rowFrom(range, run);
  const to = rowTo(range, run);
  if (to - from < ROWS_MIN || from >= STRETCH_ROWS) return undefined;
  if (!isRecurring(range, run, from, to)) return undefined;
  const group = range.group[run]!;
  const index = column.indexOf[pool.layoutId(group)]!;
  if (index < 0) return undefined;
  const known = pool.stretch(group, index, from);
  if (known?.to === to) return known.measured;
  const measured = measureRows(pool, { group, from, to }, column);
  pool.keepStretch(group, index, from, { to, measured });
  return measured;
}

/** Whether the stretch is a whole run or one that block after block of a long run gives. */
function isRecurring(range: RunRange, run: number, from: number, to: number): boolean {
  const first = range.from[run]!;
  if ((from - first) % MAX_BATCH_ROWS !== 0) return false;
  return to === range.to[run] || to - from === MAX_BATCH_ROWS;
}

function measureRows(
  pool: GroupPool,
  rows: { readonly group: number; readonly from: number; readonly to: number },
  column: GatherColumn,
): Measure | undefined {
  const { group, from, to } = rows;
  const range = {
    group: Int32Array.of(group),
    from: Int32Array.of(from),
    to: Int32Array.of(to),
    runBegin: 0,
    rowBegin: from,
    runLast: 0,
    rowEnd: to,
  };
  const vector = gatherColumn(pool, range, column, to - from, scratch);
  if (vector.kind !== 'f64') return undefined;
  const measured = newMeasure();
  measure(vector.data, to - from, measured);
  return measured;
}

/** The rule of files (`block-records.ts`): integers add up exactly below 2⁵³, other sums must be finite. */
function isExact(measured: Measure, rows: number, type: SqlType): boolean {
  if (measured.nullCount === rows) return true;
  const { sum, min, max } = measured;
  if (isFloatType(type)) return sum - sum === 0;
  return Math.max(Math.abs(min), Math.abs(max)) * rows <= MAX_EXACT;
}
