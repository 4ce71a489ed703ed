/** The fill clause: how it fills, over which times, and with which values. */
import {
  invalidOperation,
  isFloatType,
  isStringType,
  SqlType,
  ticksPerSecond,
  timeArithmetic,
} from '@tdnode/common';
import type { Expression, FillClause } from '@tdnode/sql';
import type { Branch } from './branch.ts';
import { foldNumber } from './constant.ts';
import type { FillMode, IntervalWindow } from './fragment.ts';
import type { AggregateOutput, FillSpec, PlanColumn } from './metadata.ts';
import { MAX_TIME, MIN_TIME } from './where.ts';

/** More windows than this are refused, as in TDengine. */
const WINDOWS_MAX = 1_000_000;
/** Ticks of a day in milliseconds: what a month has at least is 28 of them. */
const SHORTEST_MONTH_MS = 28 * 86_400_000;

const MODES: ReadonlySet<string> = new Set(['none', 'null', 'value', 'prev', 'next', 'linear']);

/** How an output column may be filled. */
export interface FillTarget {
  readonly output: AggregateOutput;
  readonly head: PlanColumn;
}

/** The mode, refused when there is none such; `none` without a clause. */
export function fillModeOf(clause: FillClause | undefined): FillMode {
  if (clause === undefined) return 'none';
  const mode = clause.mode.toLowerCase();
  if (!MODES.has(mode)) throw invalidOperation('invalid fill option');
  if (mode === 'value' && clause.values.length === 0) throw invalidOperation('value is expected');
  return mode as FillMode;
}

/** Binds the clause of a query with an interval; undefined where nothing is to be filled. */
export function bindFill(
  branch: Branch,
  window: IntervalWindow,
  targets: readonly FillTarget[],
): FillSpec | undefined {
  const { fill } = branch.clauses;
  const mode = fillModeOf(fill);
  if (fill === undefined || mode === 'none') return undefined;
  const { from, to } = branch.where;
  if (!isSmallRange(from, to, window)) {
    throw invalidOperation('start(end) time of query range required or time range too large');
  }
  let next = 0;
  const values = targets.map(({ output, head }) => {
    if (mode !== 'value' || output.kind === 'window' || output.kind === 'group') return null;
    return fillValue(fill.values[Math.min(next++, fill.values.length - 1)]!, head.type);
  });
  return { mode, from, to, values };
}

function isSmallRange(from: number, to: number, window: IntervalWindow): boolean {
  if (from > to) return true; // nothing will be found, and nothing filled
  if (from === MIN_TIME || to === MAX_TIME || from === to) return false;
  const { precision } = window;
  const width =
    window.kind === 'fixed'
      ? window.width
      : (window.months * SHORTEST_MONTH_MS * ticksPerSecond(precision)) / 1000;
  return Math.floor(timeArithmetic(precision).between(from, to) / width) < WINDOWS_MAX;
}

/** A value of the clause in a column of a type; strings are never filled. */
export function fillValue(expression: Expression, type: SqlType): number | null {
  if (isStringType(type) || expression.kind === 'null') return null;
  const number = numberOf(expression);
  if (!Number.isFinite(number)) throw invalidOperation('illegal value or data overflow');
  if (type === SqlType.BOOL) return number === 0 ? 0 : 1;
  return isFloatType(type) ? number : Math.trunc(number);
}

function numberOf(expression: Expression): number {
  if (expression.kind === 'bool') return expression.value ? 1 : 0;
  if (expression.kind === 'string')
    return expression.value.trim() === '' ? NaN : Number(expression.value);
  const constant = foldNumber(expression);
  return constant === undefined ? NaN : Number(constant.value);
}
