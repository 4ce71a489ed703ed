/** A checked log as rows of `taosd --check`. */
import type { FileFinding } from '@tdnode/common';
import type { LogCheck, LogDamage } from './check.ts';

/** One row a segment file; `part` names the log. */
export function logFindings(check: LogCheck, part: string): FileFinding[] {
  return check.files.map(({ file, bytes }): FileFinding => {
    const { damage } = check;
    if (damage?.file !== file)
      return { part, file, bytes, state: 'ok', offset: 0, what: '', affected: '' };
    const { offset, what, isTorn } = damage;
    return {
      part,
      file,
      bytes,
      state: isTorn ? 'torn' : 'damaged',
      offset,
      what,
      affected: affectedBy(damage),
    };
  });
}

function affectedBy(damage: LogDamage): string {
  const { firstVersion, lastVersion, tailBytes } = damage;
  if (damage.isTorn)
    return `${tailBytes} bytes, version ${firstVersion} and up, never known to be synced`;
  return versionsText(firstVersion, Math.max(firstVersion, lastVersion));
}

/** `version 7` or `versions 7 to 9`. */
export function versionsText(first: number, last: number): string {
  return first === last ? `version ${first}` : `versions ${first} to ${last}`;
}
