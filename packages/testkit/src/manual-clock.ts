/** A clock that moves only when a test says so. */
import type { Clock } from '@tdnode/common';

/** Wall and monotonic time move together. */
export class ManualClock implements Clock {
  #now: number;
  readonly #start: number;

  constructor(now = 1_600_000_000_000) {
    this.#now = now;
    this.#start = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now - this.#start;
  }

  /** Moves time on by `ms`. */
  advance(ms: number): void {
    this.#now += ms;
  }
}
