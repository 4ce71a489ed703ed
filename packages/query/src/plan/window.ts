/** The interval clause as windows in ticks. */
import { durationTicks, invalidOperation, isCalendarUnit, notSupportedYet, ticksPerSecond } from '@tdnode/common';
import type { DurationLiteral, SelectBranch } from '@tdnode/sql';
import type { Window } from './fragment.ts';
import type { PlanEnvironment } from './metadata.ts';

/** Shortest interval, ticks: 10 ms, or 10 µs where ticks are finer. */
const MIN_TICKS = 10;

/** Windows of the branch; undefined without an interval clause. */
export function bindWindow(branch: SelectBranch, environment: PlanEnvironment): Window | undefined {
  const { window, sliding } = branch;
  if (window?.kind !== 'interval') return undefined;
  const width = ticksOf(window.width, environment);
  const offset = window.offset === undefined ? 0 : ticksOf(window.offset, environment);
  if (width < MIN_TICKS) throw invalidOperation('interval cannot be less than 10 ms');
  if (offset >= width) throw invalidOperation('interval offset should be shorter than interval');
  const step = sliding === undefined ? width : bindSliding(sliding, width, environment);
  const { unit } = sliding ?? window.width;
  const zone = unit === 'd' || unit === 'w' ? zoneTicks(environment) : 0;
  return { width, step, phase: offset - zone };
}

function bindSliding(sliding: DurationLiteral, width: number, environment: PlanEnvironment): number {
  const step = ticksOf(sliding, environment);
  if (step < MIN_TICKS) throw invalidOperation('sliding value too small');
  if (step > width) throw invalidOperation('sliding value no larger than the interval value');
  if (step * 100 < width) throw invalidOperation('sliding value can not less than 1% of interval value');
  return step;
}

function ticksOf(duration: DurationLiteral, environment: PlanEnvironment): number {
  if (isCalendarUnit(duration.unit)) throw notSupportedYet('interval of months or years');
  return durationTicks(duration.amount, duration.unit, environment.precision);
}

/** How far local days begin from UTC days, ticks. */
function zoneTicks(environment: PlanEnvironment): number {
  const perMs = ticksPerSecond(environment.precision) / 1000;
  return environment.timeZone.offsetMs(environment.now / perMs) * perMs;
}
