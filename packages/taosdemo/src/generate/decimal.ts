/** Decimal digits straight into bytes: no string a number. */

const ZERO = 48;
const CHUNK = 10_000_000;
const CHUNK_DIGITS = 7;

/** Writes a whole number in [0, 2⁵³) at `at`; returns the byte behind it. */
export function writeDecimal(into: Uint8Array, at: number, value: number): number {
  if (value < CHUNK) return writeSmall(into, at, value | 0);
  const high = Math.floor(value / CHUNK);
  const end = writeDecimal(into, at, high);
  return writePadded(into, end, value - high * CHUNK, CHUNK_DIGITS);
}

/** Writes `digits` digits of a whole number below 10⁹, zeros in front. */
export function writePadded(into: Uint8Array, at: number, value: number, digits: number): number {
  let rest = value | 0;
  for (let i = at + digits - 1; i >= at; i--) {
    const next = (rest / 10) | 0;
    into[i] = ZERO + rest - next * 10;
    rest = next;
  }
  return at + digits;
}

function writeSmall(into: Uint8Array, at: number, value: number): number {
  let digits = 1;
  for (let limit = 10; limit <= value; limit *= 10) digits++;
  return writePadded(into, at, value, digits);
}
