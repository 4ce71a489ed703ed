/**
 * Which files are merged next. Pure.
 *
 * Only neighbours in age are merged, so that the order by age holds. Files of well filled blocks gain little
 * from it, and are merged only where there are many; files of small blocks (many tables with few rows each
 * commit) soon. Sizes grow by tiers: a file joins when it is not much larger than all younger ones together,
 * so that a row is rewritten O(log n) times.
 */
import type { SegmentEntry } from '../manifest/manifest.ts';

/** When files are worth merging. */
export interface CompactionRules {
  /** Blocks of fewer rows are small. */
  readonly smallBlockRows: number;
}

/** Files that are merged at once, at least: where their blocks are small, and otherwise. */
const SMALL_FILES_MIN = 4;
const FULL_FILES_MIN = 16;
/** A file joins when it is at most so many times as large as all younger ones together. */
const SIZE_RATIO = 2;
/** And never when it is larger than this: a rewriting must come to its end. */
const FILE_BYTES_MAX = 512 * 1024 * 1024;

/**
 * The files to merge into one, of one partition, oldest first; undefined when there is nothing to do.
 * `excluded`: partitions to leave alone.
 */
export function planCompaction(
  segments: readonly SegmentEntry[],
  rules: CompactionRules,
  excluded: ReadonlySet<number> = new Set(),
): SegmentEntry[] | undefined {
  for (let begin = 0; begin < segments.length;) {
    const { partition } = segments[begin]!;
    let end = begin;
    while (end < segments.length && segments[end]!.partition === partition) end++;
    if (!excluded.has(partition)) {
      const found = planPartition(segments.slice(begin, end), rules);
      if (found !== undefined) return found;
    }
    begin = end;
  }
  return undefined;
}

function planPartition(
  segments: readonly SegmentEntry[],
  rules: CompactionRules,
): SegmentEntry[] | undefined {
  for (let end = segments.length; end >= SMALL_FILES_MIN; end--) {
    const window = tier(segments, end);
    let rows = 0;
    let blocks = 0;
    for (const { info } of window) {
      rows += info.rows;
      blocks += info.blocks;
    }
    const isSmall = rows < blocks * rules.smallBlockRows;
    if (window.length >= (isSmall ? SMALL_FILES_MIN : FULL_FILES_MIN)) return window;
  }
  return undefined;
}

/** The longest run of files before `end` in which each is not much larger than the younger ones. */
function tier(segments: readonly SegmentEntry[], end: number): SegmentEntry[] {
  let begin = end - 1;
  if (segments[begin]!.info.sizeBytes > FILE_BYTES_MAX) return [];
  let younger = segments[begin]!.info.sizeBytes;
  while (begin > 0) {
    const size = segments[begin - 1]!.info.sizeBytes;
    if (size > younger * SIZE_RATIO || size > FILE_BYTES_MAX) break;
    younger += size;
    begin--;
  }
  return segments.slice(begin, end);
}
