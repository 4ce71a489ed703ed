/**
 * Durations as SQL writes them: a whole number and a unit. b (ns), u (µs), a (ms), s, m, h, d, w have a
 * fixed length; n (month) and y (year) follow the calendar of a time zone.
 */
import type { Precision } from '../types/schema.ts';
import {
  civilDay,
  civilFromDays,
  civilMonth,
  civilYear,
  daysFromCivil,
  MS_PER_DAY,
} from './civil.ts';
import type { TimeZone } from './time-zone.ts';
import { localToUtcMs } from './zone.ts';

/** Units of a duration literal: nano, micro, milliseconds, seconds, minutes, hours, days, weeks, months, years. */
export type DurationUnit = 'b' | 'u' | 'a' | 's' | 'm' | 'h' | 'd' | 'w' | 'n' | 'y';

/** Nanoseconds of the units of fixed length. */
const nanoseconds: { readonly [unit: string]: number | undefined } = {
  b: 1,
  u: 1e3,
  a: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86_400e9,
  w: 7 * 86_400e9,
};

/** Ticks of one second. */
export function ticksPerSecond(precision: Precision): number {
  return precision === 'ms' ? 1e3 : precision === 'us' ? 1e6 : 1e9;
}

/** Is this a unit that follows the calendar? */
export function isCalendarUnit(unit: string): boolean {
  return unit === 'n' || unit === 'y';
}

/** Ticks of a duration of fixed length, cut off to whole ticks; NaN for calendar and unknown units. */
export function durationTicks(amount: number, unit: string, precision: Precision): number {
  const length = nanoseconds[unit];
  if (length === undefined) return NaN;
  const tick = 1e9 / ticksPerSecond(precision);
  return length >= tick ? amount * (length / tick) : Math.trunc(amount / (tick / length));
}

/**
 * A time plus `months` in the zone's calendar: the clock's time of day stays, and a day that the month does
 * not have runs on into the next (31 January + 1n is 3 March).
 */
export function addMonths(
  ticks: number,
  months: number,
  precision: Precision,
  zone: TimeZone,
): number {
  const perMs = ticksPerSecond(precision) / 1000;
  const ms = Math.floor(ticks / perMs);
  const local = ms + zone.offsetMs(ms);
  const days = Math.floor(local / MS_PER_DAY);
  const civil = civilFromDays(days);
  const month = civilYear(civil) * 12 + civilMonth(civil) - 1 + months;
  const year = Math.floor(month / 12);
  const day = daysFromCivil(year, month - year * 12 + 1, civilDay(civil));
  const moved = localToUtcMs(zone, day * MS_PER_DAY + (local - days * MS_PER_DAY));
  return moved * perMs + (ticks - ms * perMs);
}
