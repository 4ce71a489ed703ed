import { expect, test } from 'vitest';
import { windowCutter } from './window.ts';

const at = (iso: string): number => Date.parse(iso);

test('fixed windows begin at their phase, before 1970 too', () => {
  const cutter = windowCutter({
    kind: 'fixed',
    width: 1000,
    step: 1000,
    phase: 300,
    precision: 'ms',
  });
  expect([0, 299, 300, 1299, 1300, -701].map((ts) => cutter.first(ts))).toEqual([
    -700, -700, 300, 300, 1300, -1700,
  ]);
  expect(cutter.end(300)).toBe(1300);
});

test('sliding windows: the earliest that holds the time', () => {
  const cutter = windowCutter({
    kind: 'fixed',
    width: 3000,
    step: 2000,
    phase: 0,
    precision: 'ms',
  });
  expect([0, 999, 1000, 2000, 3000].map((ts) => cutter.first(ts))).toEqual([
    -2000, -2000, 0, 0, 2000,
  ]);
  expect(cutter.overlaps).toBe(true);
});

test('weeks of a zone begin on Thursday at its midnight', () => {
  const week = 7 * 86_400_000;
  const cutter = windowCutter({
    kind: 'fixed',
    width: week,
    step: week,
    phase: -8 * 3_600_000,
    precision: 'ms',
  });
  expect(cutter.first(at('2021-01-06T12:00:00Z'))).toBe(at('2020-12-30T16:00:00Z'));
});

test.each([
  [1, 0, 0, '2021-03-15T10:00:00Z', '2021-03-01T00:00:00Z', '2021-04-01T00:00:00Z'],
  [3, 0, 0, '2021-12-31T23:59:59Z', '2021-10-01T00:00:00Z', '2022-01-01T00:00:00Z'],
  [12, 0, 0, '1969-05-05T00:00:00Z', '1969-01-01T00:00:00Z', '1970-01-01T00:00:00Z'],
  [12, 1, 0, '2021-01-15T00:00:00Z', '2020-02-01T00:00:00Z', '2021-02-01T00:00:00Z'],
  [1, 0, 86_400_000, '2021-01-01T12:00:00Z', '2020-12-02T00:00:00Z', '2021-01-02T00:00:00Z'],
])(
  '%i months, offset %i months and %i ms: %s',
  (months, offsetMonths, offset, time, start, end) => {
    const cutter = windowCutter({
      kind: 'calendar',
      months,
      offsetMonths,
      offset,
      zone: 'UTC',
      precision: 'ms',
    });
    expect(cutter.first(at(time))).toBe(at(start));
    expect(cutter.end(at(start))).toBe(at(end));
    expect(cutter.next(at(start))).toBe(at(end));
  },
);
