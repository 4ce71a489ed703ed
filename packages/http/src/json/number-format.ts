/**
 * Numbers as bytes, exactly as C's printf would write them: FLOAT `%.5f`, DOUBLE `%.9f`, both with `e` instead
 * of `f` where |x| > 1e10; whole numbers in full.
 *
 * The fast path splits x into whole part and fraction f (exact), scales the fraction and rounds.
 *   - FLOAT: f has at most 24 significant bits and 1e5 = 2⁵·3125 adds 12, so f·1e5 is exact in a double, and so
 *     is the decision, ties going to the even digit.
 *   - DOUBLE: f·1e9 < 2³⁰ is off by at most 2⁻²⁴; where it is further than 2⁻²³ from the middle of two digits,
 *     the decision is certain. Else the value is a tie (then f·1024 is odd and whole, all exact, even wins) or
 *     `toFixed` decides, which the language defines exactly.
 * Every function writes at `p` and returns the position behind what it wrote; MAX_NUMBER_BYTES must be free.
 */

/** The longest number: a sign, 17 digits before the point and 9 behind, and some to spare. */
export const MAX_NUMBER_BYTES = 32;

const ZERO = 48;
const MINUS = 45;
const POINT = 46;
/** Larger magnitudes are printed with an exponent. */
const FIXED_LIMIT = 1e10;
/** Nearer to a middle than this, the scaled fraction does not decide. */
const DOUBT = 2 ** -23;

/** `null`. */
export function putNull(out: Uint8Array, p: number): number {
  out[p] = 110;
  out[p + 1] = 117;
  out[p + 2] = 108;
  out[p + 3] = 108;
  return p + 4;
}

/** A whole number within ±2⁵³. */
export function putInteger(out: Uint8Array, p: number, value: number): number {
  if (value < 0) {
    out[p++] = MINUS;
    value = -value;
  }
  if (value < 1e9) return putSmall(out, p, value | 0);
  const high = Math.floor(value / 1e9);
  return putDigits(out, putSmall(out, p, high), value - high * 1e9, 9);
}

/** A 64-bit whole number. */
export function putBigInteger(out: Uint8Array, p: number, value: bigint): number {
  return putAscii(out, p, value.toString());
}

/** FLOAT: `%.5f` or `%.5e`; NaN and infinities are `null`. */
export function putFloat(out: Uint8Array, p: number, value: number): number {
  const x = Math.fround(value);
  if (x - x !== 0) return putNull(out, p);
  const size = Math.abs(x);
  if (x < 0 || (x === 0 && 1 / x < 0)) out[p++] = MINUS;
  if (size > FIXED_LIMIT) return putAscii(out, p, exponential(size, 5));
  let whole = Math.floor(size);
  const scaled = (size - whole) * 1e5;
  let fraction = scaled | 0;
  const rest = scaled - fraction;
  if (rest > 0.5 || (rest === 0.5 && (fraction & 1) === 1)) fraction++;
  if (fraction === 100_000) {
    fraction = 0;
    whole++;
  }
  p = putInteger(out, p, whole);
  out[p] = POINT;
  return putDigits(out, p + 1, fraction, 5);
}

/** DOUBLE: `%.9f` or `%.9e`; NaN and infinities are `null`. */
export function putDouble(out: Uint8Array, p: number, x: number): number {
  if (x - x !== 0) return putNull(out, p);
  const size = Math.abs(x);
  if (x < 0 || (x === 0 && 1 / x < 0)) out[p++] = MINUS;
  if (size > FIXED_LIMIT) return putAscii(out, p, exponential(size, 9));
  let whole = Math.floor(size);
  const rest = size - whole;
  const scaled = rest * 1e9;
  let fraction = scaled | 0;
  const middle = scaled - fraction - 0.5;
  if (middle > DOUBT) fraction++;
  else if (middle >= -DOUBT) fraction = roundInDoubt(rest, fraction);
  if (fraction === 1e9) {
    fraction = 0;
    whole++;
  }
  p = putInteger(out, p, whole);
  out[p] = POINT;
  return putDigits(out, p + 1, fraction, 9);
}

/** Nine digits of `rest` (0 ≤ rest < 1) near the middle between `below` and the next. */
function roundInDoubt(rest: number, below: number): number {
  const parts = rest * 1024;
  if (Number.isInteger(parts) && parts % 2 === 1) return below + (below & 1); // a tie: even wins
  const text = rest.toFixed(9);
  return text.startsWith('1') ? 1e9 : Number(text.slice(2));
}

/** `%.<digits>e` of a number above 1e10: `toExponential`, but ties go to the even digit. */
function exponential(size: number, digits: number): string {
  const text = size.toExponential(digits);
  if (!Number.isInteger(size)) return text; // a tie's unit is at least 5: only whole numbers tie
  const exact = BigInt(size).toString();
  const tail = exact.slice(digits + 1);
  if (!/^50*$/u.test(tail)) return text;
  const last = exact.charCodeAt(digits) - ZERO;
  if (last % 2 === 1) return text; // toExponential went up, to an even digit
  return `${exact[0]}.${exact.slice(1, digits + 1)}e+${exact.length - 1}`;
}

/** 0 ≤ n < 1e9 without leading zeros. */
function putSmall(out: Uint8Array, p: number, n: number): number {
  if (n < 10) {
    out[p] = ZERO + n;
    return p + 1;
  }
  let digits = 2;
  if (n >= 100) digits = 3;
  if (n >= 1000) digits = 4;
  if (n >= 10_000) digits = n < 100_000 ? 5 : n < 1e6 ? 6 : n < 1e7 ? 7 : n < 1e8 ? 8 : 9;
  return putDigits(out, p, n, digits);
}

/** Exactly `digits` digits of 0 ≤ n < 1e9. */
function putDigits(out: Uint8Array, p: number, n: number, digits: number): number {
  let rest = n | 0;
  for (let i = p + digits - 1; i >= p; i--) {
    const tenth = (rest / 10) | 0;
    out[i] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  return p + digits;
}

function putAscii(out: Uint8Array, p: number, text: string): number {
  for (let i = 0; i < text.length; i++) out[p + i] = text.charCodeAt(i);
  return p + text.length;
}
