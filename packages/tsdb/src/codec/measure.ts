/**
 * One pass over a column's values: what the statistics of the block and the choice of an encoding need.
 */

/** Filled by `measure`; NULL is ignored by all but `nullCount`. */
export interface Measure {
  nullCount: number;
  sum: number;
  /** +Infinity and -Infinity when all are NULL. */
  min: number;
  max: number;
  /** Of the first and the last row; NaN where that is NULL. */
  first: number;
  last: number;
}

/** A measure of no values. */
export function newMeasure(): Measure {
  return { nullCount: 0, sum: 0, min: Infinity, max: -Infinity, first: NaN, last: NaN };
}

/** Measures the first `rows` values; NaN is NULL. */
export function measure(values: Float64Array, rows: number, into: Measure): void {
  let nulls = 0;
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < rows; i++) {
    const value = values[i]!;
    if (value !== value) {
      nulls++;
      continue;
    }
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  into.nullCount = nulls;
  into.sum = sum;
  into.min = min;
  into.max = max;
  into.first = values[0]!;
  into.last = values[rows - 1]!;
}
