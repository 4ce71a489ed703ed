/**
 * Reads `(…) (…), (…)` into a row group. Plain numbers and plain strings are read by two functions that
 * store straight into the column's array and say -1 for everything else; the general way (token, convert)
 * takes over for that one value. No object and no string is made for a value of a plain form.
 *
 * Invariant: the statement's last byte is neither a digit nor a letter nor a comma nor a quotation mark, so
 * that the scans below stop before they leave the array.
 */
import { SqlType, syntaxError, type Precision, type TaosError } from '@tdnode/common';
import type { ColumnBuffer } from './column-buffer.ts';
import { readNanoseconds } from './nanosecond-reader.ts';
import type { RowGroup } from './row-group.ts';
import { TokenReader, isBlank, isDigit, isNameByte } from './token.ts';
import { addDuration, convert, takesDuration, type Converted, type ValueContext } from './value.ts';

const COMMA = 44;
const OPEN = 40;
const CLOSE = 41;
const POINT = 46;
const MINUS = 45;
const SPACE = 32;

/** Powers of ten that doubles hold exactly, as far as the fast forms need them. */
const POWERS = new Float64Array([1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]);
/** Digits that fit an int32 whatever they are. */
const INT32_DIGITS = 9;
const MAX_EXACT = 2 ** 53;

/** What values depend on throughout a statement. */
type StatementContext = Omit<ValueContext, 'precision'>;

/** Reads `(…) (…)` into a group; belongs to one parser. */
export class RowReader {
  readonly token = new TokenReader();
  #statement: StatementContext | undefined;
  #context: ValueContext | undefined;

  /** Sets what values depend on: the statement's context (one object a statement), and the precision of times. */
  begin(statement: StatementContext, precision: Precision): void {
    if (this.#statement === statement && this.#context!.precision === precision) return;
    this.#statement = statement;
    this.#context = { zone: statement.zone, precision, nowMs: statement.nowMs };
  }

  /** Appends all rows at `pos` to the group; returns the position behind the last one. */
  readRows(group: RowGroup, sql: Uint8Array, start: number, end: number): number {
    let pos = start;
    const first = group.rows;
    for (;;) {
      let at = skipBlanks(sql, pos, end);
      if (group.rows > first && at < end && sql[at] === COMMA) at = skipBlanks(sql, at + 1, end);
      if (at >= end || sql[at] !== OPEN) break;
      if (group.rows === group.capacity) group.grow(group.capacity * 2);
      pos = this.#readRow(group, sql, at + 1, end);
      group.rows++;
    }
    if (group.rows === first) throw syntaxError('no row follows VALUES', pos);
    return pos;
  }

  /** Reads a row behind its parenthesis; returns the position behind the closing one. */
  #readRow(group: RowGroup, sql: Uint8Array, start: number, end: number): number {
    const { targets, unbound, rows } = group;
    const last = targets.length - 1;
    let pos = start;
    for (let i = 0; i <= last; i++) {
      const column = targets[i]!;
      while (sql[pos] === SPACE && pos + 1 < end) pos++;
      const isText = column.type === SqlType.BINARY || column.type === SqlType.NCHAR;
      const next = isText
        ? readPlainText(column, rows, sql, pos, end)
        : readPlainNumber(column, rows, sql, pos);
      if (next > 0 && next < end && sql[next] === (i === last ? CLOSE : COMMA)) {
        pos = next + 1;
      } else {
        pos = this.#readAny(group, i, sql, pos, end);
      }
    }
    for (let i = 0; i < unbound.length; i++) unbound[i]!.setNull(rows);
    return pos;
  }

