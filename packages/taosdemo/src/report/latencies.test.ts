/** Percentiles are held against sorted lists: within the 2 % of a bucket. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Latencies } from './latencies.ts';

test('percentiles are within two percent', () => {
  const many = fc.array(fc.double({ min: 0.01, max: 100_000, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(many, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, share) => {
      const latencies = new Latencies();
      for (const value of values) latencies.add(value);
      const sorted = values.toSorted((a, b) => a - b);
      const exact = sorted[Math.ceil(values.length * share) - 1]!;
      expect(Math.abs(latencies.percentile(share) - exact)).toBeLessThanOrEqual(exact * 0.0201);
    }),
    { seed: 4, numRuns: 500 },
  );
});

test('of none everything is nought', () => {
  const latencies = new Latencies();
  expect([latencies.meanMs, latencies.percentile(0.5), latencies.mostMs]).toEqual([0, 0, 0]);
});
