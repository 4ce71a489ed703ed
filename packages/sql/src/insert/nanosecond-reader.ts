/**
 * The times of inserts into 'ns' databases in their usual form, a whole number of 19 digits: read without a BigInt a
 * value. The first nine digits stand for ten seconds each; their ticks are kept, as two halves, for the rows that follow.
 */
import type { ColumnBuffer } from './column-buffer.ts';

const TWO_32 = 2 ** 32;
/** Digits in front, and what one of the number they make stands for. */
const HEAD_DIGITS = 9;
const HEAD_UNIT = 10_000_000_000n;
const DIGITS = 19;
/** From here on times might be beyond those that are stored (NS_TIME_MAX): the general way decides. */
const HEAD_END = 460_718_241;

const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);

/** The head read last, and its ticks. */
let head = -1;
let headLow = 0;
let headHigh = 0;

/**
 * Reads 19 digits at `start` as the time of `row`; returns the position behind them, or -1 where there are fewer, or
 * the general way has to look at them. The statement's last byte is no digit.
 */
export function readNanoseconds(
  column: ColumnBuffer,
  row: number,
  sql: Uint8Array,
  start: number,
): number {
  let first = 0;
  let rest = 0;
  for (let i = 0; i < DIGITS; i++) {
    const digit = sql[start + i]! - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    if (i < HEAD_DIGITS) first = first * 10 + digit;
    else rest = rest * 10 + digit;
  }
  if (first >= HEAD_END) return -1;
  if (first !== head) remember(first);
  const low = headLow + rest;
  const carry = Math.floor(low / TWO_32);
  halves[0] = low - carry * TWO_32;
  halves[1] = headHigh + carry;
  column.f64[row] = double[0]!;
  return start + DIGITS;
}

function remember(first: number): void {
  const ticks = BigInt(first) * HEAD_UNIT;
  head = first;
  headLow = Number(ticks % BigInt(TWO_32));
  headHigh = Number(ticks / BigInt(TWO_32));
}