  /** Reads a value of any form and what ends it; returns the position behind that. */
  #readAny(group: RowGroup, index: number, sql: Uint8Array, start: number, end: number): number {
    const column = group.targets[index]!;
    const first = skipBlanks(sql, start, end);
    if (column.isNanoseconds) {
      const next = readNanoseconds(column, group.rows, sql, first);
      if (next > 0 && (sql[next] === COMMA || sql[next] === CLOSE))
        return this.#readEnd(group, index, sql, next, end);
    }
    const context = this.#context!;
    const { token } = this;
    let pos = token.read(sql, first, end);
    const { kind } = token;
    let converted = convert(token, column.column, context);
    if (
      converted.reason === undefined &&
      column.type === SqlType.TIMESTAMP &&
      takesDuration(kind)
    ) {
      const moved = readDuration(sql, pos, end);
      if (moved !== undefined) {
        pos = moved.next;
        converted = addDuration(converted.value, moved, context);
      }
    }
    this.#store(group, column, converted, start);
    return this.#readEnd(group, index, sql, skipBlanks(sql, pos, end), end);
  }

  #store(group: RowGroup, column: ColumnBuffer, converted: Converted, pos: number): void {
    if (converted.reason !== undefined) throw this.#error(group, column, converted.reason, pos);
    if (converted.value === null && column.isTime) column.setNumber(group.rows, 0);
    else column.set(group.rows, converted.value);
  }

  /** A comma, or after the last value, perhaps after one comma, the parenthesis. */
  #readEnd(group: RowGroup, index: number, sql: Uint8Array, at: number, end: number): number {
    const column = group.targets[index]!;
    const byte = at < end ? sql[at]! : 0;
    if (index < group.targets.length - 1) {
      if (byte === COMMA) return at + 1;
      const missing = group.targets[index + 1]!.column.name;
      throw this.#error(
        group,
        column,
        byte === CLOSE ? `no value for '${missing}'` : 'expected a comma',
        at,
      );
    }
    const close = byte === COMMA ? skipBlanks(sql, at + 1, end) : at;
    if (close < end && sql[close] === CLOSE) return close + 1;
    throw this.#error(
      group,
      column,
      'expected a closing parenthesis: more values than columns?',
      at,
    );
  }

  #error(group: RowGroup, column: ColumnBuffer, reason: string, pos: number): TaosError {
    const { token } = this;
    const value = token.text().slice(0, 40);
    const row = group.rows - group.rowFrom[group.segments - 1]! + 1;
    return syntaxError(
      `${reason}: value '${value}', column '${column.column.name}', row ${row}`,
      pos,
    );
  }
}

/** The next byte that is no blank. */
export function skipBlanks(sql: Uint8Array, pos: number, end: number): number {
  let at = pos;
  while (at < end && isBlank(sql[at]!)) at++;
  return at;
}

/** `+ 1s` behind a time. */
function readDuration(
  sql: Uint8Array,
  pos: number,
  end: number,
): { readonly amount: number; readonly unit: string; readonly next: number } | undefined {
  let at = skipBlanks(sql, pos, end);
  const sign = at < end ? sql[at]! : 0;
  if (sign !== 43 && sign !== MINUS) return undefined;
  at = skipBlanks(sql, at + 1, end);
  let amount = 0;
  const start = at;
  for (; at < end && isDigit(sql[at]!); at++) amount = amount * 10 + sql[at]! - 48;
  const isWhole = at > start && at + 1 < end && !isNameByte(sql[at + 1]!);
  const unit = isWhole ? String.fromCharCode(sql[at]! | 32) : '';
  return { amount: sign === MINUS ? -amount : amount, unit, next: at + 1 };
}

/**
 * Reads `-123.456` of up to 16 digits on either side into a numeric column; returns the position behind it, or -1 where
 * the text is anything else or the value does not fit. Mantissas are below 2⁵³ and powers of ten exact, so
 * that one division rounds correctly.
 */
