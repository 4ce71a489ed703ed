import { SqlType, vectorValue } from '@tdnode/common';
import { ManualClock, MemoryFileSystem } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { DAY, StoreModel, column, testOptions } from '../../test/store-model.ts';

const BASE = 18_000 * DAY;
const options = { ...testOptions, maxRows: 4096 };
const columns = [column(1, SqlType.TIMESTAMP), column(2, SqlType.INT), column(3, SqlType.DOUBLE)];

/** `rows` rows of table 1 from row `from` on; every seventh INT of the second thousand is NULL. */
function write(model: StoreModel, from: number, rows: number): void {
  model.write({
    columns: columns.slice(1),
    segments: [
      {
        tid: 1,
        rows: Array.from({ length: rows }, (_, i) => {
          const n = from + i;
          const isNull = n >= 1000 && n < 2000 && n % 7 === 0;
          return { ts: BASE + n, values: [isNull ? null : (n * 31) % 1013, n / 8] };
        }),
      },
    ],
  });
}

/** Statistics of every block, as found and as its rows have them. */
function statsOf(model: StoreModel, from: number, to: number, descending: boolean) {
  const cursor = model.store.cursor(1, model.spec(columns.slice(1), from, to, descending));
  const found: unknown[] = [];
  const expected: unknown[] = [];
  for (let block = cursor.next(); block !== undefined; block = cursor.next()) {
    for (let i = 0; i < 2; i++) {
      const stats = block.stats(i);
      const all = Array.from({ length: block.rows }, (_, row) => vectorValue(block.column(i), row));
      if (stats === undefined) continue;
      const values = all.filter((value) => value !== null).map(Number);
      const nullCount = all.length - values.length;
      const edges = nullCount === 0 ? [stats.first, stats.last] : [];
      found.push([stats.nullCount, stats.sum, stats.min, stats.max, ...edges]);
      const sum = values.reduce((a, b) => a + b, 0);
      const ends = nullCount === 0 ? [values[0], values[values.length - 1]] : [];
      expected.push([nullCount, sum, Math.min(...values), Math.max(...values), ...ends]);
    }
  }
  cursor.close();
  return { found, expected };
}

test('statistics of memory are those of the rows, before and after more is written', () => {
  const disk = new MemoryFileSystem();
  disk.makeFolder('/v');
  const model = new StoreModel(disk, new ManualClock(BASE), options, columns);
  let rows = 0;
  for (const more of [1000, 1000, 1000, 300, 255, 9000, 700]) {
    write(model, rows, more);
    rows += more;
    for (const descending of [false, true]) {
      for (const [from, to] of [
        [-Infinity, Infinity],
        [BASE + 500, BASE + rows - 100],
        [BASE + 1000, BASE + 2999],
      ] as const) {
        const { found, expected } = statsOf(model, from, to, descending);
        expect(found).toEqual(expected);
      }
    }
    const whole = statsOf(model, -Infinity, Infinity, false);
    // A piece with a small stretch has none.
    if (more !== 255) expect(whole.found.length).toBeGreaterThan(0);
  }
});

test('a late row that replaces nothing moves the stretches, not their statistics', () => {
  const disk = new MemoryFileSystem();
  disk.makeFolder('/v');
  const model = new StoreModel(disk, new ManualClock(BASE), options, columns);
  write(model, 0, 1000);
  write(model, 1001, 1000);
  const before = statsOf(model, -Infinity, Infinity, false);
  expect(before.found).toEqual(before.expected);
  write(model, 1000, 1);
  write(model, 500, 300);
  const after = statsOf(model, -Infinity, Infinity, false);
  expect(after.found).toEqual(after.expected);
});
