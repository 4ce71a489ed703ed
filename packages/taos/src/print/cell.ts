/**
 * One value of an answer as text, and how wide its column is: the widths of 2.1.2, where every type has one, names may
 * widen it and strings take at most `max_binary_display_width`.
 */
import {
  SqlType,
  TimestampFormatter,
  MAX_TIMESTAMP_BYTES,
  isNullString,
  isStringType,
  type Precision,
  type TimeZone,
  type Vector,
} from '@tdnode/common';
import type { ResultColumn } from '@tdnode/rpc';
import { displayWidth } from './display-width.ts';
import { exact, fixed, fixedWithin } from './number.ts';

/** What `set max_binary_display_width default` means. */
export const DEFAULT_STRING_WIDTH = 30;
/** What stands for no value. */
export const NULL_TEXT = 'NULL';

/** Digits behind the point. */
const FLOAT_DIGITS = 5;
const DOUBLE_DIGITS = 9;
const FLOAT_WIDTH = 20;
const DOUBLE_WIDTH = 25;
/** nchar counts characters of up to four bytes. */
const NCHAR_BYTES = 4;

const widths: { readonly [T in SqlType]: number } = {
  [SqlType.BOOL]: 5,
  [SqlType.TINYINT]: 4,
  [SqlType.SMALLINT]: 6,
  [SqlType.INT]: 11,
  [SqlType.BIGINT]: 21,
  [SqlType.FLOAT]: FLOAT_WIDTH,
  [SqlType.DOUBLE]: DOUBLE_WIDTH,
  [SqlType.BINARY]: 0,
  [SqlType.TIMESTAMP]: 23,
  [SqlType.NCHAR]: 0,
  [SqlType.UTINYINT]: 4,
  [SqlType.USMALLINT]: 6,
  [SqlType.UINT]: 11,
  [SqlType.UBIGINT]: 21,
};

const timestampWidths: { readonly [P in Precision]: number } = { ms: 23, us: 26, ns: 29 };
const RAW_TIME_WIDTHS: { readonly [P in Precision]: number } = { ms: 14, us: 17, ns: 20 };

/** What decides how values look. */
export interface Style {
  readonly zone: TimeZone;
  /** `-r`: times are whole numbers since 1970. */
  readonly isRawTime: boolean;
  /** Most columns of a string. */
  readonly stringWidth: number;
}

/** Columns that a result column takes, its name included. */
export function columnWidth(column: ResultColumn, precision: Precision, style: Style): number {
  return Math.max(valueWidth(column, precision, style), displayWidth(column.name));
}

function valueWidth(
  { type, bytes, precision: own }: ResultColumn,
  precision: Precision,
  style: Style,
): number {
  if (type === SqlType.BINARY) return Math.min(bytes, style.stringWidth);
  if (type === SqlType.NCHAR) return Math.min(bytes * NCHAR_BYTES, style.stringWidth);
  if (type !== SqlType.TIMESTAMP) return widths[type];
  return (style.isRawTime ? RAW_TIME_WIDTHS : timestampWidths)[own ?? precision];
}

/** Whether values, and NULL, stand at the right end of their column: 2.1.2 puts NULL of some types to the left. */
export function isRightAligned(type: SqlType, isNull: boolean): boolean {
  if (isStringType(type) || type === SqlType.TIMESTAMP) return false;
  return !isNull || (type >= SqlType.TINYINT && type <= SqlType.DOUBLE);
}

/** Where a text goes: a table, the lines of `\G`, or a file that is read back. */
export type Purpose = 'table' | 'line' | 'file';

/** Makes texts of one result column's values; `undefined` is NULL. */
export type CellReader = (vector: Vector, row: number) => string | undefined;

/** The reader for a column. It keeps a cache for times: one user at a time. */
export function cellReader(
  column: ResultColumn,
  precision: Precision,
  style: Style,
  purpose: Purpose,
): CellReader {
  const { type } = column;
  if (isStringType(type)) return stringAt;
  if (type === SqlType.TIMESTAMP && !style.isRawTime)
    return timeReader(new TimestampFormatter(style.zone, column.precision ?? precision, 'local'));
  const textOf = numberText(type, purpose);
  return (vector, row) => {
    if (vector.kind === 'f64') {
      const value = vector.data[row]!;
      return value !== value ? undefined : textOf(value);
    }
    if (vector.kind === 'i64') return wideText(vector.data[row]!, vector.unsigned);
    return stringAt(vector, row);
  };
}

function numberText(type: SqlType, purpose: Purpose): (value: number) => string {
  switch (type) {
    case SqlType.BOOL:
      // A file has what an insert reads in every version.
      return (value) => (purpose === 'file' ? String(value) : value === 0 ? 'false' : 'true');
    case SqlType.FLOAT:
      return (value) => floatText(Math.fround(value), purpose);
    case SqlType.DOUBLE:
      return (value) => doubleText(value, purpose);
    default:
      return String;
  }
}

function floatText(value: number, purpose: Purpose): string {
  if (purpose === 'file') return exact(value, FLOAT_DIGITS, true);
  if (purpose === 'line') return fixed(value, FLOAT_DIGITS);
  return fixedWithin(value, FLOAT_DIGITS, FLOAT_WIDTH);
}

function doubleText(value: number, purpose: Purpose): string {
  if (purpose === 'file') return exact(value, DOUBLE_DIGITS, false);
  if (purpose === 'line') return fixed(value, DOUBLE_DIGITS);
  return fixedWithin(value, DOUBLE_DIGITS, DOUBLE_WIDTH);
}

/** The reserved values of 64-bit columns are NULL. */
function wideText(value: bigint, isUnsigned: boolean): string | undefined {
  if (isUnsigned) return value === -1n ? undefined : BigInt.asUintN(64, value).toString();
  return value === -(2n ** 63n) ? undefined : value.toString();
}

function timeReader(formatter: TimestampFormatter): CellReader {
  const target = new Uint8Array(MAX_TIMESTAMP_BYTES);
  return (vector, row) => {
    if (vector.kind === 'str') return stringAt(vector, row);
    const value = vector.data[row]!;
    if (value !== value || value === -(2n ** 63n)) return undefined;
    const end =
      typeof value === 'bigint'
        ? formatter.writeWide(target, 0, value)
        : formatter.write(target, 0, value);
    return String.fromCharCode(...target.subarray(0, end));
  };
}

/** UTF-8; bytes that are none show as U+FFFD. */
const utf8 = new TextDecoder();

function stringAt(vector: Vector, row: number): string | undefined {
  if (vector.kind !== 'str') return String(vector.data[row]!);
  if (isNullString(vector, row)) return undefined;
  return utf8.decode(vector.bytes.subarray(vector.offsets[row], vector.offsets[row + 1]));
}
