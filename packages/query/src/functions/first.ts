/** `first(column)`: the earliest value that is not NULL. */
import type { FunctionDefinition } from './aggregator.ts';
import { Edge } from './edge.ts';

export const first: FunctionDefinition = {
  name: 'first',
  isSelector: true,
  family: 'aggregate',
  isExpandable: true,
  parameters: [],
  onStables: 'yes',
  doc: {
    usage: 'first(column), first(*)',
    says: 'The oldest value that is not NULL.',
    statistics: 'skips blocks',
    example: 'select first(a), first(s) from st',
  },
  partialColumns: 2,
  accepts: () => true,
  result: (type, bytes) => ({ type, bytes }),
  create: (call) => new Edge(call, 'first'),
};
