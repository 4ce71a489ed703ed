/**
 * From a token to a value of a column or tag: every form that TDengine 2.1 takes, with its limits. The row
 * loop reads the plain forms itself; this is the way for all the others, and the only one that refuses.
 *
 * Numbers in quotes must be whole for integer types; fractions without quotes are rounded half away from
 * zero; 'null' in quotes is NULL except for strings and times; a type's own NULL value is out of range.
 */
import {
  SqlType,
  durationTicks,
  isUnsignedType,
  parseNanosecondsBytes,
  parseTimestampBytes,
  ticksPerSecond,
  type Column,
  type Precision,
  type TagValue,
  type TimeZone,
} from '@tdnode/common';
import { TokenKind, type TokenReader } from './token.ts';

/** What a value's meaning depends on beside its text. */
export interface ValueContext {
  readonly zone: TimeZone;
  readonly precision: Precision;
  /** The statement's time, ms. */
  readonly nowMs: number;
}

/** A value, or the reason why there is none. Strings are views, valid until the next token. */
export type Converted =
  | { readonly value: TagValue; readonly reason?: undefined }
  | { readonly reason: string };

const NULL_VALUE: Converted = { value: null };
const FLOAT_MAX = 3.4028234663852886e38;

/** The largest value of each integer type; the smallest of a signed one is its negative. */
const limits: { readonly [type: number]: bigint | undefined } = {
  [SqlType.TINYINT]: 127n,
  [SqlType.SMALLINT]: 32_767n,
  [SqlType.INT]: 2_147_483_647n,
  [SqlType.BIGINT]: 2n ** 63n - 1n,
  [SqlType.UTINYINT]: 254n,
  [SqlType.USMALLINT]: 65_534n,
  [SqlType.UINT]: 4_294_967_294n,
  [SqlType.UBIGINT]: 2n ** 64n - 2n,
};

/** Names of the types in messages. */
const words: { readonly [type: number]: string | undefined } = {
  [SqlType.TINYINT]: 'tinyint',
  [SqlType.SMALLINT]: 'smallint',
  [SqlType.INT]: 'int',
  [SqlType.BIGINT]: 'bigint',
  [SqlType.UTINYINT]: 'unsigned tinyint',
  [SqlType.USMALLINT]: 'unsigned smallint',
  [SqlType.UINT]: 'unsigned int',
  [SqlType.UBIGINT]: 'unsigned bigint',
};

/** Converts the token for a column; of a TIMESTAMP without a `+ duration` that may follow. */
export function convert(token: TokenReader, column: Column, context: ValueContext): Converted {
  const { kind } = token;
  if (kind === TokenKind.ILLEGAL) return { reason: 'invalid data or symbol' };
  if (kind === TokenKind.NULL) return NULL_VALUE;
  switch (column.type) {
    case SqlType.BINARY:
      return toBinary(token, column.bytes);
    case SqlType.NCHAR:
      return toNchar(token, column.bytes);
    case SqlType.TIMESTAMP:
      return toTimestamp(token, context);
    default:
  }
  if (
    kind === TokenKind.STRING &&
    token.to - token.from === 4 &&
    token.text().toLowerCase() === 'null'
  ) {
    return NULL_VALUE;
  }
  switch (column.type) {
    case SqlType.BOOL:
      return toBool(token);
    case SqlType.FLOAT:
    case SqlType.DOUBLE:
      return toFloat(token, column.type);
    default:
      return toInteger(token, column.type);
  }
}

