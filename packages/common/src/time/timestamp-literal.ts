/**
 * Time literals as TDengine 2.1 reads them, from bytes:
 *
 *   literal := local | zoned
 *   local   := YYYY-M-D ' ' h:m:s [ '.' digits ] [ zone ]            in the session's time zone
 *   zoned   := YYYY-M-D 'T' h:m:s [ '.' digits ] zone
 *   zone    := 'Z' | 'z' | ('+' | '-') hh [':'] [mm]
 *
 * Fields may be shorter than written here (`2021-1-3 1:2:3`); a day up to 31 runs on into the next month;
 * seconds 60 and 61 run on into the next minute; digits beyond the precision are cut off. Blanks around,
 * and quotation marks behind, are passed over. A 'T' wants a zone; without it a zone is passed over, as
 * TDengine 2.1 does. Everything else is NaN.
 */
import type { Precision } from '../types/schema.ts';
import { daysFromCivil, MS_PER_DAY } from './civil.ts';
import type { TimeZone } from './time-zone.ts';
import { localToUtcMs } from './zone.ts';

const ZERO = 48;
const SPACE = 32;
const DASH = 45;
const PLUS = 43;
const COLON = 58;
const DOT = 46;
const UPPER_T = 84;

/** Ticks of the literal in `bytes[from, to)`, or NaN. Beyond ±2⁵³ ticks (no stored time is) it is rounded. */
export function parseTimestampBytes(
  bytes: Uint8Array,
  range: { readonly from: number; readonly to: number },
  precision: Precision,
  zone: TimeZone,
): number {
  cursor.bytes = bytes;
  cursor.at = range.from;
  cursor.end = range.to;
  return readTimestamp(cursor, precision, zone);
}

/** As `parseTimestampBytes`, of a string. */
export function parseTimestamp(text: string, precision: Precision, zone: TimeZone): number {
  const bytes = encoder.encode(text);
  return parseTimestampBytes(bytes, { from: 0, to: bytes.length }, precision, zone);
}

/** Nanoseconds of the literal in `bytes[from, to)`, exact; undefined where `parseTimestampBytes` says NaN. */
export function parseNanosecondsBytes(
  bytes: Uint8Array,
  range: { readonly from: number; readonly to: number },
  zone: TimeZone,
): bigint | undefined {
  const rounded = parseTimestampBytes(bytes, range, 'ns', zone);
  return rounded === rounded ? BigInt(wholeMs) * 1_000_000n + BigInt(fractionTicks) : undefined;
}

/** As `parseNanosecondsBytes`, of a string. */
export function parseNanoseconds(text: string, zone: TimeZone): bigint | undefined {
  const bytes = encoder.encode(text);
  return parseNanosecondsBytes(bytes, { from: 0, to: bytes.length }, zone);
}

const encoder = new TextEncoder();

/** What the last literal was made of: milliseconds since 1970 of its seconds, and the ticks of its fraction. */
let wholeMs = 0;
let fractionTicks = 0;

/** Where we are in the literal; one reused object, since reading never suspends. */
interface Cursor {
  bytes: Uint8Array;
  at: number;
  end: number;
}
const cursor: Cursor = { bytes: new Uint8Array(0), at: 0, end: 0 };

function readTimestamp(c: Cursor, precision: Precision, zone: TimeZone): number {
  const local = readCivil(c);
  if (local !== local) return NaN;
  const zoned = c.bytes[separatorAt] === UPPER_T;
  const digits = precision === 'ms' ? 3 : precision === 'us' ? 6 : 9;
  let fraction = 0;
  if (peek(c) === DOT) {
    c.at++;
    fraction = readFraction(c, digits);
    if (fraction !== fraction) return NaN;
  }
  const perMs = precision === 'ms' ? 1 : precision === 'us' ? 1e3 : 1e6;
  const offset = readOffset(c);
  if (offset !== offset || !restIsBlank(c)) return NaN;
  if (zoned && offset === LOCAL) return NaN;
  wholeMs = zoned ? local - offset : localToUtcMs(zone, local);
  fractionTicks = fraction;
  return wholeMs * perMs + fraction;
}

/** Where the last `readCivil` found the mark between date and time. */
let separatorAt = 0;

/** Date and time of day up to the seconds, as ms of a clock without zone, or NaN. */
function readCivil(c: Cursor): number {
  while (peek(c) === SPACE) c.at++;
  const year = readField(c, 4);
  if (!take(c, DASH)) return NaN;
  const month = readField(c, 2);
  if (!take(c, DASH)) return NaN;
  const day = readField(c, 2);
  separatorAt = c.at;
  if (!take(c, UPPER_T)) {
    if (!take(c, SPACE)) return NaN;
    while (peek(c) === SPACE) c.at++;
  }
  const hour = readField(c, 2);
  if (!take(c, COLON)) return NaN;
  const minute = readField(c, 2);
  if (!take(c, COLON)) return NaN;
  const second = readField(c, 2);
  const inRange =
    year >= 0 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= 31 &&
    hour < 24 &&
    minute < 60 &&
    second <= 61;
  if (!inRange) return NaN;
  return daysFromCivil(year, month, day) * MS_PER_DAY + ((hour * 60 + minute) * 60 + second) * 1000;
}

/** An unsigned number of 1 to `most` digits, or NaN. */
function readField(c: Cursor, most: number): number {
  let value = 0;
  const stop = Math.min(c.end, c.at + most);
  const start = c.at;
  while (c.at < stop) {
    const digit = c.bytes[c.at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
    c.at++;
  }
  return c.at === start ? NaN : value;
}

/** At least one digit; the first `digits` count. */
function readFraction(c: Cursor, digits: number): number {
  let value = 0;
  let count = 0;
  for (; c.at < c.end; c.at++) {
    const digit = c.bytes[c.at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    if (count < digits) value = value * 10 + digit;
    count++;
  }
  if (count === 0) return NaN;
  for (; count < digits; count++) value *= 10;
  return value;
}

const LOCAL = Infinity;

/** East of UTC, ms; LOCAL where no zone follows; NaN for a bad one. */
function readOffset(c: Cursor): number {
  const sign = peek(c);
  if (sign === 90 || sign === 122) {
    c.at++;
    return 0;
  }
  if (sign !== PLUS && sign !== DASH) return LOCAL;
  c.at++;
  const hours = readField(c, 2);
  let minutes = 0;
  const next = peek(c);
  if (next === COLON) c.at++;
  if (next === COLON || (next >= ZERO && next <= ZERO + 9)) minutes = readField(c, 2);
  if (!(hours <= 24 && minutes <= 59)) return NaN;
  const ms = (hours * 60 + minutes) * 60_000;
  return sign === PLUS ? ms : -ms;
}

function restIsBlank(c: Cursor): boolean {
  for (; c.at < c.end; c.at++) {
    const byte = c.bytes[c.at]!;
    if (byte !== SPACE && byte !== 9 && byte !== 34 && byte !== 39) return false;
  }
  return true;
}

/** The byte under the cursor; 0 behind the end. */
function peek(c: Cursor): number {
  return c.at < c.end ? c.bytes[c.at]! : 0;
}

function take(c: Cursor, byte: number): boolean {
  if (peek(c) !== byte) return false;
  c.at++;
  return true;
}
