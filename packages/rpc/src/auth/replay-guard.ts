/**
 * Every signed request is good once. A signer numbers its requests 1, 2, 3, …; the guard keeps per signer the
 * highest number seen and a bit for each of the `REPLAY_WINDOW` numbers up to it (as IPsec does, RFC 4303,
 * 3.4.3). A number below the window is refused. A signer is forgotten once all it may have signed is too old.
 *
 * Invariant: only verified requests reach the guard, so strangers take no memory.
 */
import { MAX_CLOCK_SKEW_MS, MAX_SIGNERS, REPLAY_WINDOW } from '../limits/limits.ts';

interface Signer {
  highest: number;
  readonly seen: Uint8Array;
  lastSeenMs: number;
}

/** What the guard says to a request. */
export type ReplayVerdict = 'new' | 'replayed' | 'too many signers';

/** See the head of this file. */
export class ReplayGuard {
  readonly #signers = new Map<string, Signer>();

  /** Takes the number if it is new. `nowMs` is monotonic. */
  accept(name: string, sequence: number, nowMs: number): ReplayVerdict {
    let signer = this.#signers.get(name);
    if (signer === undefined) {
      if (this.#signers.size >= MAX_SIGNERS && !this.#forgetOld(nowMs)) return 'too many signers';
      signer = { highest: 0, seen: new Uint8Array(REPLAY_WINDOW / 8), lastSeenMs: nowMs };
      this.#signers.set(name, signer);
    }
    signer.lastSeenMs = nowMs;
    return take(signer, sequence) ? 'new' : 'replayed';
  }

  /** A signer's requests are refused by their time once they are twice the skew old, seen from here. */
  #forgetOld(nowMs: number): boolean {
    for (const [name, { lastSeenMs }] of this.#signers) {
      if (nowMs - lastSeenMs > 2 * MAX_CLOCK_SKEW_MS) this.#signers.delete(name);
    }
    return this.#signers.size < MAX_SIGNERS;
  }
}

function take(signer: Signer, sequence: number): boolean {
  if (sequence + REPLAY_WINDOW <= signer.highest) return false;
  if (sequence > signer.highest) {
    clear(signer.seen, signer.highest + 1, sequence);
    signer.highest = sequence;
  }
  const slot = sequence % REPLAY_WINDOW;
  const bit = 1 << (slot & 7);
  const byte = signer.seen[slot >> 3]!;
  signer.seen[slot >> 3] = byte | bit;
  return (byte & bit) === 0;
}

/** Clears the bits of numbers `[from, to]`, which now stand for new numbers. */
function clear(seen: Uint8Array, from: number, to: number): void {
  if (to - from + 1 >= REPLAY_WINDOW) {
    seen.fill(0);
    return;
  }
  for (let i = from; i <= to; i++) {
    const slot = i % REPLAY_WINDOW;
    seen[slot >> 3]! &= ~(1 << (slot & 7));
  }
}
