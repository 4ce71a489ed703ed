/**
 * `interp(column)`: the value at a point of time. The fragment makes one row a table of it (`exec/run-interp.ts`); here
 * the first of several tables' values stays.
 */
import type { FunctionDefinition } from './aggregator.ts';
import { Edge } from './edge.ts';

export const interp: FunctionDefinition = {
  name: 'interp',
  isSelector: false,
  family: 'interp',
  isExpandable: true,
  parameters: [],
  onStables: 'yes',
  doc: {
    usage: 'interp(column), interp(*)',
    says: 'The value at a point of time, `where ts = …`: of the row there or, between two rows, as `fill` says (nothing without it). With `interval` at the start of every window that has rows. Over a stable, group by tbname: else the first table that has a value answers.',
    statistics: 'none',
    example: 'select interp(a) from t1 where ts = 1609459206000 fill(linear)',
  },
  partialColumns: 2,
  accepts: () => true,
  result: (type, bytes) => ({ type, bytes }),
  create: (call) => new Edge(call, 'last_row'),
};
