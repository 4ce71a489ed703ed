import { expect, test } from 'vitest';
import type { SegmentEntry } from '../manifest/manifest.ts';
import { planRetention } from '../retention/plan.ts';
import { planCompaction } from './plan.ts';

/** Files of one partition by size in KiB, oldest first; `rowsPerBlock` of all. */
function files(sizes: readonly number[], rowsPerBlock: number, partition = 1): SegmentEntry[] {
  return sizes.map((size, i) => ({
    partition,
    seq: partition * 100 + i,
    info: {
      sizeBytes: size * 1024,
      blocks: 10,
      rows: 10 * rowsPerBlock,
      tidFirst: 1,
      tidLast: 10,
      tsFirst: 0,
      tsLast: 1,
      maxVersion: i,
    },
  }));
}

const rules = { smallBlockRows: 512 };
const plan = (segments: SegmentEntry[]): number[] | undefined =>
  planCompaction(segments, rules)?.map(({ seq }) => seq % 100);

test.each([
  ['too few files', [4, 4, 4], 10, undefined],
  ['four of a size', [4, 4, 4, 4], 10, [0, 1, 2, 3]],
  ['a large old file stays out', [4000, 4, 4, 4, 4], 10, [1, 2, 3, 4]],
  ['and joins when enough came', [20, 4, 4, 4, 4], 10, [0, 1, 2, 3, 4]],
  ['the youngest waits when its neighbour is large', [4, 4, 4, 4, 900, 4], 10, [0, 1, 2, 3, 4]],
  ['a young large file takes older small ones along', [1, 1, 1, 900], 10, [0, 1, 2, 3]],
  ['full blocks wait', [4, 4, 4, 4, 4], 4096, undefined],
  [
    'full blocks of many files do not',
    Array.from({ length: 16 }, () => 4),
    4096,
    Array.from({ length: 16 }, (_, i) => i),
  ],
  ['nothing beyond the largest size', [600_000, 600_000, 600_000, 600_000], 10, undefined],
])('%s', (_, sizes, rowsPerBlock, expected) => {
  expect(plan(files(sizes, rowsPerBlock))).toEqual(expected);
});

test('partitions are planned apart, and left out when they are excluded', () => {
  const segments = [
    ...files([4, 4, 4], 10, 1),
    ...files([4, 4, 4, 4], 10, 2),
    ...files([4, 4, 4, 4], 10, 3),
  ];
  expect(planCompaction(segments, rules)?.[0]?.partition).toBe(2);
  expect(planCompaction(segments, rules, new Set([2]))?.[0]?.partition).toBe(3);
});

test('retention takes partitions that end before the oldest time kept', () => {
  const segments = [1, 2, 3].flatMap((partition) => files([1], 1, partition));
  const end = (partition: number): number => partition * 100 + 99;
  expect(planRetention(segments, end, 200)).toEqual([100]);
  expect(planRetention(segments, end, 300)).toEqual([100, 200]);
});
