/** `last_row(column)`: the value of the latest row, NULL or not. */
import type { FunctionDefinition } from './aggregator.ts';
import { Edge } from './edge.ts';

export const lastRow: FunctionDefinition = {
  name: 'last_row',
  isSelector: true,
  family: 'last_row',
  isExpandable: true,
  parameters: 0,
  partialColumns: 2,
  accepts: () => true,
  result: (type, bytes) => ({ type, bytes }),
  create: (call) => new Edge(call, 'last_row'),
};
