import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatTimestamp } from './format.ts';
import {
  NS_TIME_MAX,
  isStoredNanoseconds,
  nextTime,
  storedNanoseconds,
  ticksOfStored,
  timeArithmetic,
} from './stored-time.ts';
import { parseNanoseconds, parseTimestamp } from './timestamp-literal.ts';
import { timeZone } from './zone.ts';

const ticks = fc.oneof(
  fc.bigInt({ min: -NS_TIME_MAX, max: NS_TIME_MAX }),
  fc.bigInt({ min: -1000n, max: 1000n }),
  fc.bigInt({ min: 1_600_000_000_000_000_000n, max: 1_600_000_000_000_001_000n }),
);
const SEED = { seed: 1_609_459_200, numRuns: 1000 };
const sign = (value: number | bigint): number => (value < 0 ? -1 : value > 0 ? 1 : 0);

describe('nanoseconds as doubles', () => {
  test('keep every tick and their order', () => {
    fc.assert(
      fc.property(ticks, ticks, (a, b) => {
        const [x, y] = [storedNanoseconds(a), storedNanoseconds(b)];
        expect(ticksOfStored(x)).toBe(a);
        expect(sign(x - y)).toBe(sign(a - b));
        expect(Object.is(x, -0)).toBe(false);
      }),
      SEED,
    );
  });

  test('lie where no tick of another precision does', () => {
    fc.assert(
      fc.property(ticks, (a) => {
        expect(isStoredNanoseconds(storedNanoseconds(a))).toBe(a !== 0n);
      }),
      SEED,
    );
    for (const whole of [0, 1, -1, 1_609_459_200_000, Number.MAX_SAFE_INTEGER]) {
      expect(isStoredNanoseconds(whole)).toBe(false);
      expect(ticksOfStored(whole)).toBe(BigInt(whole));
    }
  });

  test('beyond their bounds stand beyond all of them', () => {
    expect(storedNanoseconds(NS_TIME_MAX + 1n)).toBe(Number.MAX_SAFE_INTEGER);
    expect(storedNanoseconds(-NS_TIME_MAX - 1n)).toBe(Number.MIN_SAFE_INTEGER);
    expect(storedNanoseconds(NS_TIME_MAX)).toBeLessThan(1);
  });

  test('move and measure as their ticks do', () => {
    const times = timeArithmetic('ns');
    const step = fc.integer({ min: -(2 ** 50), max: 2 ** 50 });
    fc.assert(
      fc.property(ticks, step, (a, by) => {
        const moved = a + BigInt(by);
        const isInside = (n: bigint): boolean => n < NS_TIME_MAX && n > -NS_TIME_MAX;
        fc.pre(isInside(moved) && isInside(a));
        const from = storedNanoseconds(a);
        expect(times.add(from, by)).toBe(storedNanoseconds(moved));
        expect(times.between(from, storedNanoseconds(moved))).toBe(by);
        expect(nextTime(from, 1)).toBe(storedNanoseconds(a + 1n));
        expect(nextTime(from, -1)).toBe(storedNanoseconds(a - 1n));
        const ms = times.toMs(from);
        expect(times.fromMs(ms)).toBeLessThanOrEqual(from);
        expect(times.fromMs(ms + 1)).toBeGreaterThan(from);
      }),
      SEED,
    );
    expect(times.between(-Infinity, storedNanoseconds(5n))).toBeGreaterThan(2 ** 53);
  });
});

describe('ticks of ms and us', () => {
  test('are numbers as always', () => {
    const times = timeArithmetic('us');
    expect(times.add(5, -7)).toBe(-2);
    expect(times.between(5, 12)).toBe(7);
    expect(times.fromMs(-3, 4)).toBe(-2996);
    expect(times.toMs(-2996)).toBe(-3);
  });

  test('have neighbours that no tick lies between', () => {
    for (const tick of [-5, 0, 7, 1_609_459_200_000]) {
      expect(nextTime(tick, 1)).toBeGreaterThan(tick);
      expect(nextTime(tick, 1)).toBeLessThan(tick + 1);
      expect(nextTime(tick, -1)).toBeLessThan(tick);
      expect(nextTime(tick, -1)).toBeGreaterThan(tick - 1);
    }
    expect(nextTime(Infinity, 1)).toBe(Infinity);
  });
});

test('literals of nanoseconds are read and printed to the last digit', () => {
  const zone = timeZone('UTC');
  const literal = '2021-01-01 00:00:00.123456789';
  expect(parseNanoseconds(literal, zone)).toBe(1_609_459_200_123_456_789n);
  expect(parseNanoseconds('2021-01-01 00:00:00.1234567891', zone)).toBe(1_609_459_200_123_456_789n);
  expect(parseNanoseconds('2021-01-01T08:00:00.000000001+08:00', zone)).toBe(
    1_609_459_200_000_000_001n,
  );
  expect(parseNanoseconds('tomorrow', zone)).toBeUndefined();
  expect(formatTimestamp(1_609_459_200_123_456_789n, 'ns', zone)).toBe(literal);
  expect(formatTimestamp(-1n, 'ns', zone)).toBe('1969-12-31 23:59:59.999999999');
  fc.assert(
    fc.property(ticks, (a) => {
      const text = formatTimestamp(a, 'ns', zone);
      expect(parseNanoseconds(text, zone)).toBe(a);
      expect(parseTimestamp(text, 'ns', zone)).toBe(Number(a));
    }),
    { seed: 7, numRuns: 500 },
  );
});
