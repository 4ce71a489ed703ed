/** Batches there and back, from views of larger buffers too, and the page's example. */
import { pageDump } from '@tdnode/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBatch, encodeBatch } from './batch-codec.ts';
import { vectorValue, type Batch, type StrVector, type Vector } from './vector.ts';

function strings(values: readonly (string | null)[]): StrVector {
  const parts = values.map((value) => new TextEncoder().encode(value ?? ''));
  const offsets = new Uint32Array(values.length + 1);
  parts.forEach((part, i) => (offsets[i + 1] = offsets[i]! + part.length));
  const bytes = new Uint8Array(offsets[values.length]!);
  parts.forEach((part, i) => bytes.set(part, offsets[i]));
  const nulls = values.includes(null) ? new Uint8Array((values.length + 7) >> 3) : undefined;
  values.forEach((value, i) => {
    if (value === null) nulls![i >> 3]! |= 1 << (i & 7);
  });
  return { kind: 'str', offsets, bytes, nulls, nullCount: values.filter((v) => v === null).length };
}

function columnOf(rows: number): fc.Arbitrary<Vector> {
  const size = { minLength: rows, maxLength: rows };
  return fc.oneof(
    fc
      .array(fc.double(), size)
      .map((v): Vector => ({ kind: 'f64', data: Float64Array.from(v), nullCount: -1 })),
    fc
      .tuple(fc.bigInt64Array(size), fc.boolean())
      .map(([data, unsigned]): Vector => ({ kind: 'i64', data, unsigned, nullCount: -1 })),
    fc.array(fc.option(fc.string({ unit: 'binary' })), size).map(strings),
  );
}

const batches: fc.Arbitrary<Batch> = fc
  .nat(40)
  .chain((rows) =>
    fc.record({ rows: fc.constant(rows), columns: fc.array(columnOf(rows), { maxLength: 5 }) }),
  );

test('a batch comes back as it was', () => {
  fc.assert(
    fc.property(batches, (batch) => {
      const decoded = decodeBatch(encodeBatch(batch));
      expect(decoded.rows).toBe(batch.rows);
      for (const [c, column] of batch.columns.entries()) {
        const other = decoded.columns[c]!;
        expect(other.kind).toBe(column.kind);
        expect(other.nullCount).toBe(column.nullCount);
        for (let i = 0; i < batch.rows; i++) {
          const [a, b] = [vectorValue(column, i), vectorValue(other, i)];
          expect(b instanceof Uint8Array ? [...b] : b).toEqual(
            a instanceof Uint8Array ? [...a] : a,
          );
        }
      }
    }),
  );
});

test('strings that are a view into a larger buffer are cut out', () => {
  const whole = strings(['aa', 'bb', null, 'cc']);
  const view: StrVector = {
    ...whole,
    offsets: whole.offsets.subarray(1),
    nulls: undefined,
    nullCount: 0,
  };
  const decoded = decodeBatch(encodeBatch({ rows: 3, columns: [view] })).columns[0]!;
  expect(
    [0, 1, 2].map((i) => new TextDecoder().decode(vectorValue(decoded, i) as Uint8Array)),
  ).toEqual(['bb', '', 'cc']);
});

test('the example of docs/protocol/batch.md', () => {
  const batch: Batch = {
    rows: 3,
    columns: [
      { kind: 'f64', data: Float64Array.of(1.5, Number.NaN, -2), nullCount: 1 },
      {
        kind: 'i64',
        data: BigInt64Array.of(1n, 2n ** 62n, -(2n ** 63n)),
        unsigned: false,
        nullCount: -1,
      },
      strings(['ab', null, 'cde']),
    ],
  };
  const page = pageDump('protocol/batch.md');
  expect(encodeBatch(batch)).toEqual(page);
  expect(decodeBatch(page)).toEqual(batch);
});
