import { expect, test } from 'vitest';
import { seededRandom } from '../random/random.ts';
import { localToUtcMs, timeZone } from './zone.ts';

/** Local time of an instant as Intl prints its fields, ms as if it were UTC. */
function oracle(name: string): (epochMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (epochMs) => {
    const field: Record<string, number> = {};
    for (const part of format.formatToParts(epochMs)) field[part.type] = Number(part.value);
    const at = (key: string): number => field[key] ?? NaN;
    return Date.UTC(at('year'), at('month') - 1, at('day'), at('hour'), at('minute'), at('second'));
  };
}

const names = [
  'Asia/Shanghai',
  'America/New_York',
  'Europe/Berlin',
  'Africa/Casablanca',
  'Australia/Lord_Howe',
];

test('offsets are those of Intl, at random instants and around every change of a decade', () => {
  const random = seededRandom(7);
  for (const name of names) {
    const zone = timeZone(name);
    const local = oracle(name);
    for (let i = 0; i < 2000; i++) {
      const instant = Math.floor((random.next() * 160 - 40) * 365 * 86400) * 1000;
      expect(instant + zone.offsetMs(instant), `${name} ${instant}`).toBe(local(instant));
    }
    for (let hour = 0; hour < 10 * 365 * 24; hour += 7) {
      const instant = Date.UTC(2015, 0, 1) + hour * 3_600_000;
      if (zone.offsetMs(instant) === zone.offsetMs(instant + 7 * 3_600_000)) continue;
      for (let minute = 0; minute < 7 * 60; minute++) {
        const near = instant + minute * 60_000;
        expect(near + zone.offsetMs(near), `${name} ${near}`).toBe(local(near));
      }
    }
  }
});

test('a local time leads back to an instant that shows it', () => {
  const random = seededRandom(8);
  for (const name of names) {
    const zone = timeZone(name);
    for (let i = 0; i < 5000; i++) {
      const instant = Math.floor(random.next() * 2e9) * 1000;
      const local = instant + zone.offsetMs(instant);
      const back = localToUtcMs(zone, local);
      expect(back + zone.offsetMs(back)).toBe(local);
      expect(back).toBeLessThanOrEqual(instant);
    }
  }
});

test('clocks that go back give the earlier instant; a skipped hour counts on with the old offset', () => {
  const zone = timeZone('America/New_York');
  expect(localToUtcMs(zone, Date.UTC(2021, 10, 7, 1, 30))).toBe(Date.UTC(2021, 10, 7, 5, 30));
  expect(localToUtcMs(zone, Date.UTC(2021, 2, 14, 2, 30))).toBe(Date.UTC(2021, 2, 14, 7, 30));
});

test('POSIX forms have their sign turned round, and only the first token counts', () => {
  expect(timeZone('UTC-8').offsetMs(0)).toBe(8 * 3_600_000);
  expect(timeZone('UTC+8').offsetMs(0)).toBe(-8 * 3_600_000);
  expect(timeZone('IST-5:30').offsetMs(0)).toBe(5.5 * 3_600_000);
  expect(timeZone('UTC').offsetMs(0)).toBe(0);
  expect(timeZone('Asia/Shanghai (CST, +0800)').offsetMs(1.6e12)).toBe(8 * 3_600_000);
  expect(timeZone('Asia/Shanghai (CST, +0800)').name).toBe('Asia/Shanghai');
});

test('an unknown name is an error', () => {
  for (const name of ['', 'Nowhere/City', 'UTC-99', 'x']) {
    expect(() => timeZone(name), name).toThrow('invalid timezone');
  }
});
