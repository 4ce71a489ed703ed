/**
 * The k-th smallest of many numbers without sorting them all. Of very many a sorted sample says between which values
 * the k-th lies; only those are looked at again: counted in equal-width buckets between least and greatest,
 * of which one holds the k-th.
 */
import { maxNumber, minNumber } from './ranges.ts';

/** Fewer are sorted. */
const SORTED_BELOW = 512;
const BUCKETS = 4096;
/** From so many on a sample pays. */
const SAMPLED_FROM = 32_768;
const SAMPLE = 2048;
/** Places of the sample to either side of the wanted one: seven times the deviation of its place. */
const SAMPLE_MARGIN = 160;

/** The values of ranks `rank` and `rank + 1` (from 0; the greatest stands for ranks beyond). */
export function neighbours(values: Float64Array, rank: number): readonly [number, number] {
  let rest = values;
  let wanted = rank;
  /** The least value above the bucket at hand. */
  let above = NaN;
  const sampled = values.length < SAMPLED_FROM ? undefined : bySample(values, rank);
  if (sampled !== undefined) {
    rest = sampled.values;
    wanted -= sampled.below;
    above = sampled.above;
  }
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

/** The values around a rank, judged by a sample; undefined when the sample was wrong or says too little. */
function bySample(values: Float64Array, rank: number): Bucket | undefined {
  const step = Math.floor(values.length / SAMPLE);
  const sample = new Float64Array(SAMPLE);
  for (let i = 0; i < SAMPLE; i++) sample[i] = values[i * step]!;
  sample.sort();
  const place = Math.floor((rank / values.length) * SAMPLE);
  const from = place < SAMPLE_MARGIN ? -Infinity : sample[place - SAMPLE_MARGIN]!;
  const to = place + SAMPLE_MARGIN >= SAMPLE ? Infinity : sample[place + SAMPLE_MARGIN]!;
  const inside = new Float64Array(values.length >> 1);
  let count = 0;
  let below = 0;
  let above = Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < from) below++;
    else if (value > to) {
      if (value < above) above = value;
    } else inside[count++] = value; // beyond the end nothing is kept, and that is noticed
  }
  if (count > inside.length || rank < below || rank >= below + count) return undefined;
  return { values: inside.subarray(0, count), below, above: above === Infinity ? NaN : above };
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
