/** Time partitions: `days` long each, numbered by floor(time / length), so that times before 1970 count down. */
import { nextTime, storedNanoseconds, ticksOfStored, type Precision } from '@tdnode/common';

const TICKS_PER_DAY: { readonly [P in Precision]: number } = { ms: 864e5, us: 864e8, ns: 864e11 };

/** The partitioning of one database; never changes. Times are stored times. */
export class PartitionSpan {
  readonly #ticks: number;
  readonly #isNanoseconds: boolean;

  constructor(days: number, precision: Precision) {
    this.#ticks = days * TICKS_PER_DAY[precision];
    this.#isNanoseconds = precision === 'ns';
  }

  /** The partition that a time falls into. */
  of(ts: number): number {
    if (!this.#isNanoseconds) return Math.floor(ts / this.#ticks);
    const ticks = ticksOfStored(ts);
    const length = BigInt(this.#ticks);
    const whole = Number(ticks / length);
    return ticks % length < 0n ? whole - 1 : whole;
  }

  /** The first time of a partition. */
  from(partition: number): number {
    if (!this.#isNanoseconds) return partition * this.#ticks;
    return storedNanoseconds(BigInt(partition) * BigInt(this.#ticks));
  }

  /** The last time of a partition. */
  last(partition: number): number {
    const next = this.from(partition + 1);
    return this.#isNanoseconds ? nextTime(next, -1) : next - 1;
  }
}
