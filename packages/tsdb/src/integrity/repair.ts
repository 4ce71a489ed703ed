/**
 * Makes a damaged store one that opens and reads: docs/recovery.md. A copy of every file it takes away stays
 * beside it (`.damaged-<n>`).
 *
 *   blocks that cannot be read    the segment is written anew without them
 *   footer or header damaged      the same, where the index is still what its checksum says
 *   index damaged, file missing   the segment leaves the manifest
 *   manifest damaged or missing   made anew of the segments' footers
 *
 * A manifest is made anew like this: within a partition the order by age is that of the segments' `maxVersion`,
 * since commits ascend and compaction joins neighbours; a source of a compaction beside its result changes no
 * answer, equal rows meet under their time. `committedVersion` becomes the version before the log's first one:
 * replaying versions that are in files already changes no answer either. What was deleted before, the vnode's meta
 * may still know (deletes.ts).
 */
import { CorruptionError, copyAside, setAside, type FileSystem } from '@tdnode/common';
import { prepareManifest, readManifest, replaceManifest } from '../manifest/manifest-file.ts';
import {
  EMPTY_MANIFEST,
  segmentName,
  type Manifest,
  type SegmentEntry,
} from '../manifest/manifest.ts';
import { SegmentReader } from '../segment/segment-reader.ts';
import { SegmentWriter } from '../segment/segment-writer.ts';
import type { SegmentInfo } from '../segment/segment-types.ts';
import { filesToNumber, renumbered, tombstonesOf, type KnownDelete } from './deletes.ts';
import {
  badBlocks,
  damageOf,
  fileBytes,
  rowsOfBlock,
  rowsOfEntry,
  segmentDamage,
  type StoreDamage,
} from './check.ts';

/** What a repair did. */
export interface StoreRepair {
  /** Files it made of what it took away. */
  readonly aside: readonly string[];
  /** Rows that are lost, by bad place. */
  readonly lost: readonly StoreDamage[];
  readonly isManifestNew: boolean;
}

/** What a segment became. */
interface Mended {
  /** Undefined: nothing of it could be kept. */
  readonly entry: SegmentEntry | undefined;
  readonly lost: readonly StoreDamage[];
}

/** What else is known of the vnode, for a manifest that has to be made anew. */
export interface StoreKnowledge {
  /** First version in the vnode's log. */
  readonly logFirstVersion: number | undefined;
  readonly deletes: () => readonly KnownDelete[];
}

/** Repairs the store in `dir`. Undefined: nothing was to be done. */
export function repairStore(
  fs: FileSystem,
  dir: string,
  known: StoreKnowledge,
): StoreRepair | undefined {
  const path = `${dir}/manifest`;
  const before = manifestOf(fs, dir, known);
  const isManifestNew = before.isNew;
  const mended = mendSegments(fs, dir, before.manifest);
  const { aside, lost } = mended;
  if (!isManifestNew && lost.length === 0 && mended.obsolete.length === 0) return undefined;
  for (const file of before.unreadable) {
    aside.push(setAside(fs, file));
    lost.push({
      file,
      offset: 0,
      what: 'not a whole segment file, perhaps one that was being written',
      affected: undefined,
    });
  }
  if (isManifestNew && fs.exists(path)) aside.unshift(copyAside(fs, path));
  fs.syncFolder(dir);
  prepareManifest(fs, dir, mended.manifest);
  replaceManifest(fs, dir);
  fs.syncFolder(dir);
  for (const file of mended.obsolete) fs.unlink(file);
  fs.syncFolder(dir);
  return { aside, lost, isManifestNew };
}

/** The segments as far as they can be read; what is damaged is written anew. */
function mendSegments(
  fs: FileSystem,
  dir: string,
  manifest: Manifest,
): {
  readonly manifest: Manifest;
  readonly aside: string[];
  readonly lost: StoreDamage[];
  readonly obsolete: readonly string[];
} {
  const { segments, tombstones } = manifest;
  const fileOf = ({ partition, seq }: SegmentEntry): string =>
    `${dir}/${segmentName(partition, seq)}`;
  const damaged = new Set(
    segments.filter((entry) => segmentDamage(fs, fileOf(entry), entry).length > 0),
  );
  const aside: string[] = [];
  const lost: StoreDamage[] = [];
  const obsolete: string[] = [];
  const after = new Map<SegmentEntry, SegmentEntry | undefined>();
  const numbers = new Map<SegmentEntry, number>();
  let { nextSeq } = manifest;
  for (const entry of filesToNumber(damaged, segments, tombstones)) {
    const seq = nextSeq++;
    const mended = rewrite(fs, { dir, entry, seq });
    after.set(entry, mended.entry);
    numbers.set(entry, seq);
    lost.push(...mended.lost);
    const file = fileOf(entry);
    if (!fs.exists(file)) continue;
    if (damaged.has(entry)) aside.push(copyAside(fs, file));
    obsolete.push(file);
  }
  const kept = segments.flatMap((entry) => {
    const one = after.has(entry) ? after.get(entry) : entry;
    return one === undefined ? [] : [one];
  });
  const moved = { nextSeq, segments: kept, tombstones: renumbered(tombstones, numbers, nextSeq) };
  return { manifest: { ...manifest, ...moved }, aside, lost, obsolete };
}

