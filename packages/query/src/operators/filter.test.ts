import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Condition } from '../plan/fragment.ts';
import type { ScanBlock } from '../scan.ts';
import { RowFilter } from './filter.ts';

/** A block of two columns; with `testsItself` it tests ranges of the first `testsItself` columns. */
function block(columns: readonly (readonly number[])[], testsItself: number): ScanBlock {
  const data = columns.map((values) => Float64Array.from(values));
  const rows = data[0]!.length;
  const ts = Float64Array.from({ length: rows }, (_, i) => i);
  return {
    rows,
    tsFirst: 0,
    tsLast: rows - 1,
    ts: () => ts,
    column: (i) => ({ kind: 'f64', data: data[i]!, nullCount: -1 }),
    stats: () => undefined,
    test(i, { low, high }, bits) {
      if (i >= testsItself) return false;
      bits.fill(0, 0, (rows + 31) >> 5);
      for (const [row, value] of data[i]!.entries()) {
        if (value >= low && value <= high) bits[row >> 5]! |= 1 << (row & 31);
      }
      return true;
    },
  };
}

const value = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 0, max: 20 }) },
  { weight: 1, arbitrary: fc.constant(NaN) },
);
const bound = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -1, max: 21 }) },
  { weight: 1, arbitrary: fc.constantFrom(-Infinity, Infinity) },
);

const range: fc.Arbitrary<Condition> = fc
  .record({ index: fc.constantFrom(0, 1), low: bound, high: bound, negated: fc.boolean() })
  .map(({ index, low, high, negated }) => ({
    kind: 'test',
    operand: { source: 'column', index },
    test: { kind: 'range', low, high, negated },
  }));
const many = (part: fc.Arbitrary<Condition>, kind: 'and' | 'or'): fc.Arbitrary<Condition> =>
  fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => ({ kind, parts }));
const conditions = fc.oneof(
  range,
  many(range, 'and'),
  many(range, 'or'),
  many(fc.oneof(range, many(range, 'or')), 'and'),
);

function passes(condition: Condition, row: readonly number[]): boolean {
  if (condition.kind === 'constant') return condition.value;
  if (condition.kind !== 'test') {
    const isMet = (part: Condition) => passes(part, row);
    return condition.kind === 'and' ? condition.parts.every(isMet) : condition.parts.some(isMet);
  }
  const { operand, test: tested } = condition;
  if (operand.source !== 'column' || tested.kind !== 'range') throw new Error('not made here');
  const x = row[operand.index]!;
  return x === x && (x >= tested.low && x <= tested.high) !== tested.negated;
}

test('selecting and counting find the rows that pass one by one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 200 }),
      conditions,
      fc.constantFrom(0, 1, 2),
      fc.tuple(fc.nat(20), fc.nat(20)),
      (rows, condition, testsItself, [cutFront, cutBack]) => {
        const filter = new RowFilter(condition);
        const scanned = block([rows.map(([a]) => a), rows.map(([, b]) => b)], testsItself);
        const from = Math.min(cutFront, rows.length);
        const to = Math.max(from, rows.length - cutBack);
        for (const [first, end] of [
          [0, rows.length],
          [from, to],
        ] as const) {
          const expected: number[] = [];
          for (let row = first; row < end; row++)
            if (passes(condition, rows[row]!)) expected.push(row);
          const count = filter.select(scanned, first, end);
          expect([...filter.selection.subarray(0, count)]).toEqual(expected);
          expect(filter.count(scanned, first, end)).toBe(expected.length);
        }
      },
    ),
    { seed: 20210, numRuns: 500 },
  );
});