function readPlainNumber(
  column: ColumnBuffer,
  row: number,
  sql: Uint8Array,
  start: number,
): number {
  let pos = start;
  const isNegative = sql[pos] === MINUS;
  if (isNegative) pos++;
  const first = pos;
  let head = 0;
  let digit = sql[pos]! - 48;
  while (digit >>> 0 < 10) {
    if (pos - first === INT32_DIGITS) break;
    head = (Math.imul(head, 10) + digit) | 0;
    digit = sql[++pos]! - 48;
  }
  if (pos === first) return -1;
  let value = head;
  if (digit >>> 0 < 10) {
    const second = pos;
    let tail = 0;
    while (digit >>> 0 < 10 && pos - second < 7) {
      tail = (Math.imul(tail, 10) + digit) | 0;
      digit = sql[++pos]! - 48;
    }
    value = head * POWERS[pos - second]! + tail;
    if (digit >>> 0 < 10 || !(value < MAX_EXACT)) return -1;
  }
  if (sql[pos] !== POINT) return storeWhole(column, row, isNegative ? -value : value) ? pos : -1;
  const point = ++pos;
  let fraction = 0;
  digit = sql[pos]! - 48;
  while (digit >>> 0 < 10 && pos - point < INT32_DIGITS) {
    fraction = (Math.imul(fraction, 10) + digit) | 0;
    digit = sql[++pos]! - 48;
  }
  let scale = POWERS[pos - point]!;
  if (digit >>> 0 < 10) {
    const second = pos;
    let tail = 0;
    while (digit >>> 0 < 10 && pos - second < 7) {
      tail = (Math.imul(tail, 10) + digit) | 0;
      digit = sql[++pos]! - 48;
    }
    fraction = fraction * POWERS[pos - second]! + tail;
    scale *= POWERS[pos - second]!;
  }
  const mantissa = value * scale + fraction;
  if (pos === point || digit >>> 0 < 10 || !(mantissa < MAX_EXACT)) return -1;
  const real = isNegative ? -(mantissa / scale) : mantissa / scale;
  if (column.type === SqlType.FLOAT) column.f32[row] = real;
  else if (column.type === SqlType.DOUBLE) column.f64[row] = real;
  else return -1;
  return pos;
}

/** Stores a whole number within ±2⁵³ where it fits the column. */
function storeWhole(column: ColumnBuffer, row: number, value: number): boolean {
  switch (column.type) {
    case SqlType.TIMESTAMP:
    case SqlType.BIGINT:
      if (column.isBig || column.isNanoseconds) return false;
      column.f64[row] = value + 0;
      return true;
    case SqlType.FLOAT:
      column.f32[row] = value;
      return true;
    case SqlType.DOUBLE:
      column.f64[row] = value;
      return true;
    case SqlType.INT:
      if (value > 2_147_483_647 || value < -2_147_483_647) return false;
      column.i32[row] = value;
      return true;
    default:
      return storeSmall(column, row, value);
  }
}

/** `storeWhole` of the rarer types. */
function storeSmall(column: ColumnBuffer, row: number, value: number): boolean {
  switch (column.type) {
    case SqlType.BOOL:
      column.u8[row] = value === 0 ? 0 : 1;
      return true;
    case SqlType.TINYINT:
      column.i8[row] = value;
      return value <= 127 && value >= -127;
    case SqlType.SMALLINT:
      column.i16[row] = value;
      return value <= 32_767 && value >= -32_767;
    case SqlType.UTINYINT:
      column.u8[row] = value;
      return value >= 0 && value <= 254;
    case SqlType.USMALLINT:
      column.u16[row] = value;
      return value >= 0 && value <= 65_534;
    case SqlType.UINT:
      column.u32[row] = value;
      return value >= 0 && value <= 4_294_967_294;
    case SqlType.UBIGINT:
      if (column.isBig || value < 0) return false;
      column.f64[row] = value + 0;
      return true;
    default:
      return false;
  }
}

/**
 * Reads a quoted string without escapes, of an NCHAR ASCII only, that fits; returns the position behind it,
 * or -1.
 */
function readPlainText(
  column: ColumnBuffer,
  row: number,
  sql: Uint8Array,
  start: number,
  end: number,
): number {
  const quote = sql[start]!;
  if (quote !== 39 && quote !== 34) return -1;
  const limit = Math.min(end, start + column.limit + 2);
  const most = column.type === SqlType.NCHAR ? 127 : 255;
  for (let pos = start + 1; pos < limit; pos++) {
    const byte = sql[pos]!;
    if (byte === quote) {
      if (pos + 1 < end && sql[pos + 1] === quote) return -1;
      column.setText(row, sql, start + 1, pos);
      return pos + 1;
    }
    if (byte === 92 || byte > most) return -1;
  }
  return -1;
}
