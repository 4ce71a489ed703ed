/**
 * The k-th smallest of many numbers without sorting them all: values are counted in equal-width buckets between
 * least and greatest, and only the bucket that holds the k-th is looked at again.
 */
import { maxNumber, minNumber } from './ranges.ts';

/** Fewer are sorted. */
const SORTED_BELOW = 512;
const BUCKETS = 4096;

/** The values of ranks `rank` and `rank + 1` (from 0; the greatest stands for ranks beyond). */
export function neighbours(values: Float64Array, rank: number): readonly [number, number] {
  let rest = values;
  let wanted = rank;
  /** The least value above the bucket at hand. */
  let above = NaN;
  while (rest.length > SORTED_BELOW) {
    const least = minNumber(rest, 0, rest.length);
    const greatest = maxNumber(rest, 0, rest.length);
    if (least === greatest)
      return [least, wanted + 1 < rest.length || above !== above ? least : above];
    const scale = BUCKETS / (greatest - least);
    if (!(scale > 0 && scale < Infinity)) break;
    const found = bucketOf(rest, least, scale, wanted);
    if (found.values.length > rest.length * 0.9) break; // outliers: buckets do not divide them
    if (found.above === found.above) above = found.above;
    rest = found.values;
    wanted -= found.below;
  }
  const sorted = rest.slice().sort();
  const next = sorted[wanted + 1];
  return [sorted[wanted]!, next ?? (above === above ? above : sorted[wanted]!)];
}

interface Bucket {
  readonly values: Float64Array;
  /** How many lie in lower buckets. */
  readonly below: number;
  /** The least value of higher buckets, NaN: none. */
  readonly above: number;
}

/** The bucket that holds a rank. */
function bucketOf(values: Float64Array, least: number, scale: number, rank: number): Bucket {
  const counts = new Uint32Array(BUCKETS + 1);
  for (let i = 0; i < values.length; i++) counts[((values[i]! - least) * scale) | 0]!++;
  let bucket = 0;
  let below = 0;
  while (below + counts[bucket]! <= rank) below += counts[bucket++]!;
  const inside = new Float64Array(counts[bucket]!);
  let at = 0;
  let above = Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const its = ((value - least) * scale) | 0;
    if (its < bucket) continue;
    if (its === bucket) inside[at++] = value;
    else if (value < above) above = value;
  }
  return { values: inside, below, above: above === Infinity ? NaN : above };
}
