import { expect, test } from 'vitest';
import type { ScanBlock } from '../scan.ts';
import { BlockRange } from './block-range.ts';

/** A block with these times; `stride` as storage would say it. */
function block(times: readonly number[], stride: number): ScanBlock {
  const ts = Float64Array.from(times);
  return {
    rows: ts.length,
    tsFirst: ts[0]!,
    tsLast: ts[ts.length - 1]!,
    stride,
    ts: () => ts,
    column: () => ({ kind: 'f64', data: ts, nullCount: 0 }),
    stats: () => undefined,
  };
}

const wholeOf = (rows: number) => ({
  from: 0,
  to: rows,
  selection: undefined,
  count: rows,
  isWhole: true,
});

test('regular times are searched as if they stood there', () => {
  for (const [first, stride, rows] of [
    [0, 1, 1],
    [1_500_000_000_000, 1000, 4096],
    [-7, 3, 100],
    [2 ** 52, 7, 50],
    [1_500_000_000_000_000_000, 2 ** 33, 4096],
  ] as const) {
    const times = Array.from({ length: rows }, (_, i) => first + i * stride);
    const regular = new BlockRange();
    const searched = new BlockRange();
    regular.open(block(times, stride), wholeOf(rows));
    searched.open(block(times, 0), wholeOf(rows));
    const places = [0, 1, 2, rows >> 1, rows - 2, rows - 1, rows];
    const wanted = places.flatMap((row) =>
      [-stride, -1, 0, 1, stride - 1].map((beside) => first + row * stride + beside),
    );
    for (const time of wanted) {
      for (const from of [0, rows >> 1, rows]) {
        const expected = times.findIndex((ts, i) => i >= from && ts >= time);
        const at = expected < 0 ? rows : expected;
        expect(regular.firstAt(time, from, rows)).toBe(at);
        expect(searched.firstAt(time, from, rows)).toBe(at);
      }
    }
    expect(regular.timeAt(rows - 1)).toBe(times[rows - 1]);
  }
});

test('selected rows are packed, and so are their times', () => {
  const range = new BlockRange();
  const selection = Uint32Array.of(1, 3, 4);
  range.open(block([10, 20, 30, 40, 50], 10), {
    from: 0,
    to: 5,
    selection,
    count: 3,
    isWhole: false,
  });
  expect([range.from, range.to]).toEqual([0, 3]);
  expect([...range.ts.subarray(0, 3)]).toEqual([20, 40, 50]);
  expect(range.firstAt(41, 0, 3)).toBe(2);
});
