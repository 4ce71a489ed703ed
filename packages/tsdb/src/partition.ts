/** Time partitions: `days` long each, numbered by floor(time / length), so that times before 1970 count down. */
import type { Precision } from '@tdnode/common';

const TICKS_PER_DAY: { readonly [P in Precision]: number } = { ms: 864e5, us: 864e8, ns: 864e11 };

/** Ticks of one day. */
export function ticksPerDay(precision: Precision): number {
  return TICKS_PER_DAY[precision];
}

/** The partitioning of one database; never changes. */
export class PartitionSpan {
  readonly #ticks: number;

  constructor(days: number, precision: Precision) {
    this.#ticks = days * ticksPerDay(precision);
  }

  /** The partition that a time falls into. */
  of(ts: number): number {
    return Math.floor(ts / this.#ticks);
  }

  /** The first time of a partition. */
  from(partition: number): number {
    return partition * this.#ticks;
  }

  /** The last time of a partition. */
  last(partition: number): number {
    return (partition + 1) * this.#ticks - 1;
  }
}
