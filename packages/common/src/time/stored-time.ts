/**
 * Stored times: how the time of a row is one double from the parser to the answer (docs/decisions/0003-nanoseconds.md).
 *
 *   ms, us: the ticks since 1970 themselves, whole numbers within ±2⁵³.
 *   ns:     the double whose bits are the ticks (sign and magnitude). Such doubles order as their ticks do, so
 *           that comparing, searching, sorting and merging times is the same code for every precision and exact.
 *
 * Invariants: a stored time in ns is 0 or within (-1, 1), which bounds it to 146 years around 1970 (NS_TIME_MAX); no
 * tick of ms or us but 0 lies there, so that a stored time tells by itself which kind it is. Of two neighbouring
 * doubles in ns nothing lies between: `nextTime` is one tick. Sums and differences go through `TimeArithmetic`.
 */
import type { Precision } from '../types/schema.ts';
import { ticksPerSecond } from './duration.ts';

const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);
const halves = new Uint32Array(double.buffer);
const TWO_32 = 2 ** 32;

/** The largest magnitude of a time in an 'ns' database, ticks: 2115-12-30 20:53:38 UTC (the bits of 1.0, less one). */
export const NS_TIME_MAX = 0x3fefffffffffffffn;

/** The stored time of nanoseconds since 1970; beyond ±NS_TIME_MAX ±(2⁵³ - 1), which no row has. */
export function storedNanoseconds(ticks: bigint): number {
  if (ticks < 0n) return -storedNanoseconds(-ticks);
  if (ticks > NS_TIME_MAX) return Number.MAX_SAFE_INTEGER;
  bits[0] = ticks;
  return double[0]!;
}

/** Whether a stored time other than 0 is one of nanoseconds. */
export function isStoredNanoseconds(time: number): boolean {
  return time > -1 && time < 1 && time !== 0;
}

/** The ticks of a stored time of any precision. */
export function ticksOfStored(time: number): bigint {
  if (!isStoredNanoseconds(time)) return BigInt(Math.trunc(time));
  double[0] = Math.abs(time);
  return time < 0 ? -bits[0]! : bits[0]!;
}

/**
 * The double after a time (`direction` 1) or before it: no other time lies between them, whatever the
 * precision. For the ends of ranges; in ns it is the next tick.
 */
export function nextTime(time: number, direction: 1 | -1): number {
  if (time === 0) return direction * Number.MIN_VALUE;
  if (!Number.isFinite(time)) return time;
  double[0] = time;
  bits[0]! += BigInt(time > 0 ? direction : -direction);
  return double[0] + 0; // 0 has no sign
}

/** What must be known of a precision to move stored times and measure between them. */
export interface TimeArithmetic {
  /** A time moved by whole ticks. */
  add(time: number, ticks: number): number;
  /** Ticks from one time to another; exact where they are within ±2⁵³. */
  between(from: number, to: number): number;
  /** The stored time of milliseconds since 1970 and some ticks more. */
  fromMs(ms: number, ticks?: number): number;
  /** Whole milliseconds since 1970, rounded down. */
  toMs(time: number): number;
}

const nanoseconds: TimeArithmetic = {
  add: (time, ticks) => storedNanoseconds(ticksOfStored(time) + BigInt(ticks)),
  between(from, to) {
    double[0] = Math.abs(from);
    const [fromLow, fromHigh] = [halves[0]!, halves[1]!];
    double[0] = Math.abs(to);
    const [low, high] = [halves[0]!, halves[1]!];
    if (from >= 0 && to >= 0) return (high - fromHigh) * TWO_32 + (low - fromLow);
    const [a, b] = [from < 0 ? -1 : 1, to < 0 ? -1 : 1];
    return (b * high - a * fromHigh) * TWO_32 + (b * low - a * fromLow);
  },
  fromMs: (ms, ticks = 0) => storedNanoseconds(BigInt(Math.trunc(ms)) * 1_000_000n + BigInt(ticks)),
  toMs(time) {
    const ticks = ticksOfStored(time);
    const ms = ticks / 1_000_000n;
    return Number(ms * 1_000_000n > ticks ? ms - 1n : ms);
  },
};

function wholeTicks(perMs: number): TimeArithmetic {
  return {
    add: (time, ticks) => time + ticks,
    between: (from, to) => to - from,
    fromMs: (ms, ticks = 0) => ms * perMs + ticks,
    toMs: (time) => Math.floor(time / perMs),
  };
}

const milliseconds = wholeTicks(1);
const microseconds = wholeTicks(1000);

/** The arithmetic of a precision. */
export function timeArithmetic(precision: Precision): TimeArithmetic {
  return precision === 'ms' ? milliseconds : precision === 'us' ? microseconds : nanoseconds;
}

/** The precision whose second has so many ticks, for those who were told no more. */
export function precisionOfTicks(perSecond: number): Precision {
  if (perSecond === ticksPerSecond('ms')) return 'ms';
  return perSecond === ticksPerSecond('us') ? 'us' : 'ns';
}
