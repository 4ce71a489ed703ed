/**
 * Aim: what is encoded comes back bit for bit (NULL as NULL), at every level of compression, for every type.
 * Method: fast-check over shapes of columns that lead to each encoding, with the extremes mixed in.
 */
import fc from 'fast-check';
import { NULL_BIGINT, SqlType, vectorValue } from '@tdnode/common';
import type { StrVector, Vector } from '@tdnode/common';
import { expect, test } from 'vitest';
import { AlignedBytes } from './aligned-bytes.ts';
import { decodeColumn } from './column-decoder.ts';
import { ColumnEncoder } from './column-encoder.ts';
import { Encoding } from './column-format.ts';
import { ColumnScratch } from './column-scratch.ts';

const encoder = new ColumnEncoder();
const scratch = new ColumnScratch();
const levels = [0, 1, 2] as const;
const runs = { seed: 20210, numRuns: 60 };

function encodeOne(vector: Vector, type: SqlType, rows: number, comp: 0 | 1 | 2): AlignedBytes {
  const out = new AlignedBytes(64);
  // Not at the start: offsets must be relative to the column.
  out.reserve(8);
  out.size = 8;
  encoder.encode(out, vector, { type, rows, comp });
  expect(out.size % 8).toBe(0);
  return out;
}

function encodingOf(values: readonly number[], type: SqlType): number {
  const vector: Vector = { kind: 'f64', data: Float64Array.from(values), nullCount: -1 };
  return encodeOne(vector, type, values.length, 1).bytes[8]!;
}

function expectDoubles(values: readonly number[], type: SqlType): void {
  const data = Float64Array.from(values);
  const expected = values.map((value) => (value !== value ? NaN : value));
  for (const comp of levels) {
    const out = encodeOne({ kind: 'f64', data, nullCount: -1 }, type, values.length, comp);
    const { nullCount } = encoder.measured;
    expect(nullCount).toBe(values.filter((value) => value !== value).length);
    const shape = { type, rows: values.length, nullCount };
    const back = decodeColumn(out, 8, shape, scratch);
    if (back.kind !== 'f64') throw new Error('not doubles');
    for (let i = 0; i < values.length; i++) {
      if (!Object.is(back.data[i], expected[i])) {
        expect({ comp, i, value: back.data[i] }).toEqual({ comp, i, value: expected[i] });
      }
    }
  }
}

/** Columns of up to three mini-blocks, and now and then a whole block. */
function column(value: fc.Arbitrary<number>): fc.Arbitrary<number[]> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.array(value, { minLength: 1, maxLength: 400, size: 'max' }) },
    { weight: 1, arbitrary: fc.array(value, { minLength: 4096, maxLength: 4096 }) },
  );
}

const orNull = (value: fc.Arbitrary<number>) =>
  fc.oneof({ weight: 9, arbitrary: value }, { weight: 1, arbitrary: fc.constant(NaN) });

const integers: readonly (readonly [string, SqlType, number, number])[] = [
  ['BOOL', SqlType.BOOL, 0, 1],
  ['TINYINT', SqlType.TINYINT, -127, 127],
  ['SMALLINT', SqlType.SMALLINT, -32767, 32767],
  ['INT', SqlType.INT, -2147483647, 2147483647],
  ['BIGINT', SqlType.BIGINT, -(2 ** 53), 2 ** 53],
  ['TIMESTAMP', SqlType.TIMESTAMP, 0, 2 ** 53],
  ['UTINYINT', SqlType.UTINYINT, 0, 254],
  ['USMALLINT', SqlType.USMALLINT, 0, 65534],
  ['UINT', SqlType.UINT, 0, 4294967294],
  ['UBIGINT', SqlType.UBIGINT, 0, 2 ** 53],
];

/** Near, far and extreme values of a range, so that every width and both integer encodings appear. */
function integerIn(low: number, high: number): fc.Arbitrary<number> {
  const near = { min: Math.max(low, -9), max: Math.min(high, 9) };
  const far = {
    min: Math.max(low, Number.MIN_SAFE_INTEGER),
    max: Math.min(high, Number.MAX_SAFE_INTEGER),
  };
  return fc.oneof(
    { weight: 20, arbitrary: fc.integer(near) },
    { weight: 5, arbitrary: fc.integer(far) },
    { weight: 1, arbitrary: fc.constantFrom(low, high) },
  );
}

