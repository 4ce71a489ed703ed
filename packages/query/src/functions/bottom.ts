/** `bottom(column, k)`: the k least values, 1 ≤ k ≤ 100, each with its row's time. */
import type { FunctionDefinition } from './aggregator.ts';
import { Ranking } from './ranking.ts';
import { isNumeric } from './types.ts';

export const bottom: FunctionDefinition = {
  name: 'bottom',
  isSelector: true,
  family: 'entries',
  isExpandable: false,
  parameters: 1,
  partialColumns: 2,
  accepts: isNumeric,
  result: (type, bytes) => ({ type, bytes }),
  create: (call) => new Ranking(call, false),
};
