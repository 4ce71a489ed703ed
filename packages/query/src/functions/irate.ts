/**
 * `irate(column)`: how fast a counter grew between its last two rows, a second; if it fell, it began again at 0.
 *
 * State: the last two rows and the time of the first. States that lie apart in time merge into the last two rows of
 * both. Those that overlap are of different tables: as in TDengine the newest row of all is the last one, and the
 * other is the newest among the rest of the tables' last rows and the second-last row of the later table.
 */
import { precisionOfTicks, SqlType, timeArithmetic } from '@tdnode/common';
import type { TimeArithmetic, Vector } from '@tdnode/common';
import type { FunctionCall } from '../plan/fragment.ts';
import { grown } from './aggregator.ts';
import type { Aggregator, FunctionDefinition, RowRange } from './aggregator.ts';
import { asNumbers } from './ranges.ts';
import { isNumeric } from './types.ts';

/** Times are NaN where there is no such row. */
interface State {
  readonly since: number;
  readonly time: number;
  readonly value: number;
  readonly earlierTime: number;
  readonly earlierValue: number;
}

class InstantRate implements Aggregator {
  readonly #ticksPerSecond: number;
  readonly #arithmetic: TimeArithmetic;
  #since: Float64Array = new Float64Array(0);
  #times: Float64Array = new Float64Array(0);
  #values: Float64Array = new Float64Array(0);
  #earlierTimes: Float64Array = new Float64Array(0);
  #earlierValues: Float64Array = new Float64Array(0);

  constructor(call: FunctionCall) {
    this.#ticksPerSecond = call.ticksPerSecond;
    this.#arithmetic = timeArithmetic(precisionOfTicks(call.ticksPerSecond));
  }

  grow(slots: number): void {
    this.#since = grown(this.#since, slots, NaN);
    this.#times = grown(this.#times, slots, NaN);
    this.#values = grown(this.#values, slots, NaN);
    this.#earlierTimes = grown(this.#earlierTimes, slots, NaN);
    this.#earlierValues = grown(this.#earlierValues, slots, NaN);
  }

  add(slot: number, input: Vector, range: RowRange): void {
    const { ts, from, to } = range;
    const data = asNumbers(input, from, to);
    const last = lastNumber(data, from, to);
    if (last < from) return;
    const earlier = lastNumber(data, from, last);
    let first = from;
    while (data[first] !== data[first]) first++;
    this.#combine(slot, {
      since: ts[first]!,
      time: ts[last]!,
      value: data[last]!,
      earlierTime: earlier < from ? NaN : ts[earlier]!,
      earlierValue: earlier < from ? NaN : data[earlier]!,
    });
  }

  addStats(): boolean {
    return false;
  }

  partial(slots: number): Vector[] {
    return [this.#since, this.#times, this.#values, this.#earlierTimes, this.#earlierValues].map(
      (data) => ({ kind: 'f64', data: data.subarray(0, slots), nullCount: -1 }),
    );
  }

  merge(slot: number, partial: readonly Vector[], row: number): boolean {
    const [since = 0, time = 0, value = 0, earlierTime = 0, earlierValue = 0] = partial.map(
      (vector) => (vector.kind === 'f64' ? vector.data[row]! : 0),
    );
    if (since === since) this.#combine(slot, { since, time, value, earlierTime, earlierValue });
    return false;
  }

  hasResult(slot: number): boolean {
    const time = this.#times[slot]!;
    return time === time;
  }

  result(slots: number): Vector {
    const data = new Float64Array(slots);
    for (let slot = 0; slot < slots; slot++) {
      const ticks = this.#arithmetic.between(this.#earlierTimes[slot]!, this.#times[slot]!);
      const seconds = ticks / this.#ticksPerSecond;
      const last = this.#values[slot]!;
      const earlier = this.#earlierValues[slot]!;
      data[slot] = seconds > 0 ? (last >= earlier ? last - earlier : last) / seconds : 0;
      if (!this.hasResult(slot)) data[slot] = NaN;
    }
    return { kind: 'f64', data, nullCount: -1 };
  }

  #combine(slot: number, other: State): void {
    if (!this.hasResult(slot)) {
      this.#since[slot] = other.since;
      this.#setLast(slot, other.time, other.value);
      this.#setEarlier(slot, other.earlierTime, other.earlierValue);
      return;
    }
    const hasEarlier = other.earlierTime === other.earlierTime;
    if (other.since > this.#times[slot]!) {
      if (hasEarlier) this.#setEarlier(slot, other.earlierTime, other.earlierValue);
      else this.#setEarlier(slot, this.#times[slot]!, this.#values[slot]!);
      this.#setLast(slot, other.time, other.value);
    } else if (other.time > this.#times[slot]!) {
      this.#setLast(slot, other.time, other.value);
      if (hasEarlier) this.#offerEarlier(slot, other.earlierTime, other.earlierValue);
    } else this.#offerEarlier(slot, other.time, other.value);
    this.#since[slot] = Math.min(this.#since[slot]!, other.since);
  }

  #offerEarlier(slot: number, time: number, value: number): void {
    // NaN compares false: no row yet.
    if (!(time <= this.#earlierTimes[slot]!)) this.#setEarlier(slot, time, value);
  }

  #setLast(slot: number, time: number, value: number): void {
    this.#times[slot] = time;
    this.#values[slot] = value;
  }

  #setEarlier(slot: number, time: number, value: number): void {
    this.#earlierTimes[slot] = time;
    this.#earlierValues[slot] = value;
  }
}

/** The last row in `[from, to)` that is not NULL; less than `from` if none. */
function lastNumber(data: Float64Array, from: number, to: number): number {
  let i = to - 1;
  while (i >= from && data[i] !== data[i]) i--;
  return i;
}

export const irate: FunctionDefinition = {
  name: 'irate',
  isSelector: false,
  family: 'aggregate',
  isExpandable: false,
  parameters: [],
  onStables: 'yes',
  doc: {
    usage: 'irate(column)',
    says: 'How fast a counter grew between its last two values, a second; if it fell, it began again at 0. Over a stable, group by tbname: else the last rows of all tables are mixed.',
    statistics: 'none',
    example: 'select irate(f) from t1',
  },
  partialColumns: 5,
  accepts: isNumeric,
  result: () => ({ type: SqlType.DOUBLE, bytes: 8 }),
  create: (call) => new InstantRate(call),
};
