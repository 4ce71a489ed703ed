/** Which column types functions take. */
import { isStringType, SqlType } from '@tdnode/common';

/** Integers, FLOAT, DOUBLE: what can be added up. */
export function isNumeric(type: SqlType): boolean {
  return !isStringType(type) && type !== SqlType.BOOL && type !== SqlType.TIMESTAMP;
}
