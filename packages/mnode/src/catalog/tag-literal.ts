/**
 * Tag literals of `create table … using` and `alter table … set tag`, converted to the tag's type as
 * TDengine 2.1.2 does it: numbers in quotes count, fractions are cut off, a type's NULL value is refused.
 */
import { SqlType, type Column, type TagValue } from '@tdnode/common';
import type { Literal } from '@tdnode/sql';

/** Why a literal is no value of a tag. */
export type TagRefusal = 'invalid' | 'tooLong';

export type TagConversion =
  | { readonly ok: true; readonly value: TagValue }
  | { readonly ok: false; readonly why: TagRefusal };

const invalid: TagConversion = { ok: false, why: 'invalid' };
const tooLong: TagConversion = { ok: false, why: 'tooLong' };
const encoder = new TextEncoder();
const FLOAT_MAX = 3.4028234663852886e38;

/** Least and greatest value of each integer type; NULL's value lies just outside. */
const ranges: { readonly [type: number]: readonly [number, number] } = {
  [SqlType.TINYINT]: [-127, 127],
  [SqlType.SMALLINT]: [-32_767, 32_767],
  [SqlType.INT]: [-2_147_483_647, 2_147_483_647],
  [SqlType.UTINYINT]: [0, 254],
  [SqlType.USMALLINT]: [0, 65_534],
  [SqlType.UINT]: [0, 4_294_967_294],
};

/** Converts one literal; what is refused says why. */
export function convertTag(literal: Literal, tag: Column): TagConversion {
  if (literal.form === 'null') return { ok: true, value: null };
  switch (tag.type) {
    case SqlType.BINARY:
    case SqlType.NCHAR:
      return convertString(literal, tag);
    case SqlType.BOOL:
      return convertBool(literal);
    case SqlType.FLOAT:
    case SqlType.DOUBLE:
      return convertFloat(literal, tag.type);
    default:
      return convertInteger(literal, tag.type);
  }
}

function convertString(literal: Literal, tag: Column): TagConversion {
  const text = stringOf(literal);
  const value = encoder.encode(text);
  if (tag.type === SqlType.BINARY) return value.length > tag.bytes ? tooLong : { ok: true, value };
  if (value.length > tag.bytes && [...text].length > tag.bytes) return tooLong;
  return { ok: true, value };
}

function stringOf(literal: Literal): string {
  if (literal.form === 'bool') return literal.text.toUpperCase();
  return literal.form === 'float' ? Number(literal.text).toFixed(9) : literal.text;
}

function convertBool(literal: Literal): TagConversion {
  const text = literal.text.toLowerCase();
  if (text === 'true' || text === 'false') return { ok: true, value: text === 'true' ? 1 : 0 };
  if (literal.form === 'string') return text === 'null' ? { ok: true, value: null } : invalid;
  const number = Number(text);
  return Number.isNaN(number) ? invalid : { ok: true, value: number === 0 ? 0 : 1 };
}

function convertFloat(literal: Literal, type: SqlType): TagConversion {
  const text = literal.text.trim();
  if (literal.form === 'bool') return { ok: true, value: text.toLowerCase() === 'true' ? 1 : 0 };
  if (literal.form === 'string' && text.toLowerCase() === 'null') return { ok: true, value: null };
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) return invalid;
  if (type === SqlType.DOUBLE) return { ok: true, value };
  return Math.abs(value) > FLOAT_MAX ? invalid : { ok: true, value: Math.fround(value) };
}

const integerText = /^[+-]?(?:\d+|0x[0-9a-f]+|0b[01]+)$/i;
const floatText = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

function convertInteger(literal: Literal, type: SqlType): TagConversion {
  const text = literal.text.trim();
  if (literal.form === 'bool') return { ok: true, value: text.toLowerCase() === 'true' ? 1 : 0 };
  if (literal.form === 'string' && text.toLowerCase() === 'null') return { ok: true, value: null };
  if (integerText.test(text)) return wholeNumber(text, type);
  if (!floatText.test(text)) return invalid;
  const cut = Math.trunc(Number(text));
  if (!Number.isFinite(cut)) return invalid;
  return inRange(cut, type);
}

function wholeNumber(text: string, type: SqlType): TagConversion {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return inRange(value, type);
  if (type !== SqlType.BIGINT && type !== SqlType.UBIGINT) return invalid;
  const isNegative = text.startsWith('-');
  const digits = BigInt(text.replace(/^[+-]/, ''));
  const big = isNegative ? -digits : digits;
  const ok =
    type === SqlType.BIGINT
      ? big > -(2n ** 63n) && big < 2n ** 63n
      : big >= 0n && big < 2n ** 64n - 1n;
  return ok ? { ok: true, value: big } : invalid;
}

function inRange(value: number, type: SqlType): TagConversion {
  const range = ranges[type];
  if (range !== undefined)
    return value >= range[0] && value <= range[1] ? { ok: true, value } : invalid;
  if (type === SqlType.UBIGINT && value < 0) return invalid;
  if (Number.isSafeInteger(value)) return { ok: true, value };
  const big = BigInt(value);
  const limit = type === SqlType.UBIGINT ? 2n ** 64n - 1n : 2n ** 63n;
  return big < limit && big > -limit ? { ok: true, value: big } : invalid;
}
