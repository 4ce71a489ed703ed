/**
 * Looks at a log without changing it, and says what opening it would do: docs/recovery.md. The rules are
 * those of `recover.ts`; this file only keeps count instead of cutting and throwing.
 */
import type { FileSystem } from '@tdnode/common';
import { SEGMENT_HEADER_BYTES } from './format.ts';
import { listSegments, scanOne, type SegmentInfo } from './recover.ts';
import { findRecords, readSegment, scanSegment, visitSegment } from './segment-reader.ts';
import type { LogRecord } from './format.ts';

/** The first bad place of a log. */
export interface LogDamage {
  readonly file: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly what: string;
  /** Whether it lies above all that is known to be synced: opening the log saves and cuts it. */
  readonly isTorn: boolean;
  /** Bytes from the bad place to the end of its file that opening or repairing the log cuts off. */
  readonly tailBytes: number;
  /** First version that is not sound. */
  readonly firstVersion: number;
  /** Highest version found behind the bad place; `firstVersion - 1` when there is none. */
  readonly lastVersion: number;
}

/** One segment file. */
export interface LogFileCheck {
  readonly file: string;
  readonly bytes: number;
  readonly firstVersion: number;
  /** Last sound version before a bad place; undefined: not read, all its versions are in files. */
  readonly lastVersion: number | undefined;
}

/** What `checkLog` found. */
export interface LogCheck {
  readonly files: readonly LogFileCheck[];
  readonly damage: LogDamage | undefined;
}

/** See the head of this file. `committedVersion`: up to which version the log is not needed. */
export function checkLog(fs: FileSystem, folder: string, committedVersion: number): LogCheck {
  const segments = listSegments(fs, folder);
  const files: LogFileCheck[] = [];
  let at = firstNeeded(segments, committedVersion);
  for (const segment of segments.slice(0, at)) {
    files.push({
      file: segment.path,
      bytes: bytesOf(fs, segment),
      firstVersion: segment.firstVersion,
      lastVersion: undefined,
    });
  }
  const first = segments[at];
  if (first === undefined) return { files, damage: undefined };
  const isGap = first.firstVersion > committedVersion + 1;
  let lastVersion = isGap ? committedVersion : first.firstVersion - 1;
  let knownSynced = isGap ? Infinity : 0;
  for (; at < segments.length; at++) {
    const segment = segments[at]!;
    const bytes = readSegment(fs, segment.path);
    const scan = scanOne(fs, segment, lastVersion);
    knownSynced = Math.max(knownSynced, scan.knownSynced);
    lastVersion = scan.lastVersion;
    const { firstVersion, path } = segment;
    if (scan.bad === undefined) {
      files.push({ file: path, bytes: bytes.length, firstVersion, lastVersion });
      continue;
    }
    const expected =
      isGap || scan.goodBytes === 0
        ? previousVersion(files, committedVersion, firstVersion, isGap) + 1
        : lastVersion + 1;
    files.push({
      file: path,
      bytes: bytes.length,
      firstVersion,
      lastVersion: scan.goodBytes === 0 ? undefined : lastVersion,
    });
    const rest = seenBehind(fs, segments.slice(at), scan.goodBytes);
    for (const later of segments.slice(at + 1)) {
      files.push({
        file: later.path,
        bytes: bytesOf(fs, later),
        firstVersion: later.firstVersion,
        lastVersion: undefined,
      });
    }
    const damage = {
      file: path,
      offset: scan.goodBytes,
      what: scan.bad,
      isTorn: expected > Math.max(knownSynced, rest.knownSynced),
      tailBytes: bytes.length - scan.goodBytes,
      firstVersion: expected,
      lastVersion: Math.max(rest.lastVersion, expected - 1),
    };
    return { files, damage };
  }
  return { files, damage: undefined };
}

/** The version before the first one of a segment of which nothing is sound. */
function previousVersion(
  files: readonly LogFileCheck[],
  committedVersion: number,
  firstVersion: number,
  isGap: boolean,
): number {
  return files.at(-1)?.lastVersion ?? (isGap ? committedVersion : firstVersion - 1);
}

function firstNeeded(segments: readonly SegmentInfo[], committedVersion: number): number {
  let at = 0;
  while (at + 1 < segments.length && segments[at + 1]!.firstVersion <= committedVersion + 1) at++;
  return at;
}

/** Sound records from a bad place on: the highest version, and what they know of synced ones. */
function seenBehind(
  fs: FileSystem,
  rest: readonly SegmentInfo[],
  goodBytes: number,
): { readonly lastVersion: number; readonly knownSynced: number } {
  let lastVersion = 0;
  let knownSynced = 0;
  rest.forEach((segment, i) => {
    const bytes = readSegment(fs, segment.path);
    if (i > 0)
      knownSynced = Math.max(knownSynced, scanSegment(bytes, segment.firstVersion).knownSynced);
    const from = i === 0 && goodBytes > 0 ? goodBytes : SEGMENT_HEADER_BYTES;
    for (const { header } of findRecords(bytes, from, segment.firstVersion)) {
      lastVersion = Math.max(lastVersion, header.version);
    }
  });
  return { lastVersion, knownSynced };
}

function bytesOf(fs: FileSystem, segment: SegmentInfo): number {
  const handle = fs.open(segment.path, 'read');
  try {
    return handle.size();
  } finally {
    handle.close();
  }
}

/** First version that the log's file names promise; undefined: there is no log. */
export function firstLogVersion(fs: FileSystem, folder: string): number | undefined {
  return listSegments(fs, folder)[0]?.firstVersion;
}

/** Gives the sound records from the log's beginning to its first bad place, in order; changes nothing. */
export function visitSound(
  fs: FileSystem,
  folder: string,
  visit: (record: LogRecord) => void,
): void {
  const segments = listSegments(fs, folder);
  let lastVersion = (segments[0]?.firstVersion ?? 1) - 1;
  for (const segment of segments) {
    const scan = scanOne(fs, segment, lastVersion);
    if (scan.goodBytes > 0)
      visitSegment(readSegment(fs, segment.path).subarray(0, scan.goodBytes), 0, visit);
    if (scan.bad !== undefined) return;
    lastVersion = scan.lastVersion;
  }
}
