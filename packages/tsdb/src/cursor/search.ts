/** Binary search in ascending times. */

/** The first row in [begin, end) at or after `time`, or `end`. */
export function lowerBound(ts: Float64Array, time: number, begin: number, end: number): number {
  let low = begin;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ts[middle]! >= time) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The first row in [begin, end) after `time`, or `end`. */
export function upperBound(ts: Float64Array, time: number, begin: number, end: number): number {
  let low = begin;
  let high = end;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ts[middle]! > time) high = middle;
    else low = middle + 1;
  }
  return low;
}
