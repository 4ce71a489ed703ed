/** Refusals of the core as the errors that clients know. */
import { ErrorCode, TaosError } from '@tdnode/common';
import type { Refusal, RefusalReason } from '../core/types.ts';

const ERRORS: Readonly<Record<RefusalReason, readonly [number, string]>> = {
  notMaster: [ErrorCode.RPC_REDIRECT, 'this replica is not the master'],
  noQuorum: [ErrorCode.VND_NOT_SYNCED, 'fewer replicas answer than quorum asks for'],
  flowControl: [ErrorCode.VND_IS_FLOWCTRL, 'too many writes wait for the other replicas'],
  transferring: [ErrorCode.VND_IS_BALANCING, 'the mastership is being handed over'],
  changePending: [ErrorCode.VND_IS_BALANCING, 'another change of the members is under way'],
  invalidChange: [ErrorCode.SYN_INVALID_CONFIG, 'the change does not fit the members'],
};

/** The error for a proposal or change that was refused; nothing of it was written. */
export function refusalError({ reason, master }: Refusal): TaosError {
  const [code, text] = ERRORS[reason];
  const hint = reason === 'notMaster' && master >= 0 ? `; dnode ${master} is thought to be` : '';
  return new TaosError(code as never, undefined, { detail: `${text}${hint}` });
}

/** The error for proposals that were written but not acknowledged when the mastership ended. */
export function deposedError(): TaosError {
  return new TaosError(ErrorCode.VND_NOT_SYNCED, undefined, {
    detail: 'the mastership ended before enough replicas had the write: it may or may not survive',
  });
}

/** Refusals of the log are TaosErrors; all else is a bug or a dead disk. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'TaosError';
}
