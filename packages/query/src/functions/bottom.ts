/** `bottom(column, k)`: the k least values, 1 ≤ k ≤ 100, each with its row's time. */
import type { FunctionDefinition } from './aggregator.ts';
import { Ranking } from './ranking.ts';
import { isNumeric } from './types.ts';

export const bottom: FunctionDefinition = {
  name: 'bottom',
  isSelector: true,
  family: 'entries',
  isExpandable: false,
  parameters: ['entries'],
  onStables: 'yes',
  doc: {
    usage: 'bottom(column, k)',
    says: 'The k least values, 1 ≤ k ≤ 100, a row each with its time. Stands alone; tags and `tbname` of those rows may stand beside it.',
    statistics: 'skips blocks',
    example: 'select bottom(a, 2) from t1',
  },
  partialColumns: 2,
  accepts: isNumeric,
  result: (type, bytes) => ({ type, bytes }),
  create: (call) => new Ranking(call, false),
};
