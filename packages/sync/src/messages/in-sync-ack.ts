/** `inSyncAck`: the in-sync set that the arbitrator keeps now, durably. */
import type { ReplicaId } from '../core/types.ts';
import type { Envelope } from './envelope.ts';

export interface InSyncAck extends Envelope {
  readonly kind: 'inSyncAck';
  readonly members: readonly ReplicaId[];
  readonly epoch: number;
}
