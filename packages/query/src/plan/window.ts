/** The interval, session and state clauses as windows in ticks. */
import {
  durationTicks,
  invalidOperation,
  isCalendarUnit,
  isFloatType,
  MS_PER_DAY,
  SqlType,
  ticksPerSecond,
  timeArithmetic,
} from '@tdnode/common';
import type { DurationLiteral, WindowClause } from '@tdnode/sql';
import type { Branch } from './branch.ts';
import type { Window } from './fragment.ts';
import type { PlanEnvironment } from './metadata.ts';

/** Shortest interval, ticks: 10 ms, or 10 µs where ticks are finer. */
const MIN_TICKS = 10;

type IntervalClause = Extract<WindowClause, { kind: 'interval' }>;
type SessionClause = Extract<WindowClause, { kind: 'session' }>;
type StateClause = Extract<WindowClause, { kind: 'state' }>;

/** Windows of the branch; undefined without a window clause. */
export function bindWindow(branch: Branch): Window | undefined {
  const { clauses, environment } = branch;
  const { window, sliding } = clauses;
  if (window === undefined) return undefined;
  if (window.kind === 'session') return bindSession(branch, window);
  if (window.kind === 'state') return bindState(branch, window);
  return bindInterval(window, sliding, environment);
}

function bindSession(branch: Branch, { column, gap }: SessionClause): Window {
  const resolved = branch.scope.resolve(column, 'invalid column name');
  if (resolved.kind !== 'time') throw invalidOperation('invalid column name');
  if (isCalendarUnit(gap.unit)) throw invalidOperation('gap should be fixed time window');
  const ticks = ticksOf(gap, branch.environment);
  if (!(ticks > 0)) throw invalidOperation('invalid time window');
  return { kind: 'session', gap: ticks, precision: branch.environment.precision };
}

function bindState(branch: Branch, { column }: StateClause): Window {
  const resolved = branch.scope.resolve(column, 'invalid column name');
  if (resolved.kind === 'tag' || resolved.kind === 'tbname' || branch.clauses.groupBy.length > 0) {
    throw invalidOperation('not support state_window with group by ');
  }
  const { type } = resolved.column;
  if (isFloatType(type) || type === SqlType.TIMESTAMP)
    throw invalidOperation('invalid column name');
  return { kind: 'state', index: branch.columns.index(resolved.column) };
}

function bindInterval(
  window: IntervalClause,
  sliding: DurationLiteral | undefined,
  environment: PlanEnvironment,
): Window {
  if (isCalendarUnit(window.width.unit)) return bindCalendar(window, sliding, environment);
  const width = ticksOf(window.width, environment);
  // An offset of months says nothing to windows of fixed length.
  const isFixedOffset = window.offset !== undefined && !isCalendarUnit(window.offset.unit);
  const offset = isFixedOffset ? ticksOf(window.offset, environment) : 0;
  if (width < MIN_TICKS) throw invalidOperation('interval cannot be less than 10 ms');
  if (offset >= width) throw invalidOperation(OFFSET_TOO_LONG);
  const step = sliding === undefined ? width : bindSliding(sliding, width, environment);
  const { unit } = sliding ?? window.width;
  const zone = unit === 'd' || unit === 'w' ? zoneTicks(environment) : 0;
  return { kind: 'fixed', width, step, phase: offset - zone, precision: environment.precision };
}

const OFFSET_TOO_LONG = 'interval offset should be shorter than interval';

function bindCalendar(
  window: IntervalClause,
  sliding: DurationLiteral | undefined,
  environment: PlanEnvironment,
): Window {
  if (sliding !== undefined) {
    throw invalidOperation('does not support sliding when interval is natural month/year');
  }
  const months = monthsOf(window.width);
  if (months < 1) throw invalidOperation('interval cannot be less than 10 ms');
  const isCalendarOffset = window.offset !== undefined && isCalendarUnit(window.offset.unit);
  const offsetMonths = isCalendarOffset ? monthsOf(window.offset) : 0;
  const offset =
    window.offset === undefined || isCalendarOffset ? 0 : ticksOf(window.offset, environment);
  const ticksPerMs = ticksPerSecond(environment.precision) / 1000;
  // No month is shorter than 28 days.
  if (offsetMonths >= months || offset >= months * 28 * MS_PER_DAY * ticksPerMs) {
    throw invalidOperation(OFFSET_TOO_LONG);
  }
  return {
    kind: 'calendar',
    months,
    offsetMonths,
    offset,
    zone: environment.timeZone.name,
    precision: environment.precision,
  };
}

function monthsOf(duration: DurationLiteral): number {
  return duration.unit === 'y' ? duration.amount * 12 : duration.amount;
}

function bindSliding(
  sliding: DurationLiteral,
  width: number,
  environment: PlanEnvironment,
): number {
  const step = ticksOf(sliding, environment);
  if (step < MIN_TICKS) throw invalidOperation('sliding value too small');
  if (step > width) throw invalidOperation('sliding value no larger than the interval value');
  if (step * 100 < width)
    throw invalidOperation('sliding value can not less than 1% of interval value');
  return step;
}

function ticksOf(duration: DurationLiteral, environment: PlanEnvironment): number {
  return durationTicks(duration.amount, duration.unit, environment.precision);
}

/** How far local days begin from UTC days, ticks. */
function zoneTicks(environment: PlanEnvironment): number {
  const perMs = ticksPerSecond(environment.precision) / 1000;
  const nowMs = timeArithmetic(environment.precision).toMs(environment.now);
  return environment.timeZone.offsetMs(nowMs) * perMs;
}
