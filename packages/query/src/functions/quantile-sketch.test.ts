/**
 * Sketches against sorting: exact while few, rank within 1 % beyond, also after merging. The shapes are those that
 * trouble summaries: few values, one value, clusters far apart, ascending, both signs, tiny differences.
 */
import { expect, test } from 'vitest';
import { neighbours } from './order-statistic.ts';
import { QuantileSketch } from './quantile-sketch.ts';

const ROWS = 300_000;
const BLOCK = 4096;
const SHARES = [0, 0.001, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.999, 1];

/** xorshift32: the same numbers every time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const shapes: [string, (i: number, r: () => number) => number][] = [
  ['uniform', (_, r) => r() * 1000 - 500],
  ['sensor decimals', (_, r) => Math.fround(Math.round((9 + r() * 11) * 100) / 100)],
  ['fifty integers', (_, r) => 200 + Math.floor(r() * 50)],
  ['one value', () => 7.5],
  ['two values', (i) => (i % 10 === 0 ? -1 : 1)],
  ['ascending', (i) => i],
  ['descending', (i) => -i],
  ['far from zero', (_, r) => 1e15 + Math.floor(r() * 1000)],
  ['tiny differences', (_, r) => 1 + r() * 1e-12],
  ['clusters', (i, r) => (i % 3 === 0 ? 1e-9 : i % 3 === 1 ? 5 : 1e12) * (1 + r() * 1e-6)],
  ['heavy tail', (_, r) => 1 / (r() + 1e-9)],
  ['with NULL', (i, r) => (i % 4 === 0 ? NaN : r())],
];

/** How far the value's ranks are from the wanted one, in parts of all. */
function rankError(sorted: Float64Array, value: number, share: number): number {
  let below = 0;
  while (below < sorted.length && sorted[below]! < value) below++;
  let upTo = below;
  while (upTo < sorted.length && sorted[upTo]! <= value) upTo++;
  const place = share * sorted.length;
  return Math.max(0, below - place, place - upTo) / sorted.length;
}

test.each(shapes)('%s: ranks within 1 %, whole and merged', (_name, valueOf) => {
  const next = random(20_210_301);
  const data = Float64Array.from({ length: ROWS }, (_, i) => valueOf(i, next));
  const sorted = data.filter((value) => value === value).sort();
  const whole = new QuantileSketch(true);
  const parts = [new QuantileSketch(true), new QuantileSketch(true), new QuantileSketch(true)];
  for (let from = 0; from < ROWS; from += BLOCK) {
    const to = Math.min(ROWS, from + BLOCK);
    whole.add(data, from, to);
    parts[(from / BLOCK) % 3]!.add(data, from, to);
  }
  const merged = new QuantileSketch(true);
  for (const part of parts) merged.merge(part.encode());
  for (const sketch of [whole, merged]) {
    expect(sketch.count).toBe(sorted.length);
    expect(sketch.at(0)).toBe(sorted[0]);
    expect(sketch.at(1)).toBe(sorted.at(-1));
    for (const share of SHARES) {
      expect(rankError(sorted, sketch.at(share), share)).toBeLessThanOrEqual(0.01);
    }
    expect(sketch.heldBytes).toBeLessThan(8 << 20);
  }
});

test('the same values in the same order give the same state', () => {
  const next = random(7);
  const data = Float64Array.from({ length: 100_000 }, () => next() * 100);
  const [a, b] = [new QuantileSketch(true), new QuantileSketch(true)];
  a.add(data, 0, data.length);
  b.add(data, 0, data.length);
  expect(Buffer.compare(a.encode(), b.encode())).toBe(0);
});

test('few values are exact: places of TDengine', () => {
  const sketch = new QuantileSketch(true);
  sketch.add(Float64Array.from([7, 3, 9, 1, 5, NaN, 2, 8, 4, 6, 10]), 0, 11);
  expect([0, 0.05, 0.25, 0.5, 0.905, 1].map((share) => sketch.at(share))).toEqual([
    1, 1, 2.5, 5, 9.05, 10,
  ]);
});

test.each([...shapes.slice(0, 11), ['an outlier', (i: number) => (i === 5 ? 1e300 : i)] as const])(
  'order statistics, %s: as if sorted',
  (_name, valueOf) => {
    const next = random(99);
    const data = Float64Array.from({ length: 50_000 }, (_, i) => valueOf(i, next));
    const sorted = data.slice().sort();
    for (const rank of [0, 1, 17, 25_000, 47_500, 49_998, 49_999]) {
      expect(neighbours(data, rank)).toEqual([sorted[rank], sorted[Math.min(49_999, rank + 1)]]);
    }
  },
);
