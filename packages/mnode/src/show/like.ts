/** Patterns of `show … like`: `%` any run, `_` one character, letters of either case alike; nothing escapes. */
import { invalidOperation } from '@tdnode/common';
import type { Word } from '@tdnode/sql';

/** A test for names, or undefined for all of them. Throws 512 for an empty pattern. */
export function nameFilter(like: Word | undefined): ((name: string) => boolean) | undefined {
  if (like === undefined) return undefined;
  if (like.text === '') throw invalidOperation('pattern string is empty');
  const pattern = like.text.toLowerCase();
  return (name) => matches(pattern, name);
}

/** Linear with one point to come back to: the last `%`. */
function matches(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let restartPattern = -1;
  let restartName = 0;
  while (n < name.length) {
    const c = pattern[p];
    if (c === '%') {
      restartPattern = ++p;
      restartName = n;
    } else if (c !== undefined && (c === '_' || c === name[n])) {
      p++;
      n++;
    } else if (restartPattern >= 0) {
      p = restartPattern;
      n = ++restartName;
    } else {
      return false;
    }
  }
  while (pattern[p] === '%') p++;
  return p === pattern.length;
}
