/**
 * Numbers as C's `printf` writes them, which is what 2.1.2 shows: FLOAT `%.5f`, DOUBLE `%.9f`. Ties go to the even digit
 * (`toFixed` takes the larger).
 */

/** `%.<digits>f` of a finite or infinite number of any size. */
export function fixed(value: number, digits: number): string {
  const size = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (size === Infinity) return `${sign}inf`;
  if (size >= 2 ** 53) return `${sign}${BigInt(size)}.${'0'.repeat(digits)}`;
  const text = size.toFixed(digits);
  const isTie = Math.abs((size * 2 ** (digits + 1)) % 2) === 1;
  const last = text.charCodeAt(text.length - 1) - 48;
  if (!isTie || last % 2 === 0) return sign + text;
  return sign + text.slice(0, -1) + String(last - 1); // it went up, to an odd digit
}

/** As `fixed`, but with an exponent where that takes more than `width` columns. */
export function fixedWithin(value: number, digits: number, width: number): string {
  const text = fixed(value, digits);
  return text.length <= width ? text : value.toExponential(digits);
}

/**
 * `%.<digits>f` where that says which double (or, `isSingle`, which float) it was; else the shortest text that does.
 * So a file of exported rows can be read back without loss.
 */
export function exact(value: number, digits: number, isSingle: boolean): string {
  const text = fixed(value, digits);
  const read = isSingle ? Math.fround(Number(text)) : Number(text);
  if (read === value) return text;
  return isSingle ? shortestFloat(value) : String(value);
}

/** Nine digits tell all floats apart; most need fewer. */
function shortestFloat(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(Number(value.toPrecision(9)));
}
