/** Refusals that TDengine words without a reason of their own. */
import { ErrorCode, TaosError } from '@tdnode/common';

/** 512 `invalid SQL: Invalid operation`: meaningless, and the original does not say why; `detail` does. */
export function bareInvalid(detail: string): TaosError {
  return new TaosError(ErrorCode.TSC_INVALID_OPERATION, 'invalid SQL: Invalid operation', {
    detail,
  });
}

/** The one text for everything wrong with operands of arithmetic. */
export const ARITHMETIC_REASON =
  'invalid column name, illegal column type, or columns in arithmetic expression from two tables';
