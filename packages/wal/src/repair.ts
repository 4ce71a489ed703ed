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
import { listSegments } from './recover.ts';
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
  const aside = segments.slice(bad + 1).map(({ path }) => setAside(fs, path));
  aside.unshift(copyAside(fs, damage.file, damage.offset));
  fs.syncFolder(folder);
  const handle = fs.open(damage.file, 'write');
  try {
    handle.truncate(damage.offset);
    handle.sync();
  } finally {
    handle.close();
  }
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
  const from = isNeeded ? bad : 0;
  const firstVersion = isNeeded ? damage.firstVersion : committedVersion + 1;
  const gone = segments.slice(from);
  const parts: Uint8Array[] = [writeSegmentHeader(firstVersion, firstVersion - 1)];
  let next = firstVersion;
  for (const { path } of gone) {
    const bytes = readSegment(fs, path);
    for (const { at, end, header } of findRecords(bytes, SEGMENT_HEADER_BYTES, 1)) {
      if (header.version !== next) continue;
      parts.push(bytes.subarray(at, end));
      next++;
    }
  }
  const path = `${folder}/${segmentName(firstVersion)}`;
  const handle = fs.open(`${path}.new`, 'create');
  try {
    handle.writev(parts, 0);
    handle.sync();
  } finally {
    handle.close();
  }
  fs.syncFolder(folder);
  const aside = gone.map((segment) => setAside(fs, segment.path));
  fs.rename(`${path}.new`, path);
  fs.syncFolder(folder);
  const lastVersion = Math.max(
    damage.lastVersion,
    isNeeded ? damage.firstVersion : committedVersion,
  );
  return { aside, lost: next > lastVersion ? undefined : { firstVersion: next, lastVersion } };
}

/** Makes an empty log that goes on after `committedVersion`, in a folder without one. */
export function beginLog(fs: FileSystem, folder: string, committedVersion: number): void {
  const handle = fs.open(`${folder}/${segmentName(committedVersion + 1)}`, 'create');
  try {
    handle.write(writeSegmentHeader(committedVersion + 1, committedVersion), 0);
    handle.sync();
  } finally {
    handle.close();
  }
  fs.syncFolder(folder);
}
