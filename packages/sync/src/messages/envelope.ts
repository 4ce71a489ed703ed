/** What every message says first. */
import type { ReplicaId } from '../core/types.ts';

/** Sender, receiver, and the sender's term: the common term guard looks at nothing else. */
export interface Envelope {
  readonly from: ReplicaId;
  readonly to: ReplicaId;
  /** The sender's term; in a pre-vote the term it would take. */
  readonly term: number;
}
