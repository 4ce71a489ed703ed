/**
 * The fill clause at the end of an aggregation: a row for every window of each group, and values for what is missing,
 * a column at a time. Rows are worked through in the order of the answer.
 *
 * Recorded of TDengine 2.1 and kept: what was last seen is carried from one group into the next; with `next`, NULL
 * in a window that has rows becomes 0; with `linear`, a NULL integer counts as the least of its type.
 */
import {
  isFloatType,
  isStringType,
  isUnsignedType,
  SqlType,
  storedNanoseconds,
  ticksOfStored,
  timeArithmetic,
} from '@tdnode/common';
import type { Precision, TagValue } from '@tdnode/common';
import { windowCutter } from '../operators/window.ts';
import type { IntervalWindow } from '../plan/fragment.ts';
import type { FillSpec } from '../plan/metadata.ts';

/** No row of its own. */
export const MISSING = -1;

/** Rows of the answer: slot (or MISSING) and window start of each; groups end at `ends`. */
export interface FilledRows {
  readonly slots: number[];
  readonly starts: number[];
  readonly groups: number[];
  readonly ends: number[];
  readonly precision: Precision;
}

/** Starts of the windows of a fill clause, ascending. */
export function windowStarts(spec: FillSpec, window: IntervalWindow): number[] {
  const starts: number[] = [];
  const windows = windowCutter(window);
  for (let start = windows.first(spec.from); start <= spec.to; start = windows.next(start))
    starts.push(start);
  return starts;
}

/** Adds a group's rows: its slots, in the order of the answer, among all windows in the same order. */
export function addGroup(
  rows: FilledRows,
  group: { readonly number: number; readonly rows: readonly number[] },
  starts: readonly number[],
  slotWindow: readonly number[],
): void {
  let next = 0;
  for (const start of starts) {
    const slot = group.rows[next];
    const isThere = slot !== undefined && slotWindow[slot] === start;
    rows.slots.push(isThere ? slot : MISSING);
    rows.starts.push(start);
    rows.groups.push(group.number);
    if (isThere) next++;
  }
  rows.ends.push(rows.slots.length);
}

/** A column's cells: undefined where there is no row, null where its value is NULL. */
export type Cells = (TagValue | undefined)[];

/** Fills a column in place: afterwards nothing is undefined. */
export function fillCells(
  cells: Cells,
  rows: FilledRows,
  column: {
    readonly mode: FillSpec['mode'];
    readonly value: number | null;
    readonly type: SqlType;
    readonly descending: boolean;
  },
): void {
  const { mode, value, type, descending } = column;
  switch (mode) {
    case 'null':
      return replace(cells, undefined, null);
    case 'value':
      replace(cells, undefined, value);
      return replace(cells, null, value);
    case 'linear':
      return fillLinear(cells, rows, type);
    case 'prev':
      return descending ? fillAhead(cells, rows, undefined) : fillBehind(cells);
    case 'next':
      return descending ? fillBehind(cells) : fillAhead(cells, rows, zeroOf(type));
  }
}

function replace(cells: Cells, what: null | undefined, value: TagValue): void {
  for (let i = 0; i < cells.length; i++) if (cells[i] === what) cells[i] = value;
}

/** From the rows already passed. */
function fillBehind(cells: Cells): void {
  let last: TagValue = null;
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i] ?? null;
    if (cell === null) cells[i] = last;
    else last = cell;
  }
}

/** From the rows still to come in the group, as they are; `zero`: what NULL becomes in a row that is there. */
function fillAhead(cells: Cells, rows: FilledRows, zero: TagValue | undefined): void {
  let from = 0;
  for (const end of rows.ends) {
    let next: TagValue = null;
    for (let i = end - 1; i >= from; i--) {
      const cell = cells[i];
      if (cell === undefined) cells[i] = next;
      else if (cell !== null) next = cell;
      else if (zero === undefined) cells[i] = next;
      else {
        next = null;
        cells[i] = zero;
      }
    }
    from = end;
  }
}

function zeroOf(type: SqlType): TagValue {
  return isStringType(type) ? new Uint8Array(0) : 0;
}

/** On the straight line from the row before to the next row of the group. */
function fillLinear(cells: Cells, rows: FilledRows, type: SqlType): void {
  const isLine = !isStringType(type) && type !== SqlType.BOOL;
  let before = -1;
  let from = 0;
  for (const end of rows.ends) {
    for (let i = from; i < end; i++) {
      if (cells[i] !== undefined) {
        before = i;
        continue;
      }
      let after = i + 1;
      while (after < end && rows.slots[after] === MISSING) after++;
      const hasBoth = isLine && before >= 0 && after < end;
      for (; i < after; i++) {
        cells[i] = hasBoth ? onLine(cells, rows, { at: i, before, after, type }) : null;
      }
      i--;
    }
    from = end;
  }
}

function onLine(
  cells: Cells,
  { starts, precision }: FilledRows,
  place: {
    readonly at: number;
    readonly before: number;
    readonly after: number;
    readonly type: SqlType;
  },
): TagValue {
  const { at, before, after, type } = place;
  const times = timeArithmetic(precision);
  const whole = times.between(starts[before]!, starts[after]!);
  const share = times.between(starts[before]!, starts[at]!) / whole;
  if (type === SqlType.TIMESTAMP && precision === 'ns')
    return timeOnLine(cells[before] ?? null, cells[after] ?? null, share);
  const a = numberOf(cells[before] ?? null, type);
  const b = numberOf(cells[after] ?? null, type);
  const value = a + (b - a) * share;
  if (value !== value) return null;
  if (type === SqlType.FLOAT) return Math.fround(value);
  return isFloatType(type) ? value : Math.trunc(value);
}

/** Between two nanoseconds, as stored times or as ticks; NULL beside a NULL. */
function timeOnLine(a: TagValue, b: TagValue, share: number): TagValue {
  if (a === null || b === null || typeof a === 'object' || typeof b === 'object') return null;
  const first = typeof a === 'bigint' ? a : ticksOfStored(a);
  const last = typeof b === 'bigint' ? b : ticksOfStored(b);
  const ticks = first + BigInt(Math.trunc(Number(last - first) * share));
  return typeof a === 'bigint' ? ticks : storedNanoseconds(ticks);
}

const NULL_INTEGERS: { readonly [type: number]: number } = {
  [SqlType.TINYINT]: -(2 ** 7),
  [SqlType.SMALLINT]: -(2 ** 15),
  [SqlType.INT]: -(2 ** 31),
  [SqlType.UTINYINT]: 2 ** 8 - 1,
  [SqlType.USMALLINT]: 2 ** 16 - 1,
  [SqlType.UINT]: 2 ** 32 - 1,
};

function numberOf(cell: TagValue, type: SqlType): number {
  if (cell !== null) return Number(cell);
  if (isFloatType(type)) return NaN;
  return NULL_INTEGERS[type] ?? (isUnsignedType(type) ? 2 ** 64 : -(2 ** 63));
}
