/** The answer to those who ask the wrong dnode. */
import { ErrorCode, TaosError } from '@tdnode/common';

/** This dnode has no `what`. */
export function notHere(what: string): TaosError {
  return new TaosError(ErrorCode.MND_NOT_READY, undefined, {
    detail: `this dnode has no ${what}`,
  });
}