function toBinary(token: TokenReader, limit: number): Converted {
  if (token.to - token.from > limit) return { reason: 'string data overflow' };
  return { value: token.bytes.subarray(token.from, token.to) };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function toNchar(token: TokenReader, limit: number): Converted {
  const bytes = token.bytes.subarray(token.from, token.to);
  if (bytes.length > limit * 4) return { reason: 'string data overflow' };
  let characters = 0;
  for (const byte of bytes) {
    if ((byte & 0xc0) !== 0x80) characters++;
  }
  if (characters > limit) return { reason: 'string data overflow' };
  try {
    utf8.decode(bytes);
  } catch {
    return { reason: 'invalid UTF-8 in an nchar' };
  }
  return { value: bytes };
}

function toTimestamp(token: TokenReader, context: ValueContext): Converted {
  const { kind } = token;
  if (kind === TokenKind.NOW) {
    if (context.precision === 'ns')
      return { value: BigInt(Math.floor(context.nowMs)) * NANOSECONDS_PER_MS };
    return { value: Math.floor((context.nowMs * ticksPerSecond(context.precision)) / 1000) };
  }
  if (kind === TokenKind.INTEGER) {
    const exact = BigInt.asIntN(64, decimal(token.text()));
    return exact === decimal(token.text()) && exact !== -(2n ** 63n)
      ? { value: narrow(exact) }
      : { reason: 'invalid timestamp' };
  }
  if (kind !== TokenKind.STRING) return { reason: 'invalid timestamp' };
  if (context.precision === 'ns') {
    const exact = parseNanosecondsBytes(token.bytes, token, context.zone);
    return exact === undefined ? { reason: 'invalid timestamp' } : { value: narrow(exact) };
  }
  const ticks = parseTimestampBytes(token.bytes, token, context.precision, context.zone);
  return ticks === ticks ? { value: ticks } : { reason: 'invalid timestamp' };
}

const NANOSECONDS_PER_MS = 1_000_000n;

/** May `+ duration` follow this time? */
export function takesDuration(kind: TokenKind): boolean {
  return kind === TokenKind.NOW || kind === TokenKind.INTEGER;
}

/** A time plus `sign` × the duration `amount unit`. */
export function addDuration(
  time: TagValue,
  signed: { readonly amount: number; readonly unit: string },
  context: ValueContext,
): Converted {
  const ticks = durationTicks(signed.amount, signed.unit, context.precision);
  if (ticks !== ticks)
    return { reason: `'${signed.unit}' is no unit that a time in an insert may move by` };
  if (!Number.isSafeInteger(ticks)) return { reason: 'duration too long' };
  if (typeof time === 'number' && Number.isSafeInteger(time + ticks))
    return { value: time + ticks };
  const exact = BigInt(time as number | bigint) + BigInt(ticks);
  return BigInt.asIntN(64, exact) === exact
    ? { value: narrow(exact) }
    : { reason: 'invalid timestamp' };
}

function toBool(token: TokenReader): Converted {
  const refused = { reason: 'invalid bool data' };
  switch (token.kind) {
    case TokenKind.TRUE:
      return { value: 1 };
    case TokenKind.FALSE:
      return { value: 0 };
    case TokenKind.INTEGER:
    case TokenKind.FLOAT:
      return { value: Number(token.text()) === 0 ? 0 : 1 };
    case TokenKind.STRING:
      if (token.text() === 'true') return { value: 1 };
      return token.text() === 'false' ? { value: 0 } : refused;
    default:
      return refused;
  }
}

function toFloat(token: TokenReader, type: SqlType): Converted {
  const value = floatOf(token);
  const most = type === SqlType.FLOAT ? FLOAT_MAX : Number.MAX_VALUE;
  if (!(value >= -most && value <= most)) {
    return { reason: type === SqlType.FLOAT ? 'illegal float data' : 'illegal double data' };
  }
  return { value };
}

/** The number in the token, or NaN. */
function floatOf(token: TokenReader): number {
  switch (token.kind) {
    case TokenKind.INTEGER:
    case TokenKind.FLOAT:
    case TokenKind.HEX:
      return Number(token.text());
    case TokenKind.STRING: {
      if (token.to - token.from > MAX_QUOTED_NUMBER) return NaN;
      const text = token.text();
      return /^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : NaN;
    }
    default:
      return NaN;
  }
}

/** Longest number in quotes that is looked at. */
const MAX_QUOTED_NUMBER = 512;
/** Longest run of digits that is looked at as an integer: more are out of every range, but for leading zeros. */
const MAX_INTEGER_DIGITS = 512;

function toInteger(token: TokenReader, type: SqlType): Converted {
  const exact = integerOf(token);
  if (exact === undefined) return { reason: `invalid ${words[type]} data` };
  const most = limits[type]!;
  const least = isUnsignedType(type) ? 0n : -most;
  if (exact < least || exact > most) return { reason: `${words[type]} data overflow` };
  return { value: narrow(exact) };
}

/** The whole number in the token, or undefined. */
function integerOf(token: TokenReader): bigint | undefined {
  if (token.to - token.from > MAX_INTEGER_DIGITS) return undefined;
  const text = token.text();
  switch (token.kind) {
    case TokenKind.INTEGER:
      return decimal(text);
    case TokenKind.HEX:
      return BigInt(text);
    case TokenKind.STRING:
      return /^\s*[+-]?\d+$/.test(text) ? decimal(text.trim()) : undefined;
    case TokenKind.FLOAT: {
      const value = Number(text);
      const whole = Math.trunc(value);
      const rounded = Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole;
      return Number.isFinite(rounded) ? BigInt(rounded) : undefined;
    }
    default:
      return undefined;
  }
}

/** BigInt() does not take a plus sign. */
function decimal(text: string): bigint {
  return BigInt(text.startsWith('+') ? text.slice(1) : text);
}

/** As a number where that is exact. */
function narrow(exact: bigint): number | bigint {
  const value = Number(exact);
  return Number.isSafeInteger(value) ? value : exact;
}
