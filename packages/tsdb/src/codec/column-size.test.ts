/**
 * Aim: the sizes that the format promises, on columns made from a fixed seed: what an encoding is chosen for.
 */
import { SqlType, seededRandom } from '@tdnode/common';
import { expect, test } from 'vitest';
import { AlignedBytes } from './aligned-bytes.ts';
import { ColumnEncoder } from './column-encoder.ts';

const ROWS = 4096;
const encoder = new ColumnEncoder();

/** Bytes a value of a column that `value` makes, at comp 2. */
function bytesPerValue(type: SqlType, value: (i: number) => number): number {
  const data = Float64Array.from({ length: ROWS }, (_, i) => value(i));
  const out = new AlignedBytes(1024);
  encoder.encode(out, { kind: 'f64', data, nullCount: -1 }, { type, rows: ROWS, comp: 2 });
  return out.size / ROWS;
}

/** A current that walks around 10, a voltage that steps by one, a phase that steps by up to 0.005. */
function meters() {
  const random = seededRandom(1);
  const noise = () => random.next();
  let [current, voltage, phase] = [10, 220, 300];
  return {
    current: () => {
      current += (10 - current) * 0.005 + (noise() + noise() + noise() - 1.5) * 0.4;
      return Math.fround(Math.round(Math.abs(current) * 1000) / 1000);
    },
    voltage: () => {
      const quarter = Math.floor(noise() * 4);
      voltage += quarter === 0 ? -1 : quarter === 3 ? 1 : 0;
      return (voltage = Math.min(230, Math.max(210, voltage)));
    },
    phase: () => {
      phase = Math.min(400, Math.max(200, phase + Math.floor(noise() * 11) - 5));
      return Math.fround(phase / 1000);
    },
  };
}

test('a row of meters takes at most 2.2 bytes', () => {
  const { current, voltage, phase } = meters();
  const ts = bytesPerValue(SqlType.TIMESTAMP, (i) => 1.5e12 + i * 1000);
  const row =
    ts +
    bytesPerValue(SqlType.FLOAT, current) +
    bytesPerValue(SqlType.INT, voltage) +
    bytesPerValue(SqlType.FLOAT, phase);
  expect(row).toBeLessThan(2.2);
});

test('regular times and constants take no more than a header', () => {
  expect(bytesPerValue(SqlType.TIMESTAMP, (i) => 1.5e15 + i * 1e7) * ROWS).toBe(24);
  expect(bytesPerValue(SqlType.DOUBLE, () => 1 / 3) * ROWS).toBe(24);
  expect(bytesPerValue(SqlType.BIGINT, () => NaN) * ROWS).toBe(8);
});

test('an outlier widens only its mini-block', () => {
  const calm = bytesPerValue(SqlType.INT, (i) => (i * 7) % 5);
  const once = bytesPerValue(SqlType.INT, (i) => (i === 2000 ? 2e9 : (i * 7) % 5));
  expect(once - calm).toBeLessThan((128 * 32) / 8 / ROWS + 0.01);
});

test('nothing takes more than its native width and a header', () => {
  const random = seededRandom(2);
  const double = new Float64Array(1);
  const words = new Uint32Array(double.buffer);
  const anyDouble = () => {
    words[0] = random.next() * 2 ** 32;
    words[1] = random.next() * 2 ** 32;
    return double[0]!;
  };
  const slack = 16 / ROWS;
  expect(bytesPerValue(SqlType.DOUBLE, anyDouble)).toBeLessThanOrEqual(8 + slack);
  expect(bytesPerValue(SqlType.FLOAT, () => Math.fround(anyDouble()))).toBeLessThanOrEqual(
    4 + slack,
  );
  const anyTinyint = () => Math.floor(random.next() * 255) - 127;
  expect(bytesPerValue(SqlType.TINYINT, anyTinyint)).toBeLessThanOrEqual(1 + slack);
});
