/** Which files hold only rows that are older than the database keeps. Pure. */
import type { SegmentEntry } from '../manifest/manifest.ts';

/**
 * The numbers of segments whose whole partition ends before `oldest`, the first time that is kept.
 * `partitionEnd` gives a partition's last time.
 */
export function planRetention(
  segments: readonly SegmentEntry[],
  partitionEnd: (partition: number) => number,
  oldest: number,
): number[] {
  return segments.filter(({ partition }) => partitionEnd(partition) < oldest).map(({ seq }) => seq);
}
