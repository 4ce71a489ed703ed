/**
 * Finds out, when a log is opened, what of it is good: docs/format/wal.md, "Recovery".
 *
 * One rule: a bad record whose version some sound record knows to have been synced is corruption and is
 * never skipped; above that it is where a power cut stopped the disk. Then all from there on is saved
 * beside the segment (`.cut`) and cut off. Segments whose versions are all in files are removed unread.
 */
import { CorruptionError, type FileSystem, type Logger } from '@tdnode/common';
import { segmentVersion } from './format.ts';
import { SegmentIndex } from './segment-index.ts';
import { readSegment, scanSegment, type SegmentScan } from './segment-reader.ts';

/** A segment file that is part of the log. */
export interface SegmentInfo {
  readonly firstVersion: number;
  readonly path: string;
}

/** A segment and where its records lie. */
export interface IndexedSegment extends SegmentInfo {
  readonly index: SegmentIndex;
}

/** The state of a log that was found on the disk. */
export interface Recovered {
  /** In order; the last one is to be written on. Empty: there is no log yet. */
  readonly segments: IndexedSegment[];
  /** Last version in the log; `committedVersion` when it holds none. */
  readonly lastVersion: number;
  readonly knownSynced: number;
  /** Bytes of the last segment. */
  readonly lastBytes: number;
}

/** See the head of this file. Throws CorruptionError. `committedVersion`: what is in files, not needed here. */
export function recoverLog(
  fs: FileSystem,
  folder: string,
  committedVersion: number,
  logger: Logger,
): Recovered {
  const segments = dropCommitted(fs, folder, committedVersion);
  const first = segments[0];
  if (first !== undefined && first.firstVersion > committedVersion + 1) {
    throw new CorruptionError(
      first.path,
      0,
      `versions from ${committedVersion + 1} on are missing`,
    );
  }
  let lastVersion = first === undefined ? committedVersion : first.firstVersion - 1;
  let knownSynced = 0;
  let lastBytes = 0;
  const sound: IndexedSegment[] = [];
  for (let i = 0; i < segments.length; i++) {
    const scan = scanOne(fs, segments[i]!, lastVersion);
    knownSynced = Math.max(knownSynced, scan.knownSynced);
    lastVersion = scan.lastVersion;
    lastBytes = scan.goodBytes;
    sound.push({ ...segments[i]!, index: scan.index });
    if (scan.bad === undefined) continue;
    refuseCorruption(fs, segments.slice(i), { scan, knownSynced });
    const kept = cutTail(fs, folder, segments.slice(i), scan);
    logger.warn(
      'WAL',
      `${segments[i]!.path}: ${scan.bad} at byte ${scan.goodBytes}, cut after version ${lastVersion}`,
    );
    if (!kept) sound.pop();
    if (!kept && i > 0) lastBytes = fileBytes(fs, segments[i - 1]!.path);
    break;
  }
  return { segments: sound, lastVersion, knownSynced, lastBytes };
}

/**
 * Brings what was found to the disk. A process that was killed may have left it in the system's memory only, and from
 * now on every record counts as known to be synced: a power cut must not make that a lie.
 */
export function syncFound(fs: FileSystem, folder: string, found: Recovered): void {
  const { segments, knownSynced, lastVersion } = found;
  for (const [i, { path }] of segments.entries()) {
    const next = segments[i + 1]?.firstVersion ?? lastVersion + 1;
    if (next - 1 <= knownSynced) continue;
    const handle = fs.open(path, 'write');
    try {
      handle.sync();
    } finally {
      handle.close();
    }
  }
  fs.syncFolder(folder);
}

/** The segment files of a folder, in order. */
export function listSegments(fs: FileSystem, folder: string): SegmentInfo[] {
  const segments: SegmentInfo[] = [];
  for (const name of fs.list(folder)) {
    const firstVersion = segmentVersion(name);
    if (firstVersion !== undefined) segments.push({ firstVersion, path: `${folder}/${name}` });
  }
  return segments;
}

/** The segments; removes those of which nothing is needed any more. */
function dropCommitted(fs: FileSystem, folder: string, committedVersion: number): SegmentInfo[] {
  const segments = listSegments(fs, folder);
  while (segments.length > 1 && segments[1]!.firstVersion <= committedVersion + 1) {
    fs.unlink(segments.shift()!.path);
  }
  return segments;
}

/** What is sound of a segment that is to follow `lastVersion`. */
export function scanOne(fs: FileSystem, segment: SegmentInfo, lastVersion: number): SegmentScan {
  const scan = scanSegment(readSegment(fs, segment.path), segment.firstVersion);
  if (segment.firstVersion === lastVersion + 1) return scan;
  const bad = `segment begins with version ${segment.firstVersion} where ${lastVersion + 1} was expected`;
  const index = new SegmentIndex(segment.firstVersion);
  return { ...scan, goodBytes: 0, lastVersion, bad, index };
}

/** Throws when the bad place, the first of `rest`, is at or below what was known to be synced. */
function refuseCorruption(
  fs: FileSystem,
  rest: readonly SegmentInfo[],
  found: { readonly scan: SegmentScan; readonly knownSynced: number },
): void {
  let { knownSynced } = found;
  for (const later of rest.slice(1)) {
    const scan = scanSegment(readSegment(fs, later.path), later.firstVersion);
    knownSynced = Math.max(knownSynced, scan.knownSynced);
  }
  const { scan } = found;
  if (scan.lastVersion + 1 > knownSynced) return;
  throw new CorruptionError(
    rest[0]!.path,
    scan.goodBytes,
    `${scan.bad}; version ${scan.lastVersion + 1} was synced (known up to ${knownSynced})`,
  );
}

/** Saves and cuts the bad tail. Returns whether the first segment of `rest` is still one. */
function cutTail(
  fs: FileSystem,
  folder: string,
  rest: readonly SegmentInfo[],
  scan: SegmentScan,
): boolean {
  for (const later of rest.slice(1).toReversed()) fs.rename(later.path, `${later.path}.cut`);
  const { path } = rest[0]!;
  if (scan.goodBytes === 0) {
    fs.rename(path, `${path}.cut`);
    fs.syncFolder(folder);
    return false;
  }
  const tail = readSegment(fs, path).subarray(scan.goodBytes);
  const saved = fs.open(`${path}.cut`, 'create');
  saved.write(tail, 0);
  saved.sync();
  saved.close();
  fs.syncFolder(folder);
  const handle = fs.open(path, 'write');
  handle.truncate(scan.goodBytes);
  handle.sync();
  handle.close();
  return true;
}

function fileBytes(fs: FileSystem, path: string): number {
  const handle = fs.open(path, 'read');
  const size = handle.size();
  handle.close();
  return size;
}