test.each(integers)('%s comes back', (_, type, low, high) => {
  const noMinusZero = (values: number[]) => values.map((value) => value + 0);
  fc.assert(
    fc.property(column(integerIn(low, high)), (values) => expectDoubles(noMinusZero(values), type)),
    runs,
  );
  fc.assert(
    fc.property(
      column(orNull(fc.integer({ min: Math.max(0, low), max: 100 > high ? high : 100 }))),
      (values) => expectDoubles(values, type),
    ),
    runs,
  );
});

test('integers that walk, count and jump take the narrowest way', () => {
  const walk = Array.from({ length: 1000 }, (_, i) => 1e9 + ((i * 7919) % 13) + i * 50);
  expectDoubles(walk, SqlType.INT);
  expect(encodingOf(walk, SqlType.INT)).toBe(Encoding.PACKED);
  const clock = Array.from({ length: 4096 }, (_, i) => 1.6e15 + i * 1e7);
  expectDoubles(clock, SqlType.TIMESTAMP);
  expect(encodingOf(clock, SqlType.TIMESTAMP)).toBe(Encoding.LINEAR);
  const late = clock.map((value, i) => value + ((i * 31) % 17));
  expectDoubles(late, SqlType.TIMESTAMP);
  expect(encodingOf(late, SqlType.TIMESTAMP)).toBe(Encoding.WIDE);
  const speeding = Array.from({ length: 3000 }, (_, i) => i * i * 1e6);
  expectDoubles(speeding, SqlType.BIGINT);
  expect(encodingOf(speeding, SqlType.BIGINT)).toBe(Encoding.WIDE);
  const squares = Array.from({ length: 3000 }, (_, i) => i * i);
  expectDoubles(squares, SqlType.INT);
});

const extremes = [
  0,
  -0,
  1 / 3,
  Number.MIN_VALUE,
  -Number.MIN_VALUE,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  Infinity,
  -Infinity,
  2 ** 53,
  -(2 ** 53),
  2 ** 51,
  2 ** 51 + 1,
  2 ** 52 + 1,
  0.1 + 0.2,
  1e15,
  123456789.123456,
];

test.each([
  ['DOUBLE', SqlType.DOUBLE, (value: number) => value],
  ['FLOAT', SqlType.FLOAT, Math.fround],
] as const)('%s comes back', (_, type, round) => {
  const decimal = (places: number) =>
    fc.integer({ min: -99999, max: 99999 }).map((i) => round((i + 0) / 10 ** places));
  const shapes = [
    fc.constantFrom(0, 2, 3, 7).chain((places) => column(decimal(places))),
    fc.constantFrom(1, 4).chain((places) => column(orNull(decimal(places)))),
    column(
      fc.oneof({ weight: 40, arbitrary: decimal(2) }, fc.constantFrom(...extremes).map(round)),
    ),
    column(orNull(fc.constantFrom(...extremes).map(round))),
    column(fc.double().map(round)),
    column(orNull(fc.double({ noNaN: true, min: 20, max: 21 }).map(round))),
    fc.constantFrom(...extremes).chain((value) => column(fc.constant(round(value)))),
    column(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }).map((i) => round(i / 100))),
  ];
  for (const shape of shapes) {
    fc.assert(
      fc.property(shape, (values) => expectDoubles(values, type)),
      runs,
    );
  }
});

test('short decimals are scaled, others are not', () => {
  const decimals = Array.from({ length: 500 }, (_, i) => ((i * 7919) % 1000) / 100);
  const fractions = Array.from({ length: 500 }, (_, i) => 20 + Math.sin(i));
  expect(encodingOf(decimals, SqlType.DOUBLE)).toBe(Encoding.SCALED);
  expect(encodingOf(decimals.map(Math.fround), SqlType.FLOAT)).toBe(Encoding.SCALED);
  expect(encodingOf(fractions, SqlType.DOUBLE)).toBe(Encoding.XOR);
});

test('blocks of 10000 rows come back, also in other encodings than the block before', () => {
  const rows = Array.from({ length: 10_000 }, (_, i) => i);
  expectDoubles(
    rows.map((i) => (i * 7919) % 10_007),
    SqlType.INT,
  );
  expectDoubles(
    rows.map((i) => i * i * 1e7 + (i % 3)),
    SqlType.BIGINT,
  );
  expectDoubles(
    rows.map((i) => (i % 9 === 4 ? NaN : Math.fround(Math.sin(i)))),
    SqlType.FLOAT,
  );
  expectDoubles(
    rows.map((i) => Math.sin(i)),
    SqlType.DOUBLE,
  );
  expectDoubles(
    rows.map((i) => (i % 500 === 3 ? i / 7 : i / 8)),
    SqlType.DOUBLE,
  );
  expectStrings(rows.map((i) => (i % 9 === 4 ? null : `${i % 3000}`)));
});

