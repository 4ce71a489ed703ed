/** All aggregate functions by name. A new function is one file and one line here. */
import type { FunctionDefinition } from './aggregator.ts';
import { avg } from './avg.ts';
import { bottom } from './bottom.ts';
import { count } from './count.ts';
import { first } from './first.ts';
import { last } from './last.ts';
import { lastRow } from './last-row.ts';
import { max } from './max.ts';
import { min } from './min.ts';
import { spread } from './spread.ts';
import { stddev } from './stddev.ts';
import { sum } from './sum.ts';
import { top } from './top.ts';

const all = [avg, bottom, count, first, last, lastRow, max, min, spread, stddev, sum, top];
const byName = new Map<string, FunctionDefinition>(
  all.map((definition) => [definition.name, definition]),
);

/** Functions of TDengine 2.1 that this version parses and plans but does not run. */
const later = new Set([
  'percentile',
  'apercentile',
  'leastsquares',
  'diff',
  'interp',
  'twa',
  'rate',
  'irate',
]);

/** The function's declaration, or undefined when there is none such. */
export function findFunction(name: string): FunctionDefinition | undefined {
  return byName.get(name);
}

/** Whether the name is a function that 2.1 has and this version does not run yet. */
export function isFunctionOfLater(name: string): boolean {
  return later.has(name);
}
