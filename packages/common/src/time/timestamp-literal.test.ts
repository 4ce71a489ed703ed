import { expect, test } from 'vitest';
import { seededRandom } from '../random/random.ts';
import { addMonths, durationTicks } from './duration.ts';
import { civilDay, civilFromDays, civilMonth, civilYear, daysFromCivil } from './civil.ts';
import { parseTimestamp } from './timestamp-literal.ts';
import { timeZone } from './zone.ts';

const utc = timeZone('UTC');

/** Literal, and its ms in UTC as recorded of TDengine 2.1.2 (NaN: refused). */
const recorded: readonly (readonly [string, number])[] = [
  ['2021-01-01 00:00:00', 1609459200000],
  ['2021-01-01 00:00:01.5', 1609459201500],
  ['2021-01-01 00:00:02.05', 1609459202050],
  ['2021-01-01 00:00:04.1239', 1609459204123],
  ['2021-01-01T00:00:06', NaN],
  ['2021-01-01T00:00:07.250', NaN],
  ['2021-01-01T00:00:08Z', 1609459208000],
  ['2021-01-01T00:00:09.5Z', 1609459209500],
  ['2021-01-01T00:00:10+08:00', 1609430410000],
  ['2021-01-01T00:00:11+0800', 1609430411000],
  ['2021-01-01T00:00:12-05:30', 1609479012000],
  ['2021-01-01T00:00:13.777+08:00', 1609430413777],
  ['2021-01-01 00:00:14+08:00', 1609459214000],
  ['2021-01-01 00:00:15Z', 1609459215000],
  ['2021-01-01t00:00:16z', NaN],
  ['2021-01-01', NaN],
  ['2021-01-02 10', NaN],
  ['2021-01-02 10:11', NaN],
  ['2021-1-3 1:2:3', 1609635723000],
  ['2021/01/04 00:00:00', NaN],
  ['20210105 00:00:00', NaN],
  ['2021-13-01 00:00:00', NaN],
  ['2021-02-30 00:00:00', 1614643200000],
  ['2021-01-01 24:00:00', NaN],
  ['2021-01-01 23:59:60', 1609545600000],
  ['2021-01-01 00:60:00', NaN],
  [' 2021-01-06 00:00:00', 1609891200000],
  ['2021-01-07 00:00:00 ', 1609977600000],
  ['2021-01-01 00:01:00"', 1609459260000],
  ['', NaN],
  ['abc', NaN],
  ['1609459300000', NaN],
  ['1969-12-31 23:59:59', -1000],
];

test('literals are read as recorded', () => {
  for (const [text, ms] of recorded) {
    expect(parseTimestamp(text, 'ms', utc), text).toBe(ms);
    expect(parseTimestamp(text, 'us', utc), text).toBe(
      text.endsWith('.1239') ? ms * 1000 + 900 : ms * 1000,
    );
  }
  expect(parseTimestamp('2021-01-01 00:00:06.1234567', 'us', utc)).toBe(1609459206123456);
});

test('without a zone the clock is the session’s', () => {
  expect(parseTimestamp('2021-01-01 08:00:00', 'ms', timeZone('Asia/Shanghai'))).toBe(
    1609459200000,
  );
  expect(parseTimestamp('2021-07-01 00:00:00', 'ms', timeZone('America/New_York'))).toBe(
    1625112000000,
  );
  expect(parseTimestamp('2021-07-01T00:00:00Z', 'ms', timeZone('America/New_York'))).toBe(
    1625097600000,
  );
});

test('any instant of four-digit years, printed by Date, is read back', () => {
  const random = seededRandom(3);
  for (let i = 0; i < 20_000; i++) {
    const ms = Math.floor((random.next() * 9999 - 1970) * 365.2 * 86_400_000);
    const text = new Date(ms).toISOString();
    if (!/^\d{4}-/.test(text)) continue;
    expect(parseTimestamp(text, 'ms', utc), text).toBe(ms);
    expect(parseTimestamp(text.replace('T', ' ').replace('Z', ''), 'ms', utc), text).toBe(ms);
  }
});

test('civil dates and day numbers are inverse, and agree with Date', () => {
  for (let days = -800_000; days < 800_000; days += 101) {
    const civil = civilFromDays(days);
    expect(daysFromCivil(civilYear(civil), civilMonth(civil), civilDay(civil))).toBe(days);
    const date = new Date(days * 86_400_000);
    expect([civilYear(civil), civilMonth(civil), civilDay(civil)]).toEqual([
      date.getUTCFullYear(),
      date.getUTCMonth() + 1,
      date.getUTCDate(),
    ]);
  }
});

test('durations in ticks', () => {
  expect(durationTicks(2, 's', 'ms')).toBe(2000);
  expect(durationTicks(1, 'u', 'ms')).toBe(0);
  expect(durationTicks(-1999, 'u', 'ms')).toBe(-1);
  expect(durationTicks(1, 'a', 'us')).toBe(1000);
  expect(durationTicks(1, 'w', 'us')).toBe(7 * 86_400e6);
  expect(durationTicks(1, 'n', 'ms')).toBeNaN();
  expect(durationTicks(1, 'x', 'ms')).toBeNaN();
});

test('months follow the calendar of the zone', () => {
  const berlin = timeZone('Europe/Berlin');
  const at = (text: string): number => parseTimestamp(text, 'us', berlin);
  expect(addMonths(at('2021-01-31 12:00:00.000001'), 1, 'us', berlin)).toBe(
    at('2021-03-03 12:00:00.000001'),
  );
  expect(addMonths(at('2021-03-01 00:00:00'), 1, 'us', berlin)).toBe(at('2021-04-01 00:00:00'));
  expect(addMonths(at('2021-01-15 00:00:00'), -13, 'us', berlin)).toBe(at('2019-12-15 00:00:00'));
});
