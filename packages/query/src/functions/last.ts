/** `last(column)`: the latest value that is not NULL. */
import type { FunctionDefinition } from './aggregator.ts';
import { Edge } from './edge.ts';

export const last: FunctionDefinition = {
  name: 'last',
  isSelector: true,
  family: 'aggregate',
  isExpandable: true,
  parameters: [],
  onStables: 'yes',
  doc: {
    usage: 'last(column), last(*)',
    says: 'The newest value that is not NULL.',
    statistics: 'newest row',
    example: 'select last(a) from t1',
  },
  partialColumns: 2,
  accepts: () => true,
  result: (type, bytes) => ({ type, bytes }),
  create: (call) => new Edge(call, 'last'),
};
