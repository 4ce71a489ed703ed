/** The memory a query may hold. */
import { ErrorCode, TaosError } from '@tdnode/common';

/** Throws 1803 when `bytes` exceed the budget. */
export function checkBudget(bytes: number, budgetBytes: number): void {
  if (bytes <= budgetBytes) return;
  throw new TaosError(ErrorCode.QRY_NOT_ENOUGH_BUFFER, undefined, {
    detail: `the query would hold ${bytes} bytes, its budget is ${budgetBytes}: narrow the time range, add a limit, or group by less`,
  });
}
