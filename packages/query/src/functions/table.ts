/** All aggregate functions by name. A new function is one file and one line here. */
import type { FunctionDefinition } from './aggregator.ts';
import { apercentile } from './apercentile.ts';
import { avg } from './avg.ts';
import { bottom } from './bottom.ts';
import { count } from './count.ts';
import { diff } from './diff.ts';
import { first } from './first.ts';
import { interp } from './interp.ts';
import { irate } from './irate.ts';
import { lastRow } from './last-row.ts';
import { last } from './last.ts';
import { leastsquares } from './leastsquares.ts';
import { max } from './max.ts';
import { min } from './min.ts';
import { percentile } from './percentile.ts';
import { rate } from './rate.ts';
import { spread } from './spread.ts';
import { stddev } from './stddev.ts';
import { sum } from './sum.ts';
import { top } from './top.ts';
import { twa } from './twa.ts';

/** Every function, by name ascending. */
export const allFunctions: readonly FunctionDefinition[] = [
  apercentile,
  avg,
  bottom,
  count,
  diff,
  first,
  interp,
  irate,
  last,
  lastRow,
  leastsquares,
  max,
  min,
  percentile,
  rate,
  spread,
  stddev,
  sum,
  top,
  twa,
];
const byName = new Map<string, FunctionDefinition>(
  allFunctions.map((definition) => [definition.name, definition]),
);

/** The function's declaration, or undefined when there is none such. */
export function findFunction(name: string): FunctionDefinition | undefined {
  return byName.get(name);
}
