/**
 * Aim: `checkLog` says of a damaged log what `Log.open` then does, and `repairLog` makes one that refuses to open
 * open with every record before the bad place, keeping the rest beside it.
 * Method: a log of several segments, each synced record by record; every byte of it flipped, every length cut,
 * every segment removed; also with the first versions in files already.
 */
import { CorruptionError, silentLogger } from '@tdnode/common';
import { ManualClock, MemoryFileSystem, assertNothingOpen } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { checkLog } from './check.ts';
import { logFindings } from './findings.ts';
import { Log } from './log.ts';
import { beginLog, repairLog } from './repair.ts';

const VERSIONS = 9;

function open(fs: MemoryFileSystem, committedVersion: number): Log {
  const options = {
    clock: new ManualClock(0),
    logger: silentLogger,
    segmentBytes: 200,
    committedVersion,
  };
  return Log.open(fs, '/wal', options);
}

/** Versions 1 to 9, payload i repeated; three segments. */
function makeLog(): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  fs.makeFolder('/wal');
  const log = open(fs, 0);
  for (let version = 1; version <= VERSIONS; version++) {
    log.append(1, new Uint8Array(10 + version).fill(version));
    log.sync();
  }
  log.close();
  return fs;
}

const disk = makeLog();
const files = disk.list('/wal').map((name) => `/wal/${name}`);
const copyOf = (fs: MemoryFileSystem): MemoryFileSystem =>
  fs.crash({ data: 'keep', names: 'keep' });

/** Versions above `committed` that the log gives, after a look at their payloads; 'corrupt': it does not open. */
function versionsOf(fs: MemoryFileSystem, committed: number): number[] | 'corrupt' {
  try {
    const log = open(fs, committed);
    const versions: number[] = [];
    log.read(committed + 1, ({ version, payload }) => {
      expect([...payload]).toEqual(Array.from({ length: 10 + version }, () => version));
      versions.push(version);
    });
    log.close();
    return versions;
  } catch (error) {
    if (error instanceof CorruptionError) return 'corrupt';
    throw error;
  }
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Bytes of all files: a repair takes none away. */
function bytesIn(fs: MemoryFileSystem): number {
  return fs.list('/wal').reduce((sum, name) => sum + fs.readFile(`/wal/${name}`).length, 0);
}

/** Looks at a harmed log, opens it, repairs it, opens it again. */
function expectOutcome(fs: MemoryFileSystem, committed: number, where: string): void {
  const { damage } = checkLog(fs, '/wal', committed);
  const opened = copyOf(fs);
  const versions = versionsOf(opened, committed);
  expect(versions === 'corrupt', where).toBe(damage !== undefined && !damage.isTorn);
  const before = bytesIn(fs);
  const repair = repairLog(fs, '/wal', committed);
  if (versions !== 'corrupt') {
    expect(repair, where).toBeUndefined();
    // A cut of the last segment between two records leaves a log that is whole, and shorter.
    const last =
      damage === undefined ? Math.max(committed, versions.at(-1) ?? 0) : damage.firstVersion - 1;
    expect(
      last === VERSIONS || damage !== undefined || where.startsWith(files.at(-1)!),
      where,
    ).toBe(true);
    expect(versions, where).toEqual(range(committed + 1, last));
    expect(
      opened.list('/wal').some((name) => name.endsWith('.cut')),
      where,
    ).toBe(damage !== undefined);
    return;
  }
  expect(bytesIn(fs), where).toBeGreaterThanOrEqual(before);
  const kept = versionsOf(fs, committed);
  const lost = repair!.lost;
  expect(kept, where).toEqual(
    range(committed + 1, lost === undefined ? VERSIONS : lost.firstVersion - 1),
  );
  if (lost !== undefined) expect(lost.lastVersion, where).toBeGreaterThanOrEqual(lost.firstVersion);
  expect(checkLog(fs, '/wal', committed).damage, where).toBeUndefined();
  assertNothingOpen(fs);
}

test('the log has several segments, and no damage', () => {
  expect(files.length).toBeGreaterThanOrEqual(3);
  expect(checkLog(disk, '/wal', 0)).toMatchObject({ damage: undefined });
  expect(repairLog(copyOf(disk), '/wal', 0)).toBeUndefined();
});

test.each([0, 4])('any bit flipped, with versions up to %i in files', (committed) => {
  for (const file of files) {
    for (let at = 0; at < disk.readFile(file).length; at++) {
      const fs = copyOf(disk);
      fs.damage(file, (bytes) => void (bytes[at]! ^= 1 << (at % 8)));
      expectOutcome(fs, committed, `${file}, bit of byte ${at}`);
    }
  }
});

test.each([0, 4])('cut at any length, with versions up to %i in files', (committed) => {
  for (const file of files) {
    for (let at = 0; at < disk.readFile(file).length; at++) {
      const fs = copyOf(disk);
      fs.damage(file, (bytes) => bytes.slice(0, at));
      expectOutcome(fs, committed, `${file}, cut at ${at}`);
    }
  }
});

test.each([0, 4])(
  'any segment but the last missing, with versions up to %i in files',
  (committed) => {
    for (const file of files.slice(0, -1)) {
      const fs = copyOf(disk);
      fs.unlink(file);
      expectOutcome(fs, committed, `${file} missing`);
    }
  },
);

test('a record in the middle: where it is, what is lost, and the log goes on', () => {
  const fs = copyOf(disk);
  const second = files[1]!;
  const at = 32 + 32;
  fs.damage(second, (bytes) => void (bytes[at]! ^= 1));
  const first = Number(second.slice(5, 21));
  const check = checkLog(fs, '/wal', 0);
  expect(check.damage).toMatchObject({
    file: second,
    offset: 32,
    firstVersion: first,
    lastVersion: VERSIONS,
  });
  expect(logFindings(check, 'log')[1]).toMatchObject({
    state: 'damaged',
    offset: 32,
    what: 'record checksum mismatch',
    affected: `versions ${first} to ${VERSIONS}`,
  });
  expect(repairLog(fs, '/wal', 0)!.lost).toEqual({ firstVersion: first, lastVersion: VERSIONS });
  const log = open(fs, 0);
  expect(log.append(1, new Uint8Array(3))).toBe(first);
  log.close();
});

test('a log is begun behind what is in files', () => {
  const fs = new MemoryFileSystem();
  fs.makeFolder('/wal');
  beginLog(fs, '/wal', 41);
  const log = open(fs, 41);
  expect(log.append(1, new Uint8Array(3))).toBe(42);
  log.close();
});
