/**
 * Makes a corrupt log one that opens: docs/recovery.md. What is taken away stays beside it (`.damaged-<n>`).
 *
 *   bad place above what is in files   the whole records before it stay, everything from it on goes aside: a
 *                                      record may need the one before it, so none behind a gap can be applied
 *   bad place below                    those records are in files; what follows `committedVersion` without a gap
 *                                      becomes the new log
 *
 * Invariant: at every moment all bytes of the log are under some name of the folder.
 */
import { copyAside, setAside, type FileSystem } from '@tdnode/common';
import { SEGMENT_HEADER_BYTES, segmentName, writeSegmentHeader } from './format.ts';
import { checkLog, type LogDamage } from './check.ts';
import { listSegments, type SegmentInfo } from './recover.ts';
import { findRecords, readSegment } from './segment-reader.ts';

/** What a repair did. */
export interface LogRepair {
  /** Files it made of what it took away. */
  readonly aside: readonly string[];
  /** Versions that are lost, both ends included; undefined: none. */
  readonly lost: { readonly firstVersion: number; readonly lastVersion: number } | undefined;
}

/** Repairs what is corrupt; a torn tail is left to the next start. Undefined: nothing was to be done. */
export function repairLog(
  fs: FileSystem,
  folder: string,
  committedVersion: number,
): LogRepair | undefined {
  const { damage } = checkLog(fs, folder, committedVersion);
  if (damage === undefined || damage.isTorn) return undefined;
  const isNeeded = damage.firstVersion > committedVersion;
  return isNeeded && damage.offset > 0
    ? cut(fs, folder, damage)
    : rewrite(fs, folder, { damage, committedVersion });
}

/** Everything from the bad place on goes aside. */
function cut(fs: FileSystem, folder: string, damage: LogDamage): LogRepair {
  const segments = listSegments(fs, folder);
  const bad = segments.findIndex(({ path }) => path === damage.file);
  const aside = [copyAside(fs, damage.file, damage.offset)];
  fs.syncFolder(folder);
  const handle = fs.open(damage.file, 'write');
  try {
    handle.truncate(damage.offset);
    handle.sync();
  } finally {
    handle.close();
  }
  for (const { path } of segments.slice(bad + 1)) aside.push(setAside(fs, path));
  fs.syncFolder(folder);
  const lastVersion = Math.max(damage.firstVersion, damage.lastVersion);
  return { aside, lost: { firstVersion: damage.firstVersion, lastVersion } };
}

/** The segments before the bad one stay where they are needed; what follows `committedVersion` is copied. */
function rewrite(
  fs: FileSystem,
  folder: string,
  { damage, committedVersion }: { readonly damage: LogDamage; readonly committedVersion: number },
): LogRepair {
  const segments = listSegments(fs, folder);
  const bad = segments.findIndex(({ path }) => path === damage.file);
  const isNeeded = damage.firstVersion > committedVersion;
  const firstVersion = isNeeded ? damage.firstVersion : committedVersion + 1;
  const gone = segments.slice(isNeeded ? bad : 0);
  const { parts, next } = soundRecords(fs, gone, firstVersion);
  const path = `${folder}/${segmentName(firstVersion)}`;
  writeNew(fs, `${path}.new`, [writeSegmentHeader(firstVersion, firstVersion - 1), ...parts]);
  const aside = gone.filter((old) => old.path === path).map((old) => copyAside(fs, old.path));
  fs.syncFolder(folder);
  fs.rename(`${path}.new`, path);
  fs.syncFolder(folder);
  for (const old of gone) if (old.path !== path) aside.push(setAside(fs, old.path));
  fs.syncFolder(folder);
  // A segment of versions that are known already tells nothing of the one that was expected.
  const isExpected = isNeeded && segments[bad]!.firstVersion >= damage.firstVersion;
  const lastVersion = Math.max(damage.lastVersion, isExpected ? damage.firstVersion : 0);
  return { aside, lost: next > lastVersion ? undefined : { firstVersion: next, lastVersion } };
}

/** The records from `firstVersion` on, without a gap, as they stand in any of the segments. */
function soundRecords(
  fs: FileSystem,
  segments: readonly SegmentInfo[],
  firstVersion: number,
): { readonly parts: readonly Uint8Array[]; readonly next: number } {
  const parts: Uint8Array[] = [];
  let next = firstVersion;
  for (const { path } of segments) {
    const bytes = readSegment(fs, path);
    for (const { at, end, header } of findRecords(bytes, SEGMENT_HEADER_BYTES, 1)) {
      if (header.version !== next) continue;
      parts.push(bytes.subarray(at, end));
      next++;
    }
  }
  return { parts, next };
}

/** Makes an empty log that goes on after `committedVersion`, in a folder without one. */
export function beginLog(fs: FileSystem, folder: string, committedVersion: number): void {
  const path = `${folder}/${segmentName(committedVersion + 1)}`;
  writeNew(fs, path, [writeSegmentHeader(committedVersion + 1, committedVersion)]);
  fs.syncFolder(folder);
}

function writeNew(fs: FileSystem, path: string, parts: readonly Uint8Array[]): void {
  const handle = fs.open(path, 'create');
  try {
    handle.writev(parts, 0);
    handle.sync();
  } finally {
    handle.close();
  }
}
