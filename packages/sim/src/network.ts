/**
 * A network that delays, drops, repeats and reorders frames, and can be cut in one direction or both. What happens
 * to a frame is decided when it is sent; a cut loses what is under way, too.
 */
import type { Random } from '@tdnode/common';
import type { ReplicaId } from '@tdnode/sync';

/** How bad the network is; probabilities in [0, 1). */
export interface NetworkFaults {
  readonly drop: number;
  readonly repeat: number;
  /** Longest time under way, ms; different times reorder frames. */
  readonly delayMs: number;
}

/** No faults: frames arrive in order, soon. */
export const CALM: NetworkFaults = { drop: 0, repeat: 0, delayMs: 0 };

const DELAY_MIN_MS = 1;

/** See the head of this file. */
export class SimNetwork {
  readonly #random: Random;
  readonly #schedule: (delayMs: number, deliver: () => void) => void;
  readonly #deliver: (to: ReplicaId, frame: Uint8Array<ArrayBuffer>, from: ReplicaId) => void;
  readonly #cuts = new Set<string>();
  faults: NetworkFaults = CALM;

  constructor(
    random: Random,
    schedule: (delayMs: number, deliver: () => void) => void,
    deliver: (to: ReplicaId, frame: Uint8Array<ArrayBuffer>, from: ReplicaId) => void,
  ) {
    this.#random = random;
    this.#schedule = schedule;
    this.#deliver = deliver;
  }

  /** Sends one frame. */
  send(from: ReplicaId, to: ReplicaId, parts: readonly Uint8Array[]): void {
    if (this.#isCut(from, to) || this.#random.next() < this.faults.drop) return;
    const frame = concat(parts);
    const copies = this.#random.next() < this.faults.repeat ? 2 : 1;
    const kept = copies > 1 ? new Uint8Array(frame) : frame;
    for (let i = 0; i < copies; i++) {
      const delay = DELAY_MIN_MS + this.#random.next() * this.faults.delayMs;
      this.#schedule(delay, () => {
        // Receivers may keep and change what they get.
        if (!this.#isCut(from, to)) this.#deliver(to, i === 0 ? frame : kept, from);
      });
    }
  }

  /** Cuts the way from one to the other; frames the other way still pass. */
  cut(from: ReplicaId, to: ReplicaId): void {
    this.#cuts.add(`${from}>${to}`);
  }

  /** Repairs all cuts. */
  heal(): void {
    this.#cuts.clear();
  }

  #isCut(from: ReplicaId, to: ReplicaId): boolean {
    return this.#cuts.has(`${from}>${to}`);
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const frame = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}