test('NaN of any payload is NULL', () => {
  const words = new Uint32Array([
    1, 0x7ff80000, 0xffffffff, 0xffffffff, 0, 0x3ff00000, 7, 0xfff00000,
  ]);
  const values = new Float64Array(words.buffer);
  expectDoubles([...values], SqlType.DOUBLE);
  expectDoubles([...values], SqlType.FLOAT);
  expectDoubles([...values], SqlType.INT);
});

test.each(integers)('%s of one row, and all NULL', (_, type, low, high) => {
  expectDoubles([low], type);
  expectDoubles([high], type);
  expectDoubles([NaN], type);
  expectDoubles(
    Array.from({ length: 300 }, () => NaN),
    type,
  );
});

test.each([
  ['BIGINT', SqlType.BIGINT],
  ['UBIGINT', SqlType.UBIGINT],
] as const)('%s beyond ±2^53 comes back with its NULLs', (_, type) => {
  const value = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.constantFrom(NULL_BIGINT, -1n, 2n ** 63n - 1n, 0n, 1n - 2n ** 63n),
    fc.bigInt({ min: 2n ** 60n, max: 2n ** 60n + 5000n }),
  );
  const reserved = type === SqlType.UBIGINT ? -1n : NULL_BIGINT;
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 400, size: 'max' }), (values) => {
      const data = BigInt64Array.from(values);
      const unsigned = type === SqlType.UBIGINT;
      for (const comp of levels) {
        const vector: Vector = { kind: 'i64', data, unsigned, nullCount: -1 };
        const out = encodeOne(vector, type, values.length, comp);
        const { nullCount } = encoder.measured;
        expect(nullCount).toBe(values.filter((v) => v === reserved).length);
        const back = decodeColumn(out, 8, { type, rows: values.length, nullCount }, scratch);
        expect([back.kind, back.kind === 'i64' && back.unsigned]).toEqual(['i64', unsigned]);
        expect(values.map((_v, i) => vectorValue(back, i))).toEqual(
          values.map((_v, i) => vectorValue(vector, i)),
        );
      }
    }),
    runs,
  );
});

function stringVector(values: readonly (string | null)[]): StrVector {
  const parts = values.map((value) => new TextEncoder().encode(value ?? ''));
  // Not at the start of `bytes`, and no bits beyond the rows that mean anything.
  const bytes = new Uint8Array(3 + parts.reduce((sum, part) => sum + part.length, 0));
  const offsets = new Uint32Array(values.length + 1);
  const nulls = new Uint8Array((values.length + 7) >> 3).fill(0);
  let at = 3;
  parts.forEach((part, i) => {
    offsets[i] = at;
    bytes.set(part, at);
    at += part.length;
    if (values[i] === null) nulls[i >> 3]! |= 1 << (i & 7);
  });
  offsets[values.length] = at;
  return { kind: 'str', offsets, bytes, nulls, nullCount: -1 };
}

function expectStrings(values: readonly (string | null)[]): number {
  let encoding = 0;
  for (const comp of levels) {
    const type = comp === 1 ? SqlType.BINARY : SqlType.NCHAR;
    const out = encodeOne(stringVector(values), type, values.length, comp);
    const { nullCount } = encoder.measured;
    expect(nullCount).toBe(values.filter((value) => value === null).length);
    const back = decodeColumn(out, 8, { type, rows: values.length, nullCount }, scratch);
    const decoded = values.map((_, i) => {
      const value = vectorValue(back, i);
      return value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
    });
    expect(decoded).toEqual(values);
    if (comp === 1) encoding = out.bytes[8]!;
  }
  return encoding;
}

test('strings come back: empty is not NULL, characters of 4 bytes, repeats', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.constantFrom('', null, '𝄞🎼', '北京', 'a'.repeat(300)),
  );
  const repeated = fc.constantFrom('', null, 'San Francisco', 'Los Angeles', '𝄞');
  for (const value of [text, repeated]) {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 700, size: 'max' }), (values) => {
        expectStrings(values);
      }),
      runs,
    );
  }
});

test('strings that repeat take a dictionary, others stay plain, all NULL nothing', () => {
  const many = Array.from({ length: 1000 }, (_, i) => `value ${i}`);
  expect(expectStrings(many)).toBe(Encoding.STRINGS);
  expect(expectStrings(many.map((_, i) => `value ${i % 7}`))).toBe(Encoding.DICTIONARY);
  expect(expectStrings([null, null, null])).toBe(Encoding.ALL_NULL);
  expect(expectStrings(Array.from({ length: 100 }, () => ''))).toBe(Encoding.DICTIONARY);
});
