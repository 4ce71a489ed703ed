/**
 * Aim: testing an encoded column against a range finds the rows that decoding and comparing finds.
 * Method: fast-check over walks and scattered values of the encodings that can be tested, ranges with ends on, beside and
 * beyond the values.
 */
import fc from 'fast-check';
import { SqlType } from '@tdnode/common';
import { expect, test } from 'vitest';
import { AlignedBytes } from './aligned-bytes.ts';
import { decodeColumn } from './column-decoder.ts';
import { ColumnEncoder } from './column-encoder.ts';
import { testColumn } from './column-range.ts';
import { ColumnScratch } from './column-scratch.ts';

const encoder = new ColumnEncoder();
const scratch = new ColumnScratch();
const runs = { seed: 20210, numRuns: 200 };

interface Sample {
  readonly type: SqlType;
  readonly values: readonly number[];
}

/** Rows of the range by bits, or undefined where the encoding is not tested. */
function found(sample: Sample, low: number, high: number): boolean[] | undefined {
  const { out, shape } = encode(sample);
  const bits = new Int32Array(128).fill(-1);
  if (!testColumn(out, 8, shape, { low, high }, bits)) return undefined;
  return sample.values.map((_, row) => ((bits[row >> 5]! >>> (row & 31)) & 1) === 1);
}

function encode({ type, values }: Sample) {
  const rows = values.length;
  const out = new AlignedBytes(64);
  out.reserve(8);
  out.size = 8;
  const vector = { kind: 'f64', data: Float64Array.from(values), nullCount: -1 } as const;
  encoder.encode(out, vector, { type, rows, comp: 1 });
  return { out, shape: { type, rows, nullCount: encoder.measured.nullCount } };
}

function expected(sample: Sample, low: number, high: number): boolean[] {
  const { out, shape } = encode(sample);
  const vector = decodeColumn(out, 8, shape, scratch);
  if (vector.kind !== 'f64') throw new Error('not doubles');
  return sample.values.map((_, row) => vector.data[row]! >= low && vector.data[row]! <= high);
}

const lengths = fc.oneof(
  fc.integer({ min: 1, max: 300 }),
  fc.constantFrom(128, 256, 384, 2048, 4096),
);

/** Integers: a walk with steps up to `step`, or anything within `step` of `start`. */
const integers = fc
  .record({
    rows: lengths,
    start: fc.oneof(
      fc.integer({ min: -(2 ** 31) + 2, max: 2 ** 31 - 2 }),
      fc.integer({ min: -500, max: 500 }),
    ),
    step: fc.constantFrom(0, 1, 3, 40, 1000, 2 ** 20),
    isWalk: fc.boolean(),
    seed: fc.integer({ min: 1, max: 2 ** 30 }),
  })
  .map(({ rows, start, step, isWalk, seed }) => {
    let state = seed;
    let value = start;
    return Array.from({ length: rows }, () => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      const offset = ((state >> 8) % (2 * step + 1)) - step;
      value = isWalk ? value + offset : start + offset;
      return Math.max(-(2 ** 31) + 1, Math.min(2 ** 31 - 1, value));
    });
  });

const samples: fc.Arbitrary<Sample> = fc
  .tuple(
    integers,
    fc.constantFrom(SqlType.INT, SqlType.FLOAT, SqlType.DOUBLE),
    fc.integer({ min: 0, max: 5 }),
  )
  .map(([values, type, places]) => {
    if (type === SqlType.INT) return { type, values };
    const decimals = values.map((value) => Number(`${value}e-${places}`));
    return { type, values: type === SqlType.FLOAT ? decimals.map(Math.fround) : decimals };
  });

test('rows in a range are those that decoding finds', () => {
  let tested = 0;
  fc.assert(
    fc.property(
      samples,
      fc.tuple(fc.nat(), fc.nat(), fc.constantFrom(0, 0, 1e-9, -1e-9, 0.4, -0.4)),
      fc.constantFrom('both', 'low', 'high', 'beyond', 'empty'),
      (sample, [a, b, beside], kind) => {
        const { values } = sample;
        const ends = [values[a % values.length]!, values[b % values.length]!].map(
          (x) => x + beside,
        );
        let [low, high] = [Math.min(...ends), Math.max(...ends)];
        if (kind === 'low') high = Infinity;
        if (kind === 'high') low = -Infinity;
        if (kind === 'beyond') low = high + 2 ** 20;
        if (kind === 'empty') [low, high] = [high + 1e-7, low - 1e-7];
        const rows = found(sample, low, high);
        if (rows === undefined) return;
        tested++;
        expect(rows).toEqual(expected(sample, low, high));
      },
    ),
    runs,
  );
  // Constants, second differences, exceptions and wide ranges are not tested.
  expect(tested).toBeGreaterThan(80);
});

test('NULL, exceptions and strings are left to decoding', () => {
  const walk = Array.from({ length: 256 }, (_, i) => ((i * 7) % 100) / 10);
  const isTested = (values: number[], type: SqlType) => found({ type, values }, 1, 2) !== undefined;
  expect(isTested(walk, SqlType.DOUBLE)).toBe(true);
  expect(isTested(walk.with(3, NaN), SqlType.DOUBLE)).toBe(false);
  expect(isTested(walk.with(3, Math.PI), SqlType.DOUBLE)).toBe(false);
  expect(isTested(walk.with(3, -0), SqlType.DOUBLE)).toBe(false);
});
