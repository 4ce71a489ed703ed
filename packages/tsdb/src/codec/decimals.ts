/**
 * FLOAT and DOUBLE values as scaled integers (after ALP, Afroozeh and Boncz, SIGMOD 2024): sensors report short
 * decimals, and a decimal with d places is an integer divided by 10^d.
 *
 * A DOUBLE comes back as i / 10^d, which is correctly rounded and so finds the value that the literal meant; a FLOAT
 * as fround(i · 10^-d): the product is off by far less than half a FLOAT's step, and multiplying is the
 * faster. Whatever does not come back bit for bit (-0, infinities, long fractions) is an exception and kept as is.
 */

/** How a kind of column is scaled. */
export interface DecimalKind {
  readonly isFloat: boolean;
  /** The most places tried. */
  readonly maxPlaces: number;
}

/** Decimals of FLOAT: more than 8 places say nothing in 24 bits. */
export const FLOAT_DECIMALS: DecimalKind = { isFloat: true, maxPlaces: 8 };
/** Decimals of DOUBLE: more than 15 places say nothing in 53 bits. */
export const DOUBLE_DECIMALS: DecimalKind = { isFloat: false, maxPlaces: 15 };

/** Exact powers of ten, and the doubles nearest to their inverses. */
const POWERS = Float64Array.from({ length: 16 }, (_, d) => Number(`1e${d}`));
const INVERSES = Float64Array.from({ length: 16 }, (_, d) => Number(`1e-${d}`));

/** Adding and taking off this rounds a double below 2⁵¹ to the nearest integer, faster than Math.round. */
const ROUNDER = 1.5 * 2 ** 52;
const LARGEST = 2 ** 51;

const SAMPLES = 48;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** At most one value in so many may be an exception; beyond, other encodings are smaller. */
const EXCEPTION_SHARE = 16;

/** Integers of a scaled block: `scaled` is written, exceptions repeat the integer before them. */
export interface Scaled {
  readonly scaled: Float64Array;
  /** Rows of the exceptions. */
  readonly exceptions: Uint16Array;
  exceptionCount: number;
  min: number;
  max: number;
}

/** The fewest decimal places, from `least` up, that a sample of the values needs, or -1 when there are none. */
export function guessPlaces(
  values: Float64Array,
  rows: number,
  kind: DecimalKind,
  least = 0,
): number {
  const samples = Math.min(rows, SAMPLES);
  let best = -1;
  let fewest = Math.floor(samples / EXCEPTION_SHARE) + 1;
  for (let places = least; places <= kind.maxPlaces && fewest > 0; places++) {
    let misses = 0;
    for (let k = 0; k < samples && misses < fewest; k++) {
      // Spread without a period, which a column might share.
      const value = values[Math.floor(((k * GOLDEN) % 1) * rows)]!;
      if (!Object.is(roundTrip(value, places, kind.isFloat), value)) misses++;
    }
    if (misses < fewest) [best, fewest] = [places, misses];
  }
  return best;
}

function roundTrip(value: number, places: number, isFloat: boolean): number {
  const q = value * POWERS[places]! + ROUNDER - ROUNDER;
  if (!(Math.abs(q) <= LARGEST)) return NaN;
  return isFloat ? Math.fround(q * INVERSES[places]!) : q / POWERS[places]!;
}

/** Scales all values; false when there are too many exceptions. */
export function scale(
  values: Float64Array,
  rows: number,
  places: number,
  into: Scaled & { readonly isFloat: boolean },
): boolean {
  const { scaled, exceptions, isFloat } = into;
  const power = POWERS[places]!;
  const inverse = INVERSES[places]!;
  const allowed = Math.min(exceptions.length, 1 + Math.floor(rows / EXCEPTION_SHARE));
  let count = 0;
  let last = firstScaled(values, rows, places, isFloat);
  let min = last;
  let max = last;
  for (let i = 0; i < rows; i++) {
    const value = values[i]!;
    const q = value * power + ROUNDER - ROUNDER;
    const back = isFloat ? Math.fround(q * inverse) : q / power;
    if (back === value && q <= LARGEST && q >= -LARGEST && (q !== 0 || 1 / value > 0)) {
      if (q < min) min = q;
      if (q > max) max = q;
      last = q;
    } else {
      if (count === allowed) return false;
      exceptions[count++] = i;
    }
    scaled[i] = last;
  }
  into.exceptionCount = count;
  into.min = min;
  into.max = max;
  return true;
}

/** The first value that scales: what exceptions before it repeat. */
function firstScaled(values: Float64Array, rows: number, places: number, isFloat: boolean): number {
  for (let i = 0; i < rows; i++) {
    if (Object.is(roundTrip(values[i]!, places, isFloat), values[i]!)) {
      return values[i]! * POWERS[places]! + ROUNDER - ROUNDER;
    }
  }
  return 0;
}

/** What undoes the scaling of a FLOAT (a factor) or a DOUBLE (a divisor). */
export function unscaler(places: number, isFloat: boolean): number {
  return isFloat ? INVERSES[places]! : POWERS[places]!;
}

/** Undoes `scale` in place. */
export function unscaleDoubles(
  values: Float64Array,
  rows: number,
  places: number,
  isFloat: boolean,
): void {
  const by = unscaler(places, isFloat);
  for (let i = 0; i < rows; i++) {
    values[i] = isFloat ? Math.fround(values[i]! * by) : values[i]! / by;
  }
}
