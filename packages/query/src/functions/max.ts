/** `max(column)`: the greatest value. */
import type { FunctionDefinition } from './aggregator.ts';
import { Extreme } from './extreme.ts';
import { isNumeric } from './types.ts';

export const max: FunctionDefinition = {
  name: 'max',
  isSelector: true,
  family: 'aggregate',
  isExpandable: false,
  parameters: 0,
  partialColumns: 2,
  accepts: isNumeric,
  result: (type, bytes) => ({ type, bytes }),
  create: (call) => new Extreme(call, true),
};
