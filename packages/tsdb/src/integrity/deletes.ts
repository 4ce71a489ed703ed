/**
 * Tombstones in a repair: made anew where the manifest is lost, and kept right where files get new numbers.
 *
 * A delete of version v hides rows of files that were written before it. Made anew, its `beforeSeq` is the lowest number
 * of a file whose `maxVersion` is v or later: numbers ascend with time, so that no younger file is hidden, and an older
 * one with a higher number was rewritten after the delete had been committed, without what it deleted.
 */
import type { SegmentEntry, TimeRange, Tombstone } from '../manifest/manifest.ts';
import { isAbout, isOver } from '../store/tombstones.ts';

/** A delete that somebody still knows. */
export interface KnownDelete extends TimeRange {
  /** In the vnode's log. */
  readonly version: number;
  readonly tid: number;
}

/** The tombstones of deletes up to `committedVersion`, those that hide nothing left out. */
export function tombstonesOf(
  deletes: readonly KnownDelete[],
  manifest: {
    readonly committedVersion: number;
    readonly nextSeq: number;
    readonly segments: readonly SegmentEntry[];
  },
): Tombstone[] {
  const { committedVersion, nextSeq, segments } = manifest;
  return deletes
    .filter(({ version }) => version <= committedVersion)
    .map(({ tid, from, to, version }) => {
      const younger = segments.filter(({ info }) => info.maxVersion >= version);
      return { tid, from, to, beforeSeq: Math.min(nextSeq, ...younger.map(({ seq }) => seq)) };
    })
    .filter((tombstone) => segments.some((file) => isOver(tombstone, file)));
}

/**
 * Which files get a new number, ascending by the old one: those that are to be written anew, and where deletes hide rows of
 * one, all that any delete is about, so that their order stays.
 */
export function filesToNumber(
  rewritten: ReadonlySet<SegmentEntry>,
  segments: readonly SegmentEntry[],
  tombstones: readonly Tombstone[],
): SegmentEntry[] {
  const movesAll = [...rewritten].some((file) => isConcerned(file, tombstones));
  return segments
    .filter((file) => rewritten.has(file) || (movesAll && isConcerned(file, tombstones)))
    .sort((a, b) => a.seq - b.seq);
}

/** The tombstones after files got new numbers, which ascend with the old ones; `nextSeq` is above all of them. */
export function renumbered(
  tombstones: readonly Tombstone[],
  numbers: ReadonlyMap<SegmentEntry, number>,
  nextSeq: number,
): Tombstone[] {
  const moved = [...numbers].filter(([file]) => isConcerned(file, tombstones));
  if (moved.length === 0) return [...tombstones];
  return tombstones.map((tombstone) => {
    const younger = moved.filter(([file]) => file.seq >= tombstone.beforeSeq);
    return { ...tombstone, beforeSeq: Math.min(nextSeq, ...younger.map(([, seq]) => seq)) };
  });
}

function isConcerned(file: SegmentEntry, tombstones: readonly Tombstone[]): boolean {
  return tombstones.some((tombstone) => isAbout(tombstone, file));
}
