/** `heartbeat`: the master is there; what is committed. */
import type { Envelope } from './envelope.ts';

export interface Heartbeat extends Envelope {
  readonly kind: 'heartbeat';
  /** min(commit, what this follower is known to hold): safe to take as it is. */
  readonly commit: number;
}
