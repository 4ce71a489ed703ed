/** `top(column, k)`: the k greatest values, 1 ≤ k ≤ 100, each with its row's time. */
import type { FunctionDefinition } from './aggregator.ts';
import { Ranking } from './ranking.ts';
import { isNumeric } from './types.ts';

export const top: FunctionDefinition = {
  name: 'top',
  isSelector: true,
  family: 'entries',
  isExpandable: false,
  parameters: ['entries'],
  onStables: 'yes',
  doc: {
    usage: 'top(column, k)',
    says: 'The k greatest values, 1 ≤ k ≤ 100, a row each with its time. Stands alone; tags and `tbname` of those rows may stand beside it.',
    statistics: 'skips blocks',
    example: 'select top(a, 2) from t1',
  },
  partialColumns: 2,
  accepts: isNumeric,
  result: (type, bytes) => ({ type, bytes }),
  create: (call) => new Ranking(call, true),
};
