/** `heartbeatAck`: a follower (or the arbitrator) hears its master. */
import type { ReplicaId } from '../core/types.ts';
import type { Envelope } from './envelope.ts';

export interface HeartbeatAck extends Envelope {
  readonly kind: 'heartbeatAck';
  /** The end of the follower's log as it was accepted in this term; 0: nothing yet, or the arbitrator. */
  readonly lastVersion: number;
  /** Arbitrator only: the in-sync set that it keeps and its epoch; else empty and 0. */
  readonly inSync: readonly ReplicaId[];
  readonly epoch: number;
}
