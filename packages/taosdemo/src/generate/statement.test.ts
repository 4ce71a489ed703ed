/** Statements are split and compared with an obvious version: every row once, in its order, within the limit. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_TABLES } from '../default-job.ts';
import { CellPool } from './cell-pool.ts';
import { writeDecimal } from './decimal.ts';
import { rowSource } from './row-source.ts';
import { InsertStatement } from './statement.ts';

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

test('numbers are written as String writes them', () => {
  const into = new Uint8Array(20);
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      expect(textOf(into.subarray(0, writeDecimal(into, 0, value)))).toBe(String(value));
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test('a statement of meters', () => {
  const source = rowSource(DEFAULT_TABLES, 'ms', { seed: 1, sample: undefined });
  const statement = new InsertStatement(source, 1 << 16);
  expect(statement.add(Buffer.from('test.d0 values '), 0, 0, 3)).toBe(3);
  expect(statement.add(Buffer.from('test.d1 values '), 1, 5, 1)).toBe(1);
  expect(statement.rows).toBe(4);
  expect(textOf(statement.text)).toMatch(
    /^insert into test\.d0 values (\(150000000000[012],\d+\.\d{3},2[0-3]\d,0\.\d{4}\)){3} test\.d1 values \(1500000000005,[^()]*\) $/,
  );
});

test('however rows are split into statements, they are the same rows', () => {
  const source = rowSource(
    { ...DEFAULT_TABLES, disorderRatio: 20, disorderRange: 7, timestampStep: 10 },
    'us',
    { seed: 3, sample: undefined },
  );
  const head = Buffer.from('test.d7 values ');
  const whole = rowsOf(4000);
  expect(whole).toHaveLength(100);
  fc.assert(
    fc.property(fc.integer({ min: 120, max: 4000 }), (limit) => {
      expect(rowsOf(limit)).toEqual(whole);
    }),
    { seed: 2, numRuns: 50 },
  );

  function rowsOf(limit: number): string[] {
    const statement = new InsertStatement(source, limit);
    const rows: string[] = [];
    for (let row = 0; row < 100;) {
      const added = statement.add(head, 7, row, 100 - row);
      expect(statement.text.length).toBeLessThanOrEqual(limit);
      expect(added).toBeGreaterThan(0);
      row += added;
      for (const [text] of textOf(statement.text).matchAll(/\(.*?\)/g)) rows.push(text);
      statement.reset();
    }
    return rows;
  }
});

test('what has no room is not begun', () => {
  const source = rowSource(DEFAULT_TABLES, 'ms', { seed: 1, sample: undefined });
  const statement = new InsertStatement(source, 60);
  expect(statement.add(Buffer.from('test.a_table_with_a_long_name values '), 0, 0, 1)).toBe(0);
  expect(statement.rows).toBe(0);
});

test('lines of a sample are taken in turn, nanoseconds stay exact', () => {
  const sample = CellPool.of(["1,'a'", "2,'b'"]);
  const source = rowSource({ ...DEFAULT_TABLES, timestampStep: 999_999 }, 'ns', {
    seed: 1,
    sample,
  });
  const statement = new InsertStatement(source, 4096);
  statement.add(Buffer.from('test.d3 values '), 3, 0, 3);
  expect(textOf(statement.text)).toBe(
    "insert into test.d3 values (1500000000000000000,1,'a')(1500000000000999999,2,'b')(1500000000001999998,1,'a') ",
  );
});

test('another seed gives other rows, the same seed the same', () => {
  const text = (seed: number): string => {
    const statement = new InsertStatement(
      rowSource(DEFAULT_TABLES, 'ms', { seed, sample: undefined }),
      4096,
    );
    statement.add(Buffer.from('d0 values '), 0, 0, 20);
    return textOf(statement.text);
  };
  expect(text(5)).toBe(text(5));
  expect(text(5)).not.toBe(text(6));
});
