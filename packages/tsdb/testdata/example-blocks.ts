/**
 * A small segment with every type and both kinds of block, for tests and for the fixture `segment-v1.seg`:
 * what that file must still read as. So change it only together with a new version of the format.
 */
import { SqlType } from '@tdnode/common';
import type { StrVector, Vector } from '@tdnode/common';
import type { BlockSource } from '../src/segment/segment-types.ts';

const numericTypes = [
  SqlType.BOOL,
  SqlType.TINYINT,
  SqlType.SMALLINT,
  SqlType.INT,
  SqlType.BIGINT,
  SqlType.FLOAT,
  SqlType.DOUBLE,
  SqlType.TIMESTAMP,
  SqlType.UTINYINT,
  SqlType.USMALLINT,
  SqlType.UINT,
  SqlType.UBIGINT,
];

/** Blocks of tables 2 and 7: regular and irregular times, two schema versions, NULL, 64-bit extremes. */
export function exampleBlocks(): BlockSource[] {
  return [
    meters(2, 1, 1_500_000_000_000, 100),
    meters(2, 1, 1_500_000_100_000, 20),
    everyType(2, 2, 1_500_000_200_000, 33),
    everyType(7, 2, 1_499_999_999_999, 1),
  ];
}

function meters(tid: number, schemaVersion: number, from: number, rows: number): BlockSource {
  return {
    tid,
    schemaVersion,
    rows,
    ts: Float64Array.from({ length: rows }, (_, i) => from + i * 1000),
    columns: [
      numbers(2, SqlType.FLOAT, rows, (i) => Math.fround(10 + ((i * 37) % 23) / 100)),
      numbers(3, SqlType.INT, rows, (i) => 220 + ((i * 7) % 5)),
    ],
  };
}

function everyType(tid: number, schemaVersion: number, from: number, rows: number): BlockSource {
  const value = (i: number) => (i % 5 === 2 ? NaN : (i * 3) % 2);
  const big = BigInt64Array.from({ length: rows }, (_, i) => 2n ** 62n + BigInt(i));
  return {
    tid,
    schemaVersion,
    rows,
    ts: Float64Array.from({ length: rows }, (_, i) => from + i * i * 10),
    columns: [
      ...numericTypes.map((type, i) => numbers(2 + i, type, rows, value)),
      strings(20, SqlType.BINARY, ['a', '', null, 'ccc'], rows),
      strings(21, SqlType.NCHAR, ['北京', '𝄞'], rows),
      {
        colId: 22,
        type: SqlType.UBIGINT,
        vector: { kind: 'i64', data: big, unsigned: true, nullCount: 0 },
      },
    ],
  };
}

function numbers(colId: number, type: SqlType, rows: number, value: (i: number) => number) {
  const data = Float64Array.from({ length: rows }, (_, i) => value(i));
  const vector: Vector = { kind: 'f64', data, nullCount: -1 };
  return { colId, type, vector };
}

function strings(colId: number, type: SqlType, values: (string | null)[], rows: number) {
  const parts: Uint8Array[] = [];
  const offsets = new Uint32Array(rows + 1);
  const nulls = new Uint8Array((rows + 7) >> 3);
  for (let i = 0; i < rows; i++) {
    const value = values[i % values.length] ?? null;
    const part = new TextEncoder().encode(value ?? '');
    parts.push(part);
    offsets[i + 1] = offsets[i]! + part.length;
    if (value === null) nulls[i >> 3]! |= 1 << (i & 7);
  }
  const bytes = new Uint8Array(Buffer.concat(parts));
  const vector: StrVector = { kind: 'str', offsets, bytes, nulls, nullCount: -1 };
  return { colId, type, vector };
}
