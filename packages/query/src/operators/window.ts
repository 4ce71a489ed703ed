/**
 * Cutting ascending times into windows. Fixed windows begin every `step` ticks; calendar windows begin on
 * the first of every so many months of the zone, plus an offset, and do not overlap.
 */
import {
  civilFromDays,
  civilMonth,
  civilYear,
  daysFromCivil,
  localToUtcMs,
  MS_PER_DAY,
  storedNanoseconds,
  ticksOfStored,
  timeArithmetic,
  timeZone,
} from '@tdnode/common';
import type { TimeZone } from '@tdnode/common';
import type { CalendarWindow, FixedWindow, IntervalWindow } from '../plan/fragment.ts';

/** Windows as functions of their starts. */
export interface WindowCutter {
  /** Start of the earliest window that holds time `ts`. */
  first(ts: number): number;
  /** Where the window that begins at `start` ends; the end is not part of it. */
  end(start: number): number;
  /** Start of the window after the one that begins at `start`. */
  next(start: number): number;
  /** Whether windows share times, so that a row may lie in several. */
  readonly overlaps: boolean;
}

/** The cutter of a window clause. */
export function windowCutter(window: IntervalWindow): WindowCutter {
  return window.kind === 'fixed' ? fixedCutter(window) : calendarCutter(window);
}

function fixedCutter(window: FixedWindow): WindowCutter {
  if (window.precision === 'ns') return nanosecondCutter(window);
  const { width, step, phase } = window;
  return {
    overlaps: step !== width,
    first(ts) {
      const before = ts - phase - width;
      const rest = before % step;
      return before - (rest < 0 ? rest + step : rest) + step + phase;
    },
    end: (start) => start + width,
    next: (start) => start + step,
  };
}

/** The same for stored times that are no ticks. */
function nanosecondCutter(window: FixedWindow): WindowCutter {
  const [width, step, phase] = [BigInt(window.width), BigInt(window.step), BigInt(window.phase)];
  const moved = (start: number, by: bigint): number => storedNanoseconds(ticksOfStored(start) + by);
  return {
    overlaps: step !== width,
    first(ts) {
      const before = ticksOfStored(ts) - phase - width;
      const rest = before % step;
      return storedNanoseconds(before - (rest < 0n ? rest + step : rest) + step + phase);
    },
    end: (start) => moved(start, width),
    next: (start) => moved(start, step),
  };
}

function calendarCutter(window: CalendarWindow): WindowCutter {
  const { months, offsetMonths, offset, precision } = window;
  const zone = timeZone(window.zone);
  const times = timeArithmetic(precision);
  const monthAt = (ts: number): number => monthOf(times.toMs(times.add(ts, -offset)), zone);
  const startOf = (month: number): number => times.fromMs(monthStart(month, zone), offset);
  const first = (ts: number): number => {
    const month = monthAt(ts) - offsetMonths;
    return startOf(Math.floor(month / months) * months + offsetMonths);
  };
  const next = (start: number): number => startOf(monthAt(start) + months);
  return { overlaps: false, first, end: next, next };
}

/** Months from year 0 to the zone's month at `ms`. */
function monthOf(ms: number, zone: TimeZone): number {
  const civil = civilFromDays(Math.floor((ms + zone.offsetMs(ms)) / MS_PER_DAY));
  return civilYear(civil) * 12 + civilMonth(civil) - 1;
}

/** Milliseconds since 1970 at which the zone's month begins. */
function monthStart(month: number, zone: TimeZone): number {
  const year = Math.floor(month / 12);
  return localToUtcMs(zone, daysFromCivil(year, month - year * 12 + 1, 1) * MS_PER_DAY);
}
