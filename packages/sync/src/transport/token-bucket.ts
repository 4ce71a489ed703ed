/** A bandwidth bound: bytes may go as long as there are tokens, which grow by time, up to a tenth of a second's. Pure. */

/** See the head of this file. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #most: number;
  #tokens: number;
  #at: number;

  constructor(bytesPerSecond: number, now: number) {
    this.#perMs = bytesPerSecond / 1000;
    this.#most = bytesPerSecond / 10;
    this.#tokens = this.#most;
    this.#at = now;
  }

  /** Takes so many bytes and returns 0, or takes none and returns the ms after which to try again. A piece above the most there can be goes when the bucket is full. */
  take(bytes: number, now: number): number {
    this.#tokens = Math.min(this.#most, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
    const missing = Math.min(bytes, this.#most) - this.#tokens;
    if (missing > 0) return Math.max(1, missing / this.#perMs);
    this.#tokens -= bytes;
    return 0;
  }
}
