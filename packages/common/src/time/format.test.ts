/** Printed times against recorded answers and, at random, against the runtime's own calendar. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatTimestamp } from './format.ts';
import type { TimeZone } from './time-zone.ts';

const fixed = (hours: number): TimeZone => ({ name: 'fixed', offsetMs: () => hours * 3_600_000 });
const utc = fixed(0);
/** Goes one hour ahead at noon UTC of 1970-01-02. */
const summer: TimeZone = { name: 's', offsetMs: (ms) => (ms < 129_600_000 ? 0 : 3_600_000) };

test.each([
  [1_609_459_200_123, 'ms', utc, 'local', '2021-01-01 00:00:00.123'],
  [1_609_459_200_123, 'ms', fixed(8), 'utc', '2021-01-01T08:00:00.123+0800'],
  [1_538_548_685_000, 'ms', fixed(-3.5), 'utc', '2018-10-03T03:08:05.000-0330'],
  [1_609_459_200_123_456, 'us', utc, 'local', '2021-01-01 00:00:00.123456'],
  [1_609_459_200_123_456_789n, 'ns', utc, 'local', '2021-01-01 00:00:00.123456789'],
  [-1, 'ms', utc, 'local', '1970-01-01 00:00:00.-01'],
  [-5, 'ms', utc, 'utc', '1970-01-01T00:00:00.-05+0000'],
  [-1000, 'ms', utc, 'local', '1969-12-31 23:59:59.000'],
  [-1987, 'ms', utc, 'local', '1969-12-31 23:59:59.-98'],
  [-1, 'us', utc, 'local', '1970-01-01 00:00:00.-00001'],
  [253_402_300_800_000, 'ms', utc, 'local', '10000-01-01 00:00:00.000'],
  [129_599_999, 'ms', summer, 'local', '1970-01-02 11:59:59.999'],
  [129_600_000, 'ms', summer, 'local', '1970-01-02 13:00:00.000'],
] as const)('%s %s', (ticks, precision, zone, style, text) => {
  expect(formatTimestamp(ticks, precision, zone, style)).toBe(text);
});

test('any time from 1970 on prints as the runtime prints it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => {
      const iso = new Date(ms).toISOString();
      expect(formatTimestamp(ms, 'ms', utc)).toBe(iso.replace('T', ' ').slice(0, 23));
    }),
    { seed: 7 },
  );
});