/** The manifest, or one made of the segments' footers. */
function manifestOf(
  fs: FileSystem,
  dir: string,
  { logFirstVersion, deletes }: StoreKnowledge,
): {
  readonly manifest: Manifest;
  readonly isNew: boolean;
  readonly unreadable: readonly string[];
} {
  const names = fs.list(dir).filter((name) => name.endsWith('.seg'));
  const isMissing = !fs.exists(`${dir}/manifest`);
  if (
    isMissing &&
    (logFirstVersion === 1 || (names.length === 0 && logFirstVersion === undefined))
  ) {
    return { manifest: EMPTY_MANIFEST, isNew: false, unreadable: [] };
  }
  try {
    if (!isMissing) return { manifest: readManifest(fs, dir), isNew: false, unreadable: [] };
  } catch (error) {
    damageOf(error, dir);
  }
  const segments: SegmentEntry[] = [];
  const unreadable: string[] = [];
  let nextSeq = 1;
  for (const name of names) {
    const [, partition = 0, seq = 0] = (/^(-?\d+)-(\d+)\.seg$/.exec(name) ?? []).map(Number);
    nextSeq = Math.max(nextSeq, seq + 1);
    const info = infoOf(fs, `${dir}/${name}`);
    if (info === undefined) unreadable.push(`${dir}/${name}`);
    else segments.push({ partition, seq, info });
  }
  segments.sort(byAge);
  const highest = Math.max(0, ...segments.map(({ info }) => info.maxVersion));
  const committedVersion = logFirstVersion === undefined ? highest : logFirstVersion - 1;
  const tombstones = tombstonesOf(deletes(), { committedVersion, nextSeq, segments });
  return {
    manifest: { committedVersion, nextSeq, segments, droppedTids: [], tombstones },
    isNew: true,
    unreadable,
  };
}

function byAge(a: SegmentEntry, b: SegmentEntry): number {
  return a.partition - b.partition || a.info.maxVersion - b.info.maxVersion || a.seq - b.seq;
}

function infoOf(fs: FileSystem, path: string): SegmentInfo | undefined {
  const reader = openLeniently(fs, path);
  if (reader instanceof SegmentReader) {
    reader.close();
    return { ...reader.info, sizeBytes: fileBytes(fs, path) };
  }
  return undefined;
}

/** Writes the blocks that can be read into a segment of their own. */
function rewrite(
  fs: FileSystem,
  { dir, entry, seq }: { readonly dir: string; readonly entry: SegmentEntry; readonly seq: number },
): Mended {
  const { partition } = entry;
  const file = `${dir}/${segmentName(partition, entry.seq)}`;
  const reader = openLeniently(fs, file);
  if (!(reader instanceof SegmentReader))
    return { entry: undefined, lost: [{ ...reader, affected: rowsOfEntry(entry) }] };
  try {
    if (reader.blockCount !== entry.info.blocks) {
      const what = 'not the segment that the manifest names';
      return { entry: undefined, lost: [{ file, offset: 0, what, affected: rowsOfEntry(entry) }] };
    }
    const bad = badBlocks(reader, file);
    const lost = bad.map(({ block, error }) => damageOf(error, file, rowsOfBlock(reader, block)));
    if (bad.length === reader.blockCount) return { entry: undefined, lost };
    const skipped = new Set(bad.map(({ block }) => block));
    const writer = new SegmentWriter(fs, `${dir}/${segmentName(partition, seq)}`, { comp: 2 });
    for (let block = 0; block < reader.blockCount; block++) {
      if (!skipped.has(block)) writer.addCopy(reader.rawBlock(block));
    }
    const info = writer.finish({ maxVersion: entry.info.maxVersion });
    return { entry: { partition, seq, info }, lost };
  } finally {
    reader.close();
  }
}

/** A reader that trusts an index whose checksum is right under a footer whose own is not. */
function openLeniently(fs: FileSystem, file: string): SegmentReader | StoreDamage {
  try {
    return SegmentReader.open(fs, file, 'index');
  } catch (error) {
    if (error instanceof RangeError)
      return damageOf(new CorruptionError(file, 0, 'index is not what the footer says'), file);
    return damageOf(error, file);
  }
}
