/** `first(column)`: the earliest value that is not NULL. */
import type { FunctionDefinition } from './aggregator.ts';
import { Edge } from './edge.ts';

export const first: FunctionDefinition = {
  name: 'first',
  isSelector: true,
  family: 'aggregate',
  isExpandable: true,
  parameters: 0,
  partialColumns: 2,
  accepts: () => true,
  result: (type, bytes) => ({ type, bytes }),
  create: (call) => new Edge(call, 'first'),
};
