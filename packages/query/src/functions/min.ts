/** `min(column)`: the least value. */
import type { FunctionDefinition } from './aggregator.ts';
import { Extreme } from './extreme.ts';
import { isNumeric } from './types.ts';

export const min: FunctionDefinition = {
  name: 'min',
  isSelector: true,
  family: 'aggregate',
  isExpandable: false,
  parameters: [],
  onStables: 'yes',
  doc: {
    usage: 'min(column)',
    says: 'The least value. Alone it is a selector: the time, tags and `tbname` of its row may stand beside it.',
    statistics: 'block minima',
    example: 'select min(a), tbname from st',
  },
  partialColumns: 2,
  accepts: isNumeric,
  result: (type, bytes) => ({ type, bytes }),
  create: (call) => new Extreme(call, false),
};
