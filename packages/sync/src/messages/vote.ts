/** `vote`: a candidate (or, before it dares to take a new term, a pre-candidate) asks for a vote. */
import type { Envelope } from './envelope.ts';

export interface Vote extends Envelope {
  readonly kind: 'vote';
  /** The end of the candidate's log: election restriction. */
  readonly lastVersion: number;
  readonly lastTerm: number;
  /** Only asked whether it would be granted; `term` is one above the sender's own. */
  readonly isPreVote: boolean;
  /** The master itself handed over: voters that still hear it answer all the same. */
  readonly isTransfer: boolean;
}
