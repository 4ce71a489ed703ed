/** Loops over rows `[from, to)` of one vector that several functions share. Hot: typed arrays in, numbers out. */
import { isNullString } from '@tdnode/common';
import type { Vector } from '@tdnode/common';
import { wideValue } from './cells.ts';

/** Rows that are not NULL. */
export function countValues(vector: Vector, from: number, to: number): number {
  if (vector.nullCount === 0) return to - from;
  switch (vector.kind) {
    case 'f64':
      return countNumbers(vector.data, from, to);
    case 'i64': {
      const empty = vector.unsigned ? -1n : -(2n ** 63n);
      let count = 0;
      for (let i = from; i < to; i++) if (vector.data[i] !== empty) count++;
      return count;
    }
    case 'str': {
      if (vector.nulls === undefined) return to - from;
      let count = 0;
      for (let i = from; i < to; i++) if (!isNullString(vector, i)) count++;
      return count;
    }
  }
}

function countNumbers(data: Float64Array, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) {
    const value = data[i]!;
    if (value === value) count++;
  }
  return count;
}

/** Sum in doubles; NULL is skipped. */
export function sumNumbers(data: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) {
    const value = data[i]!;
    if (value === value) sum += value;
  }
  return sum;
}

/** Sum of a block without NULL, in four strands. */
export function sumDense(data: Float64Array, from: number, to: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = from;
  for (; i + 4 <= to; i += 4) {
    a += data[i]!;
    b += data[i + 1]!;
    c += data[i + 2]!;
    d += data[i + 3]!;
  }
  for (; i < to; i++) a += data[i]!;
  return a + b + (c + d);
}

/** A numeric vector's values as doubles: the vector's own array where it is one. */
export function asNumbers(vector: Vector, from: number, to: number): Float64Array {
  if (vector.kind === 'f64') return vector.data;
  const data = new Float64Array(to);
  if (vector.kind === 'i64') {
    for (let i = from; i < to; i++) data[i] = Number(wideValue(vector.data[i]!, vector.unsigned));
  }
  return data;
}

/** Row of the least value, or -1 when all are NULL. */
export function minIndex(vector: Vector, from: number, to: number): number {
  if (vector.kind === 'f64') {
    const least = minNumber(vector.data, from, to);
    return least === Infinity ? -1 : vector.data.indexOf(least, from);
  }
  return wideBest(vector, from, to, false);
}

/** Row of the greatest value, or -1 when all are NULL. */
export function maxIndex(vector: Vector, from: number, to: number): number {
  if (vector.kind === 'f64') {
    const greatest = maxNumber(vector.data, from, to);
    return greatest === -Infinity ? -1 : vector.data.indexOf(greatest, from);
  }
  return wideBest(vector, from, to, true);
}

/** The least number, Infinity when all are NULL (NaN compares false). */
export function minNumber(data: Float64Array, from: number, to: number): number {
  let least = Infinity;
  for (let i = from; i < to; i++) {
    const value = data[i]!;
    if (value < least) least = value;
  }
  return least;
}

/** The greatest number, -Infinity when all are NULL. */
export function maxNumber(data: Float64Array, from: number, to: number): number {
  let greatest = -Infinity;
  for (let i = from; i < to; i++) {
    const value = data[i]!;
    if (value > greatest) greatest = value;
  }
  return greatest;
}

function wideBest(vector: Vector, from: number, to: number, isMax: boolean): number {
  if (vector.kind !== 'i64') return -1;
  let best: number | bigint = NaN;
  let at = -1;
  for (let i = from; i < to; i++) {
    const value = wideValue(vector.data[i]!, vector.unsigned);
    if (value !== value) continue;
    if (at < 0 || (isMax ? value > best : value < best)) {
      best = value;
      at = i;
    }
  }
  return at;
}

/** First index in `[from, to)` of an ascending array whose value is ≥ `bound`; `to` if none. */
export function lowerBound(data: Float64Array, bound: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (data[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first index in `[from, to)` of ascending numbers above `bound`; `to` when there is none. */
export function upperBound(data: Float64Array, bound: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (data[middle]! <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
