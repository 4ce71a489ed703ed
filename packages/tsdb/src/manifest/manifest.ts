/**
 * The manifest: which segment files make up the store, and up to which version. Pure; how it looks on disk
 * is in `format.ts`, how it is replaced in `manifest-file.ts`.
 *
 * Invariants: segments are sorted by partition, within a partition by the age of their rows, oldest first
 * (that order decides between rows under one time; a segment that compaction wrote stands where its sources
 * stood, whatever its number); `seq` is a name only, never used twice; `nextSeq` is above all of them.
 */
import type { SegmentInfo } from '../segment/segment-types.ts';

/** A live segment file. */
export interface SegmentEntry {
  readonly partition: number;
  readonly seq: number;
  readonly info: SegmentInfo;
}

/** Times, ticks, both ends included. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** A deleted stretch of a table: hides its rows in segments whose `seq` is below `beforeSeq`. */
export interface Tombstone extends TimeRange {
  readonly tid: number;
  readonly beforeSeq: number;
}

/** The live files, in the order that decides between rows under one time. */
export interface Manifest {
  /** All writes up to this version are in the segments. */
  readonly committedVersion: number;
  readonly nextSeq: number;
  readonly segments: readonly SegmentEntry[];
  /** Tables dropped up to `committedVersion` of which some segment may still have rows, ascending. */
  readonly droppedTids: readonly number[];
  /** Deletes up to `committedVersion` that hide rows of some segment. */
  readonly tombstones: readonly Tombstone[];
}

/** The manifest of a store without files. */
export const EMPTY_MANIFEST: Manifest = {
  committedVersion: 0,
  nextSeq: 1,
  segments: [],
  droppedTids: [],
  tombstones: [],
};

/** What a job wants changed. */
export interface ManifestEdit {
  readonly committedVersion?: number;
  readonly droppedTids?: readonly number[];
  readonly tombstones?: readonly Tombstone[];
  readonly nextSeq: number;
  /** Segments (by seq) to take out. The added ones of a partition take the place of its first removed one. */
  readonly removed: readonly number[];
  readonly added: readonly SegmentEntry[];
}

/** The manifest after an edit. Added segments come last in their partition unless they replace others. */
export function applyEdit(manifest: Manifest, edit: ManifestEdit): Manifest {
  const removed = new Set(edit.removed);
  const waiting = [...edit.added];
  const segments: SegmentEntry[] = [];
  for (const entry of manifest.segments) {
    if (!removed.has(entry.seq)) {
      segments.push(entry);
      continue;
    }
    for (let i = 0; i < waiting.length;) {
      if (waiting[i]!.partition === entry.partition) segments.push(...waiting.splice(i, 1));
      else i++;
    }
  }
  segments.push(...waiting);
  // Stable, so that the order by age within a partition stays.
  segments.sort((a, b) => a.partition - b.partition);
  return {
    committedVersion: edit.committedVersion ?? manifest.committedVersion,
    nextSeq: Math.max(manifest.nextSeq, edit.nextSeq),
    segments,
    droppedTids: edit.droppedTids ?? manifest.droppedTids,
    tombstones: edit.tombstones ?? manifest.tombstones,
  };
}

/** The name of a segment file. */
export function segmentName(partition: number, seq: number): string {
  return `${partition}-${seq}.seg`;
}
