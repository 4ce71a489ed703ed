/**
 * The arbitrator's part in one vgroup of two replicas: a voter that stores no data but remembers who has all
 * of it. docs/protocol/sync.md has the safety argument.
 *
 * Invariants: at most one vote a term; a vote only for a member of the in-sync set of the candidate's own era;
 * the set is changed only by the master of the term that it is in; term and epoch never fall.
 */
import { assert } from '@tdnode/common';
import type { Envelope } from '../messages/envelope.ts';
import type { Message } from '../messages/message.ts';
import type { Vote } from '../messages/vote.ts';
import { ARBITRATOR, NOBODY, type HardState, type InSyncSet, type ReplicaId } from './types.ts';

/** What the arbitrator keeps per vgroup, fsynced before any answer leaves. */
export interface ArbitratorState extends HardState {
  /** Nobody in it: not told yet, nobody gets a vote. */
  readonly inSync: InSyncSet;
}

/** What the driver has to do, in this order. */
export interface ArbitratorOutput {
  /** Write and fsync before the messages leave. */
  readonly state?: ArbitratorState;
  readonly messages: readonly Message[];
}

/** One event; `peerLost`: the connection to a replica broke (a hint, as for replicas). */
export type ArbitratorInput =
  | { readonly kind: 'tick' }
  | { readonly kind: 'peerLost'; readonly peer: ReplicaId }
  | { readonly kind: 'message'; readonly message: Message };

/** An arbitrator that was never asked about a vgroup. */
export const NEW_ARBITRATOR_STATE: ArbitratorState = {
  term: 0,
  votedFor: NOBODY,
  inSync: { members: [], epoch: 0, era: -1 },
};

const ELECTION_TICKS = 10;

/** See the head of this file. */
export class ArbitratorCore {
  readonly #electionTicks: number;
  #state: ArbitratorState;
  #saved: ArbitratorState;
  #master: ReplicaId = NOBODY;
  /** Ticks since the master was heard. */
  #silentTicks = 0;
  #messages: Message[] = [];

  /** `electionTicks` as the replicas have it; 10. */
  constructor(state: ArbitratorState, options: { readonly electionTicks?: number }) {
    this.#state = state;
    this.#saved = state;
    this.#electionTicks = options.electionTicks ?? ELECTION_TICKS;
  }

  /** Takes one event. */
  step(input: ArbitratorInput): ArbitratorOutput {
    this.#messages = [];
    if (input.kind === 'tick') this.#silentTicks++;
    else if (input.kind === 'message') this.#onMessage(input.message);
    else if (input.peer === this.#master) this.#master = NOBODY;
    const messages = this.#messages;
    if (this.#saved === this.#state) return { messages };
    this.#saved = this.#state;
    return { state: this.#state, messages };
  }

  get state(): ArbitratorState {
    return this.#state;
  }

  #onMessage(message: Message): void {
    assert(message.to === ARBITRATOR, 'a message reaches whom it is for');
    if (message.kind === 'vote') {
      this.#onVote(message);
    } else if (message.kind === 'heartbeat' || message.kind === 'inSync') {
      if (message.term >= this.#state.term) this.#hear(message);
      if (message.kind === 'heartbeat') this.#answerHeartbeat(message.from);
      else this.#onInSync(message.from, message.term, message.inSync);
    }
  }

  /** A master speaks, elected without our vote perhaps: its term is ours and our vote in it is spent. */
  #hear({ from, term }: Envelope): void {
    const isNew = term > this.#state.term || this.#state.votedFor === NOBODY;
    if (isNew) this.#state = { ...this.#state, term, votedFor: from };
    this.#master = from;
    this.#silentTicks = 0;
  }

  #answerHeartbeat(to: ReplicaId): void {
    const { term, inSync } = this.#state;
    this.#messages.push({
      kind: 'heartbeatAck',
      from: ARBITRATOR,
      to,
      term,
      lastVersion: 0,
      persistedVersion: 0,
      sentVersion: 0,
      inSync,
    });
  }

  #onInSync(to: ReplicaId, term: number, inSync: InSyncSet): void {
    const isCurrent = term === this.#state.term;
    if (isCurrent && inSync.epoch > this.#state.inSync.epoch)
      this.#state = { ...this.#state, inSync };
    this.#messages.push({
      kind: 'inSyncAck',
      from: ARBITRATOR,
      to,
      term: this.#state.term,
      inSync: this.#state.inSync,
    });
  }

  #onVote(message: Vote): void {
    const hearsMaster = this.#master !== NOBODY && this.#silentTicks < this.#electionTicks;
    const isWelcome =
      (!hearsMaster || message.isTransfer) &&
      this.#state.inSync.era === message.era &&
      this.#state.inSync.members.includes(message.from);
    if (message.isPreVote) {
      this.#answerVote(message, isWelcome && message.term > this.#state.term);
      return;
    }
    // A term is taken over only together with a vote: a replica that is not welcome cannot end a good one.
    if (isWelcome && message.term > this.#state.term) {
      this.#state = { ...this.#state, term: message.term, votedFor: message.from };
      this.#master = NOBODY;
    }
    const isGranted =
      isWelcome && message.term === this.#state.term && this.#state.votedFor === message.from;
    this.#answerVote(message, isGranted);
  }

  #answerVote({ from, term, isPreVote }: Vote, isGranted: boolean): void {
    this.#messages.push({
      kind: 'voteAck',
      from: ARBITRATOR,
      to: from,
      term: isGranted ? term : this.#state.term,
      isPreVote,
      isGranted,
      inSync: this.#state.inSync,
    });
  }
}
