/**
 * A bound on what goes out as files, shared by all replicas of a thread: so many bytes a second, spent as they
 * accrue, and never more saved up than a fifth of a second's.
 */
import type { Clock } from '@tdnode/common';

const SAVED_MS = 200;

/** See the head of this file. */
export class Bandwidth {
  readonly #clock: Clock;
  readonly #bytesPerMs: number;
  #credit = 0;
  #at: number;

  constructor(clock: Clock, bytesPerSecond: number) {
    this.#clock = clock;
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#at = clock.monotonic();
  }

  /** Whether `bytes` may go out now; if so they are spent. May run into debt by one piece. */
  spend(bytes: number): boolean {
    const now = this.#clock.monotonic();
    this.#credit += Math.min(now - this.#at, SAVED_MS) * this.#bytesPerMs;
    this.#credit = Math.min(this.#credit, SAVED_MS * this.#bytesPerMs);
    this.#at = now;
    if (this.#credit <= 0) return false;
    this.#credit -= bytes;
    return true;
  }
}
