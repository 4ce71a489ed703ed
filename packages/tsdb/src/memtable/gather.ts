/**
 * Rows of a memory table as vectors: the runs of a range, one after the other, from native arrays.
 */
import {
  ColumnForm,
  SqlType,
  f64Vector,
  isStringType,
  isWideType,
  typeWidth,
  type StrVector,
  type Vector,
} from '@tdnode/common';
import type { ColumnScratch } from '../codec/column-scratch.ts';
import { nullBits } from '../cursor/vectors.ts';
import type { BufferViews, GroupPool } from './group-pool.ts';
import type { RunRange } from './run-list.ts';
import {
  copyFloat64,
  widenFloat32,
  widenInt16,
  widenInt32,
  widenInt8,
  widenUint16,
  widenUint32,
  widenUint8,
} from './widen.ts';

/** A column to gather: `indexOf[layoutId]` is its place in that layout, -1 where it has none. */
export interface GatherColumn {
  readonly type: SqlType;
  readonly indexOf: Int32Array;
}

/** The first row of run `run` that is in the range. */
const rowFrom = (range: RunRange, run: number): number =>
  run === range.runBegin ? range.rowBegin : range.from[run]!;

/** One past the last row of run `run` that is in the range. */
const rowTo = (range: RunRange, run: number): number =>
  run === range.runLast ? range.rowEnd : range.to[run]!;

/** Times of the rows of a range. */
export function gatherTs(pool: GroupPool, range: RunRange, target: Float64Array): Float64Array {
  let to = 0;
  for (let run = range.runBegin; run <= range.runLast; run++) {
    const group = range.group[run]!;
    const from = rowFrom(range, run);
    const at = pool.columnAt(group, 0) / 8 + from;
    to = copyFloat64(pool.views(group).f64, at, rowTo(range, run) - from, target, to);
  }
  return target;
}

/** One column of the rows of a range; `rows` is their number. */
export function gatherColumn(
  pool: GroupPool,
  range: RunRange,
  column: GatherColumn,
  rows: number,
  scratch: ColumnScratch,
): Vector {
  if (isStringType(column.type)) return gatherStrings(pool, range, column, rows, scratch);
  const target = scratch.f64(rows);
  const { runBegin, runLast } = range;
  const width = typeWidth(column.type);
  let to = 0;
  let layout = -1;
  let index = -1;
  let isDoubles = false;
  for (let run = runBegin; run <= runLast; run++) {
    const group = range.group[run]!;
    const from = run === runBegin ? range.rowBegin : range.from[run]!;
    const count = (run === runLast ? range.rowEnd : range.to[run]!) - from;
    if (pool.layoutId(group) !== layout) {
      layout = pool.layoutId(group);
      index = column.indexOf[layout]!;
      isDoubles = index >= 0 && pool.layout(layout).forms[index] === ColumnForm.WIDE_AS_DOUBLE;
      if (index >= 0 && !isDoubles && isWideType(column.type)) {
        return gatherWide(pool, range, column, rows, scratch);
      }
    }
    if (index < 0) {
      target.fill(NaN, to, to + count);
      to += count;
    } else if (isDoubles) {
      to = copyFloat64(
        pool.views(group).f64,
        pool.columnAt(group, index) / 8 + from,
        count,
        target,
        to,
      );
    } else {
      const at = pool.columnAt(group, index) / width + from;
      to = widen(column.type, pool.views(group), at, count, target, to);
    }
  }
  return f64Vector(target);
}

/** Dispatches to the loop for the type's width; `at`: index of the first value in an array of that width. */
function widen(
  type: SqlType,
  views: BufferViews,
  at: number,
  count: number,
  target: Float64Array,
  to: number,
): number {
  switch (type) {
    case SqlType.BOOL:
      return widenUint8(views.u8, at, count, target, to, 2);
    case SqlType.UTINYINT:
      return widenUint8(views.u8, at, count, target, to, 255);
    case SqlType.TINYINT:
      return widenInt8(views.i8, at, count, target, to);
    case SqlType.SMALLINT:
      return widenInt16(views.i16, at, count, target, to);
    case SqlType.USMALLINT:
      return widenUint16(views.u16, at, count, target, to);
    case SqlType.INT:
      return widenInt32(views.i32, at, count, target, to);
    case SqlType.UINT:
      return widenUint32(views.u32, at, count, target, to);
    case SqlType.FLOAT:
      return widenFloat32(views.f32, at, count, target, to);
    default:
      return copyFloat64(views.f64, at, count, target, to);
  }
}

