/** `inSync`: the master tells the arbitrator which replicas hold everything that is committed. */
import type { ReplicaId } from '../core/types.ts';
import type { Envelope } from './envelope.ts';

export interface InSync extends Envelope {
  readonly kind: 'inSync';
  readonly members: readonly ReplicaId[];
  /** Above the epoch kept so far; an older one is a repeated message. */
  readonly epoch: number;
}
