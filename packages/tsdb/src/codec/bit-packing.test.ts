/**
 * Aim: every width comes back, in whole mini-blocks (unrolled) and in parts of one (looped), beside other widths.
 */
import { seededRandom } from '@tdnode/common';
import { expect, test } from 'vitest';
import { MINI_BLOCK, bitWidth, miniBlocks, pack, packedWordCount, unpack } from './bit-packing.ts';

const random = seededRandom(32);

function valuesOfWidths(widths: readonly number[], rows: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, i) => {
    const width = widths[i >> 7]!;
    return Math.floor(random.next() * 2 ** width) | 0;
  });
}

function roundTrip(values: Int32Array, widths: readonly number[]): Int32Array {
  const rows = values.length;
  const words = new Int32Array(3 + rows + 8).fill(-1);
  const target = { words, at: 3, widths: Uint8Array.of(99, ...widths), widthsAt: 1 };
  const end = pack(target, values, rows);
  expect(end).toBe(3 + packedWordCount(target, rows));
  const out = new Int32Array(rows + 2).fill(7);
  expect(unpack(target, out, rows)).toBe(end);
  // Nothing is written beyond the rows.
  expect([...out.subarray(rows)]).toEqual([7, 7]);
  return out.subarray(0, rows);
}

test.each(Array.from({ length: 33 }, (_, width) => width))('width %i comes back', (width) => {
  for (const rows of [1, 2, 31, 32, 33, 127, 128, 129, 300]) {
    const widths = Array.from({ length: miniBlocks(rows) }, () => width);
    const values = valuesOfWidths(widths, rows);
    // The largest value, first, last and at a mini-block's end.
    for (const i of [0, Math.min(rows, MINI_BLOCK) - 1, rows - 1]) values[i] = 2 ** width - 1;
    expect([...roundTrip(values, widths)]).toEqual([...values]);
  }
});

test('mini-blocks of different widths stand side by side', () => {
  const widths = [0, 32, 1, 17, 0, 31, 5];
  const values = valuesOfWidths(widths, 7 * MINI_BLOCK - 50);
  expect([...roundTrip(values, widths)]).toEqual([...values]);
});

test('bitWidth counts bits of the unsigned value', () => {
  expect([0, 1, 2, 255, 256, 2 ** 31, -1].map(bitWidth)).toEqual([0, 1, 2, 8, 9, 32, 32]);
});
