/**
 * Counts statements by kind and their latency in fixed buckets. One array write or two a statement, whatever is done with the
 * counts: the hot path of inserts goes through here.
 */
import { assert } from '@tdnode/common';
import { statementKinds, type StatementEvent, type StatementKind } from '@tdnode/taosc';

/** Upper bounds of the latency buckets, seconds; what is longer is in the last, unbounded one. From 250 us to 10 s. */
export const latencyBounds = [
  0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

const MS_PER_SECOND = 1000;
const WIDTH = latencyBounds.length + 1;

/** The counts of one kind of statement since the start. */
export interface StatementCounts {
  readonly kind: StatementKind;
  readonly succeeded: number;
  readonly failed: number;
  /** Rows written or answered. */
  readonly rows: number;
  /** All latencies together, seconds. */
  readonly seconds: number;
  /** Statements up to each bound, cumulated; the last entry has all. */
  readonly buckets: readonly number[];
}

/** See the head of this file. */
export class StatementMeter {
  readonly #kindIndex = new Map<StatementKind, number>(statementKinds.map((kind, i) => [kind, i]));
  readonly #succeeded = new Float64Array(statementKinds.length);
  readonly #failed = new Float64Array(statementKinds.length);
  readonly #rows = new Float64Array(statementKinds.length);
  readonly #seconds = new Float64Array(statementKinds.length);
  readonly #buckets = new Float64Array(statementKinds.length * WIDTH);

  /** Counts one statement that is over. */
  note({ kind, elapsedMs, code, rows }: StatementEvent): void {
    const index = this.#kindIndex.get(kind);
    assert(index !== undefined, `unknown kind of statement ${kind}`);
    const seconds = elapsedMs / MS_PER_SECOND;
    if (code === 0) this.#succeeded[index]!++;
    else this.#failed[index]!++;
    this.#rows[index]! += rows;
    this.#seconds[index]! += seconds;
    let bucket = 0;
    while (bucket < latencyBounds.length && seconds > latencyBounds[bucket]!) bucket++;
    this.#buckets[index * WIDTH + bucket]!++;
  }

  /** The counts of all kinds, those that never came included: a series that exists from the start has a rate. */
  counts(): StatementCounts[] {
    return statementKinds.map((kind, i) => {
      let sum = 0;
      const buckets = Array.from(
        this.#buckets.subarray(i * WIDTH, (i + 1) * WIDTH),
        (n) => (sum += n),
      );
      return {
        kind,
        succeeded: this.#succeeded[i]!,
        failed: this.#failed[i]!,
        rows: this.#rows[i]!,
        seconds: this.#seconds[i]!,
        buckets,
      };
    });
  }

  /** Statements of one kind, failed ones included. */
  total(kind: StatementKind): number {
    const index = this.#kindIndex.get(kind)!;
    return this.#succeeded[index]! + this.#failed[index]!;
  }

  /** Statements of all kinds. */
  totalOfAll(): number {
    return statementKinds.reduce((sum, kind) => sum + this.total(kind), 0);
  }
}
