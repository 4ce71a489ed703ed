/** Rows of every type, split over buffers of any size. */
import { SqlType, f64Vector, timeZone } from '@tdnode/common';
import type { Batch, StrVector } from '@tdnode/common';
import type { ResultColumn } from '@tdnode/rpc';
import { expect, test } from 'vitest';
import { RowEncoder } from './row-encoder.ts';

function strings(values: readonly (string | Uint8Array | null)[]): StrVector {
  const parts = values.map((v) => (v === null ? Buffer.alloc(0) : Buffer.from(v as string)));
  const offsets = new Uint32Array(values.length + 1);
  for (const [i, part] of parts.entries()) offsets[i + 1] = offsets[i]! + part.length;
  const nulls = new Uint8Array((values.length + 7) >> 3);
  for (const [i, v] of values.entries()) if (v === null) nulls[i >> 3]! |= 1 << (i & 7);
  return { kind: 'str', offsets, bytes: Buffer.concat(parts), nulls, nullCount: -1 };
}

const columns: ResultColumn[] = [
  { name: 'ts', type: SqlType.TIMESTAMP, bytes: 8 },
  { name: 'f', type: SqlType.FLOAT, bytes: 4 },
  { name: 'i', type: SqlType.INT, bytes: 4 },
  { name: 'bi', type: SqlType.BIGINT, bytes: 8 },
  { name: 'ub', type: SqlType.UBIGINT, bytes: 8 },
  { name: 'b', type: SqlType.BINARY, bytes: 20 },
];
const batch: Batch = {
  rows: 3,
  columns: [
    f64Vector(Float64Array.of(1_609_459_200_000, -1, Number.NaN)),
    f64Vector(Float64Array.of(0.1, Number.NaN, 1e38)),
    f64Vector(Float64Array.of(1, -2_147_483_647, Number.NaN)),
    {
      kind: 'i64',
      data: BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n), 5n),
      unsigned: false,
      nullCount: -1,
    },
    { kind: 'i64', data: BigInt64Array.of(-2n, -1n, 5n), unsigned: true, nullCount: -1 },
    strings(['a"\\\n\u0001', Uint8Array.of(0xff, 0x41), null]),
  ],
};

const expected = {
  local:
    '["2021-01-01 00:00:00.000",0.10000,1,9223372036854775807,18446744073709551614,"a\\"\\\\\\n\\u0001"],' +
    '["1970-01-01 00:00:00.-01",null,-2147483647,null,null,"\ufffdA"],' +
    '[null,1.00000e+38,null,5,5,null]',
  epoch:
    '[1609459200000,0.10000,1,9223372036854775807,18446744073709551614,"a\\"\\\\\\n\\u0001"],' +
    '[-1,null,-2147483647,null,null,"\ufffdA"],[null,1.00000e+38,null,5,5,null]',
} as const;

test.each(['local', 'epoch'] as const)('all types, %s times', (form) => {
  const encoder = new RowEncoder(columns, 'ms', form, timeZone('UTC'));
  const out = new Uint8Array(4096);
  encoder.begin(batch);
  const end = encoder.encode(out, 0, batch.rows);
  expect(encoder.hasMore(batch.rows)).toBe(false);
  expect(Buffer.from(out.subarray(0, end)).toString()).toBe(expected[form]);
});

test('a full buffer ends a piece between two rows', () => {
  const encoder = new RowEncoder(columns, 'ms', 'local', timeZone('UTC'));
  encoder.begin(batch);
  let text = '';
  let pieces = 0;
  while (encoder.hasMore(batch.rows)) {
    const out = new Uint8Array(encoder.nextRowBytes());
    text += Buffer.from(out.subarray(0, encoder.encode(out, 0, batch.rows))).toString();
    pieces++;
  }
  expect(pieces).toBe(3);
  expect(text).toBe(expected.local);
});
