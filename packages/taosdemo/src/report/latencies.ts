/**
 * Latencies of requests in buckets that grow by 2 %: percentiles to that exactness in a fixed 8 KiB, however many
 * requests there were. Least, most, sum and count are exact.
 */

const GROWTH = Math.log(1.02);
/** 0.001 ms and below share the first bucket; the last is above 600 s. */
const LEAST_MS = 0.001;
const BUCKETS = 1024;

/** See the head of this file. */
export class Latencies {
  readonly #buckets = new Float64Array(BUCKETS);
  count = 0;
  sumMs = 0;
  leastMs = Number.POSITIVE_INFINITY;
  mostMs = 0;

  /** One more request. */
  add(ms: number): void {
    const index = Math.ceil(Math.log(Math.max(ms, LEAST_MS) / LEAST_MS) / GROWTH);
    this.#buckets[Math.min(index, BUCKETS - 1)]!++;
    this.count++;
    this.sumMs += ms;
    this.leastMs = Math.min(this.leastMs, ms);
    this.mostMs = Math.max(this.mostMs, ms);
  }

  /** The mean; 0 of none. */
  get meanMs(): number {
    return this.count === 0 ? 0 : this.sumMs / this.count;
  }

  /** The latency that `share` (0 to 1) of the requests did not pass; 0 of none. */
  percentile(share: number): number {
    const rank = Math.max(1, Math.ceil(this.count * share));
    let seen = 0;
    for (let i = 0; i < BUCKETS; i++) {
      seen += this.#buckets[i]!;
      if (seen >= rank) {
        return Math.min(this.mostMs, Math.max(this.leastMs, LEAST_MS * Math.exp(i * GROWTH)));
      }
    }
    return 0;
  }
}
