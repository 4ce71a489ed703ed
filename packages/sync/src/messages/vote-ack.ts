/** `voteAck`: yes or no to a vote or pre-vote. */
import type { ReplicaId } from '../core/types.ts';
import type { Envelope } from './envelope.ts';

export interface VoteAck extends Envelope {
  readonly kind: 'voteAck';
  readonly isPreVote: boolean;
  readonly isGranted: boolean;
  /** Arbitrator only: the in-sync set that it keeps and its epoch; else empty and 0. */
  readonly inSync: readonly ReplicaId[];
  readonly epoch: number;
}
