import { SqlType } from '@tdnode/common';
import { expect, test } from 'vitest';
import type { Literal } from '@tdnode/sql';
import { convertTag } from './tag-literal.ts';

const literal = (form: Literal['form'], text: string): Literal => ({
  kind: 'literal',
  form,
  text,
  start: 0,
  end: 0,
});
const tag = (type: SqlType, bytes = 8) => ({ name: 't', type, bytes, colId: 1 });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each([
  ['integer', '12', SqlType.INT, 12],
  ['string', '12', SqlType.INT, 12],
  ['float', '1.6', SqlType.INT, 1],
  ['float', '-1.6', SqlType.INT, -1],
  ['bool', 'true', SqlType.INT, 1],
  ['integer', '2147483647', SqlType.INT, 2_147_483_647],
  ['integer', '254', SqlType.UTINYINT, 254],
  ['integer', '9223372036854775807', SqlType.BIGINT, 9_223_372_036_854_775_807n],
  ['integer', '-9223372036854775807', SqlType.BIGINT, -9_223_372_036_854_775_807n],
  ['integer', '18446744073709551614', SqlType.UBIGINT, 18_446_744_073_709_551_614n],
  ['string', 'TRUE', SqlType.BOOL, 1],
  ['integer', '0', SqlType.BOOL, 0],
  ['float', '1.1', SqlType.FLOAT, Math.fround(1.1)],
  ['string', '2.5', SqlType.DOUBLE, 2.5],
  ['integer', '33', SqlType.BINARY, bytes('33')],
  ['bool', 'true', SqlType.BINARY, bytes('TRUE')],
  ['null', 'null', SqlType.BINARY, null],
  ['string', '四四四四四四四四', SqlType.NCHAR, bytes('四四四四四四四四')],
] as const)('%s %s as type %i', (form, text, type, value) => {
  expect(convertTag(literal(form, text), tag(type))).toEqual({ ok: true, value });
});

test.each([
  ['string', 'x', SqlType.INT, 'invalid'],
  ['string', '', SqlType.INT, 'invalid'],
  ['integer', '2147483648', SqlType.INT, 'invalid'],
  ['integer', '-2147483648', SqlType.INT, 'invalid'],
  ['integer', '-128', SqlType.TINYINT, 'invalid'],
  ['integer', '255', SqlType.UTINYINT, 'invalid'],
  ['integer', '-1', SqlType.UBIGINT, 'invalid'],
  ['integer', '18446744073709551615', SqlType.UBIGINT, 'invalid'],
  ['integer', '9223372036854775808', SqlType.BIGINT, 'invalid'],
  ['float', '1e300', SqlType.BIGINT, 'invalid'],
  ['float', '1e39', SqlType.FLOAT, 'invalid'],
  ['string', 'abc', SqlType.DOUBLE, 'invalid'],
  ['string', 'maybe', SqlType.BOOL, 'invalid'],
  ['string', '123456789', SqlType.BINARY, 'tooLong'],
  ['string', '四四四', SqlType.BINARY, 'tooLong'],
  ['string', '四四四四四四四四四', SqlType.NCHAR, 'tooLong'],
] as const)('%s %s is no value of type %i', (form, text, type, why) => {
  expect(convertTag(literal(form, text), tag(type))).toEqual({ ok: false, why });
});
