/** Times in conditions: string literals, ticks, and `now` plus or minus durations. */
import {
  durationTicks,
  invalidOperation,
  parseNanoseconds,
  parseTimestamp,
  storedNanoseconds,
  ticksOfStored,
} from '@tdnode/common';
import type { Expression } from '@tdnode/sql';
import { foldNumber } from './constant.ts';
import type { PlanEnvironment } from './metadata.ts';
import { bareInvalid } from './refuse.ts';

/** The stored time of a time expression; refuses everything else. */
export function timeValue(expression: Expression, environment: PlanEnvironment): number {
  const ticks = timeTicks(expression, environment);
  return environment.precision === 'ns' ? storedNanoseconds(BigInt(ticks)) : Number(ticks);
}

/** Ticks of a time expression, whole and exact; refuses everything else. */
export function timeTicks(expression: Expression, environment: PlanEnvironment): number | bigint {
  const ticks = literalTicks(expression, environment) ?? relativeToNow(expression, environment);
  if (ticks === undefined)
    throw bareInvalid('a time is a string, a number of ticks, or now with durations');
  return ticks;
}

function literalTicks(
  expression: Expression,
  environment: PlanEnvironment,
): number | bigint | undefined {
  const { precision, timeZone } = environment;
  if (expression.kind === 'string') {
    const isWide = precision === 'ns';
    const ticks = isWide
      ? parseNanoseconds(expression.value, timeZone)
      : parseTimestamp(expression.value, precision, timeZone);
    if (ticks === undefined || ticks !== ticks)
      throw invalidOperation('invalid timestamp', `'${expression.value}' is not a time`);
    return ticks;
  }
  const exact = precision === 'ns' ? foldWhole(expression) : undefined;
  if (exact !== undefined) return exact;
  const number = foldNumber(expression);
  if (number === undefined) return undefined;
  const ticks = Math.trunc(Number(number.value));
  if (!Number.isFinite(ticks)) throw invalidOperation('invalid timestamp');
  return ticks;
}

/** Whole numbers, and their sums and differences: ticks in ns are beyond what doubles count. */
function foldWhole(expression: Expression): bigint | undefined {
  if (expression.kind === 'number')
    return /^(\d+|0x[0-9a-f]+)$/i.test(expression.text) ? BigInt(expression.text) : undefined;
  if (expression.kind === 'unary') {
    const operand = expression.op === 'not' ? undefined : foldWhole(expression.operand);
    return operand !== undefined && expression.op === '-' ? -operand : operand;
  }
  if (expression.kind !== 'binary' || (expression.op !== '+' && expression.op !== '-'))
    return undefined;
  const left = foldWhole(expression.left);
  const right = foldWhole(expression.right);
  if (left === undefined || right === undefined) return undefined;
  return expression.op === '+' ? left + right : left - right;
}

function relativeToNow(
  expression: Expression,
  environment: PlanEnvironment,
): number | bigint | undefined {
  const { precision, now } = environment;
  if (expression.kind === 'now') return precision === 'ns' ? ticksOfStored(now) : now;
  if (expression.kind !== 'binary' || (expression.op !== '+' && expression.op !== '-'))
    return undefined;
  const base = relativeToNow(expression.left, environment);
  if (base === undefined || expression.right.kind !== 'duration') return undefined;
  const { amount, unit } = expression.right;
  const ticks = durationTicks(amount, unit, precision);
  if (ticks !== ticks) return undefined;
  const moved = expression.op === '+' ? ticks : -ticks;
  return typeof base === 'bigint' ? base + BigInt(moved) : base + moved;
}