/** 64-bit integers where some group has values beyond ±2⁵³: doubles after all when these rows have none. */
function gatherWide(
  pool: GroupPool,
  range: RunRange,
  column: GatherColumn,
  rows: number,
  scratch: ColumnScratch,
): Vector {
  const unsigned = column.type === SqlType.UBIGINT;
  const missing = nullBits(unsigned);
  const data = scratch.i64(rows);
  let to = 0;
  for (let run = range.runBegin; run <= range.runLast; run++) {
    const group = range.group[run]!;
    const from = rowFrom(range, run);
    const count = rowTo(range, run) - from;
    const layout = pool.layoutId(group);
    const index = column.indexOf[layout]!;
    if (index < 0) {
      data.fill(missing, to, to + count);
    } else if (pool.layout(layout).forms[index] === ColumnForm.NATIVE) {
      const at = pool.columnAt(group, index) / 8 + from;
      data.set(pool.views(group).i64.subarray(at, at + count), to);
    } else {
      const source = pool.views(group).f64;
      const at = pool.columnAt(group, index) / 8 + from;
      for (let i = 0; i < count; i++) {
        const value = source[at + i]!;
        data[to + i] = value !== value ? missing : BigInt(value);
      }
    }
    to += count;
  }
  return narrowed(data, rows, unsigned, scratch);
}

const EXACT_MAX = 2n ** 53n;

function narrowed(
  data: BigInt64Array,
  rows: number,
  unsigned: boolean,
  scratch: ColumnScratch,
): Vector {
  const missing = nullBits(unsigned);
  for (let i = 0; i < rows; i++) {
    const value = data[i]!;
    if (value === missing) continue;
    // An unsigned value beyond 2⁶³ is negative as signed bits.
    if (value > EXACT_MAX || value < (unsigned ? 0n : -EXACT_MAX)) {
      return { kind: 'i64', data, unsigned, nullCount: -1 };
    }
  }
  const doubles = scratch.f64(rows);
  for (let i = 0; i < rows; i++) doubles[i] = data[i] === missing ? NaN : Number(data[i]);
  return f64Vector(doubles);
}

function gatherStrings(
  pool: GroupPool,
  range: RunRange,
  column: GatherColumn,
  rows: number,
  scratch: ColumnScratch,
): StrVector {
  const bytes = scratch.bytes(stringBytes(pool, range, column));
  const offsets = scratch.offsets(rows);
  const bits = (rows + 7) >> 3;
  const nulls = scratch.nulls(bits).fill(0, 0, bits);
  let nullCount = 0;
  let row = 0;
  let end = 0;
  offsets[0] = 0;
  for (let run = range.runBegin; run <= range.runLast; run++) {
    const group = range.group[run]!;
    const index = column.indexOf[pool.layoutId(group)]!;
    const to = rowTo(range, run);
    const views = pool.views(group);
    const groupRows = pool.rows(group);
    const offsetsAt = index < 0 ? 0 : pool.columnAt(group, index) / 4;
    const nullsAt = offsetsAt * 4 + (groupRows + 1) * 4;
    const bytesAt = nullsAt + ((groupRows + 7) >> 3);
    for (let i = rowFrom(range, run); i < to; i++, row++) {
      if (index < 0 || (views.u8[nullsAt + (i >> 3)]! & (1 << (i & 7))) !== 0) {
        nulls[row >> 3]! |= 1 << (row & 7);
        nullCount++;
      } else {
        const from = views.u32[offsetsAt + i]!;
        const length = views.u32[offsetsAt + i + 1]! - from;
        for (let k = 0; k < length; k++) bytes[end + k] = views.u8[bytesAt + from + k]!;
        end += length;
      }
      offsets[row + 1] = end;
    }
  }
  return { kind: 'str', offsets, bytes, nulls: nullCount > 0 ? nulls : undefined, nullCount };
}

function stringBytes(pool: GroupPool, range: RunRange, column: GatherColumn): number {
  let size = 0;
  for (let run = range.runBegin; run <= range.runLast; run++) {
    const group = range.group[run]!;
    const index = column.indexOf[pool.layoutId(group)]!;
    if (index < 0) continue;
    const offsets = pool.views(group).u32;
    const at = pool.columnAt(group, index) / 4;
    size += offsets[at + rowTo(range, run)]! - offsets[at + rowFrom(range, run)]!;
  }
  return size;
}
