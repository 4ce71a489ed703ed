/**
 * The arbitrator's part in one vgroup of two replicas: a voter that stores no data but remembers who has all
 * of it. docs/protocol/sync.md has the safety argument.
 */
import { assert } from '@tdnode/common';
import type { Message } from '../messages/message.ts';
import type { HardState, ReplicaId } from './types.ts';

/** What the arbitrator keeps per vgroup, fsynced before any answer leaves. */
export interface ArbitratorState extends HardState {
  /** Replicas that hold everything committed; empty: not told yet, nobody gets a vote. */
  readonly inSync: readonly ReplicaId[];
  /** Grows with every change of `inSync`. */
  readonly epoch: number;
}

/** What the driver has to do, in this order. */
export interface ArbitratorOutput {
  /** Write and fsync before the messages leave. */
  readonly state?: ArbitratorState;
  readonly messages: readonly Message[];
}

/** See the head of this file. */
export class ArbitratorCore {
  constructor(_state: ArbitratorState, _options: { readonly electionTicks?: number }) {
    assert(false, 'not built yet');
  }

  /** Takes a message or one tick. */
  step(
    _input: { readonly kind: 'tick' } | { readonly kind: 'message'; readonly message: Message },
  ): ArbitratorOutput {
    return assert(false, 'not built yet') as never;
  }

  get state(): ArbitratorState {
    return assert(false, 'not built yet') as never;
  }
}

/** An arbitrator that was never asked about a vgroup. */
export const NEW_ARBITRATOR_STATE: ArbitratorState = { term: 0, votedFor: -1, inSync: [], epoch: 0 };
