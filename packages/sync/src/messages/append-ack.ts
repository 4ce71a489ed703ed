/** `appendAck`: how far a follower's log is durable and equal to the master's, or where it differs. */
import type { Envelope } from './envelope.ts';

export interface AppendAck extends Envelope {
  readonly kind: 'appendAck';
  /** Accepted: durable and equal up to here. Refused: the prevVersion that did not match. */
  readonly version: number;
  readonly isRefused: boolean;
  /** Refused: the highest version at which the logs may be equal, and its term in the follower's log. */
  readonly hintVersion: number;
  readonly hintTerm: number;
}
