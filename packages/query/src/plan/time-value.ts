/** Times in conditions: string literals, ticks, and `now` plus or minus durations. */
import { durationTicks, invalidOperation, parseTimestamp } from '@tdnode/common';
import type { Expression } from '@tdnode/sql';
import { foldNumber } from './constant.ts';
import type { PlanEnvironment } from './metadata.ts';
import { bareInvalid } from './refuse.ts';

/** Ticks of a time expression; refuses everything else. */
export function timeValue(expression: Expression, environment: PlanEnvironment): number {
  if (expression.kind === 'string') {
    const ticks = parseTimestamp(expression.value, environment.precision, environment.timeZone);
    if (ticks !== ticks)
      throw invalidOperation('invalid timestamp', `'${expression.value}' is not a time`);
    return ticks;
  }
  const number = foldNumber(expression);
  if (number !== undefined) {
    const ticks = Math.trunc(Number(number.value));
    if (!Number.isFinite(ticks)) throw invalidOperation('invalid timestamp');
    return ticks;
  }
  const ticks = relativeToNow(expression, environment);
  if (ticks === undefined)
    throw bareInvalid('a time is a string, a number of ticks, or now with durations');
  return ticks;
}

function relativeToNow(expression: Expression, environment: PlanEnvironment): number | undefined {
  if (expression.kind === 'now') return environment.now;
  if (expression.kind !== 'binary' || (expression.op !== '+' && expression.op !== '-'))
    return undefined;
  const base = relativeToNow(expression.left, environment);
  if (base === undefined || expression.right.kind !== 'duration') return undefined;
  const { amount, unit } = expression.right;
  const ticks = durationTicks(amount, unit, environment.precision);
  if (ticks !== ticks) return undefined;
  return expression.op === '+' ? base + ticks : base - ticks;
}
