/** Whether a word may name a column, table, database or user. */
import { isDigit, isWordCharacter } from './characters.ts';
import { keywordAt } from './keyword.ts';

/**
 * Letters, digits and `_`, not beginning with a digit, and no keyword of either sort: `desc` and `tbname`
 * parse where a name is expected but do not name anything (512 `invalid column name`).
 */
export function isIdentifier(name: string): boolean {
  if (name.length === 0 || isDigit(name.charCodeAt(0))) return false;
  for (let i = 0; i < name.length; i++) {
    if (!isWordCharacter(name.charCodeAt(i))) return false;
  }
  const lower = name.toLowerCase();
  return keywordAt(name, 0, name.length) === 0 && lower !== 'true' && lower !== 'false';
}
