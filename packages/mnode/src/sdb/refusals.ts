/** Why metadata cannot be changed or read here, as clients see it. 828 is asked again by whoever can wait. */
import { ErrorCode, TaosError } from '@tdnode/common';
import { RedirectError } from '@tdnode/rpc';
import type { Refusal, RefusalReason } from '@tdnode/sync';

const SENTENCES: Readonly<Record<RefusalReason, string>> = {
  notMaster: 'the mnodes have no master at the moment',
  noQuorum: 'too few mnodes answer: metadata cannot change until a majority of them is back',
  flowControl: 'too many changes wait for the other mnodes',
  transferring: 'another mnode is about to become master',
  changePending: 'the mnodes are changing already',
  invalidChange: 'the change does not fit the mnodes',
};

/** 828 with a reason. */
export function notReady(detail: string): TaosError {
  return new TaosError(ErrorCode.MND_NOT_READY, undefined, { detail });
}

/** Asked the wrong mnode: `where` is the master's end point, if it is known. */
export function notMaster(where: string | undefined): TaosError {
  if (where === undefined) return notReady(SENTENCES.notMaster);
  return new RedirectError([where], `the mnode at ${where} is the master`);
}

/** What was refused; nothing of it was written. */
export function refused({ reason }: Refusal, where: string | undefined): TaosError {
  return reason === 'notMaster' ? notMaster(where) : notReady(SENTENCES[reason]);
}

/** What was proposed and not agreed upon when the mastership ended. */
export function undecided(): TaosError {
  return notReady('the mnode lost its mastership meanwhile: the change may survive or not');
}
