/**
 * Whether both directions of a connection carry bytes. TCP notices a cut cable after minutes and a cut in one
 * direction perhaps never, so each side sends heartbeats that say how many bytes it has read: silence means that
 * we do not hear the peer, a count that stands still means that the peer does not hear us.
 *
 * Pure: times are arguments, monotonic ms. If our own thread stood still, what arrived meanwhile is not read yet,
 * so a late tick gives the time it was late to the peer.
 */

/** What a tick found. */
export type LivenessVerdict = 'alive' | 'peer is silent' | 'peer does not hear us';

/** See the head of this file. */
export class Liveness {
  readonly #silenceMs: number;
  readonly #tickMs: number;
  #bytesRead = 0;
  #heardAt: number;
  #reported = 0;
  #reportedAt: number;
  #tickedAt: number;

  constructor(options: { readonly silenceMs: number; readonly tickMs: number }, now: number) {
    this.#silenceMs = options.silenceMs;
    this.#tickMs = options.tickMs;
    this.#heardAt = now;
    this.#reportedAt = now;
    this.#tickedAt = now;
  }

  /** The peer says that it has read so many bytes of ours. */
  reported(bytes: number, now: number): void {
    if (bytes <= this.#reported) return;
    this.#reported = bytes;
    this.#reportedAt = now;
  }

  /** Looks every `tickMs`; `bytesRead` is what came from the socket so far. */
  tick(bytesRead: number, now: number): LivenessVerdict {
    const late = now - this.#tickedAt - this.#tickMs;
    this.#tickedAt = now;
    if (late > this.#tickMs) {
      this.#heardAt += late;
      this.#reportedAt += late;
    }
    if (bytesRead > this.#bytesRead) {
      this.#bytesRead = bytesRead;
      this.#heardAt = now;
    }
    if (now - this.#heardAt > this.#silenceMs) return 'peer is silent';
    if (now - this.#reportedAt > this.#silenceMs) return 'peer does not hear us';
    return 'alive';
  }
}
