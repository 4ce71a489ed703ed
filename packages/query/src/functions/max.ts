/** `max(column)`: the greatest value. */
import type { FunctionDefinition } from './aggregator.ts';
import { Extreme } from './extreme.ts';
import { isNumeric } from './types.ts';

export const max: FunctionDefinition = {
  name: 'max',
  isSelector: true,
  family: 'aggregate',
  isExpandable: false,
  parameters: [],
  onStables: 'yes',
  doc: {
    usage: 'max(column)',
    says: 'The greatest value. Alone it is a selector: the time, tags and `tbname` of its row may stand beside it.',
    statistics: 'block maxima',
    example: 'select max(a), tbname from st',
  },
  partialColumns: 2,
  accepts: isNumeric,
  result: (type, bytes) => ({ type, bytes }),
  create: (call) => new Extreme(call, true),
};
