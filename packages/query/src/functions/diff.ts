/** `diff(column)`: from row to row; runs as a kind of projection (`exec/run-diff.ts`), not as an aggregate. */
import { isUnsignedType } from '@tdnode/common';
import type { FunctionDefinition } from './aggregator.ts';
import { isNumeric } from './types.ts';

export const diff: FunctionDefinition = {
  name: 'diff',
  isSelector: false,
  family: 'diff',
  isExpandable: false,
  parameters: [],
  onStables: 'no',
  doc: {
    usage: 'diff(column)',
    says: 'How much each value differs from the one before, with its time; NULL is left out. Signed integers and floating-point columns; integers wrap as their type does. One table only; stands alone.',
    statistics: 'none',
    example: 'select diff(a) from t1',
  },
  partialColumns: 0,
  accepts: (type) => isNumeric(type) && !isUnsignedType(type),
  refusal: (type) =>
    isUnsignedType(type) ? 'diff can no be applied to unsigned numeric type' : undefined,
  result: (type, bytes) => ({ type, bytes }),
  create: () => {
    throw new Error('assertion failed: diff has no state to merge');
  },
};
