/** `last_row(column)`: the value of the latest row, NULL or not. */
import type { FunctionDefinition } from './aggregator.ts';
import { Edge } from './edge.ts';

export const lastRow: FunctionDefinition = {
  name: 'last_row',
  isSelector: true,
  family: 'last_row',
  isExpandable: true,
  parameters: [],
  onStables: 'yes',
  doc: {
    usage: 'last_row(column), last_row(*)',
    says: 'The column in the newest row, NULL or not. Without `where` it does not mix with other functions.',
    statistics: 'newest row',
    example: 'select last_row(a) from t1',
  },
  partialColumns: 2,
  accepts: () => true,
  result: (type, bytes) => ({ type, bytes }),
  create: (call) => new Edge(call, 'last_row'),
};
