import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bySize } from './unit-rows.ts';

test('every table is read once; what is read together is small', () => {
  const count = fc.oneof(fc.nat(100), fc.nat(3000));
  fc.assert(
    fc.property(fc.array(count, { maxLength: 500 }), (counts) => {
      const tables = counts.map((_, i) => `t${i}`);
      const sizes = new Map(counts.map((rows, i) => [`t${i}`, rows]));
      const { together, alone } = bySize(tables, sizes, 100_000);
      expect([...together.flat(), ...alone].toSorted()).toEqual(tables.toSorted());
      for (const table of alone) expect(sizes.get(table)).toBeGreaterThan(2000);
      for (const group of together) {
        expect(group.length).toBeLessThanOrEqual(1000);
        const rows = group.reduce((sum, table) => sum + sizes.get(table)!, 0);
        expect(rows).toBeLessThanOrEqual(100_000);
      }
    }),
    { seed: 7, numRuns: 100 },
  );
});

test('of wide rows fewer are read together', () => {
  const counts = new Map([
    ['a', 60],
    ['b', 50],
    ['c', 101],
    ['d', 40],
  ]);
  expect(bySize(['a', 'b', 'c', 'd', 'e'], counts, 100)).toEqual({
    together: [['a'], ['b', 'd', 'e']],
    alone: ['c'],
  });
});
