import { CorruptionError, ErrorCode, TaosError, seededRandom, silentLogger } from '@tdnode/common';
import {
  CrashError,
  FaultyFileSystem,
  ManualClock,
  MemoryFileSystem,
  assertNothingOpen,
} from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { RECORD_HEADER_BYTES, SEGMENT_HEADER_BYTES, recordBytes, segmentName } from './format.ts';
import { Log, type LogOptions } from './log.ts';
import type { FileSystem } from '@tdnode/common';

const clock = new ManualClock();

function newFolder(): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  fs.makeFolder('/wal');
  fs.syncAll();
  return fs;
}

function open(fs: FileSystem, options: Partial<LogOptions> = {}): Log {
  return Log.open(fs, '/wal', { clock, logger: silentLogger, ...options });
}

/** The payload of version `v`: its length differs from version to version. */
function payloadOf(v: number): Uint8Array {
  return new Uint8Array(1 + ((v * 7) % 50)).fill(v);
}

function versionsIn(log: Log, from = 1): number[] {
  const found: number[] = [];
  log.read(from, (record) => {
    expect(record.payload).toEqual(payloadOf(record.version));
    expect(record.payload.byteOffset % 8).toBe(0);
    found.push(record.version);
  });
  return found;
}

function fill(log: Log, count: number): void {
  for (let i = 0; i < count; i++) log.append(3, payloadOf(log.lastVersion + 1));
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('what is appended is read again, over segments and openings', () => {
  const fs = newFolder();
  let log = open(fs, { segmentBytes: 300 });
  fill(log, 20);
  expect(log.segmentCount).toBeGreaterThan(3);
  expect(versionsIn(log)).toEqual(range(1, 20));
  log.close();
  log = open(fs, { segmentBytes: 300 });
  expect(log.lastVersion).toBe(20);
  fill(log, 5);
  expect(versionsIn(log, 18)).toEqual(range(18, 25));
  log.close();
  assertNothingOpen(fs);
});

test('a batch of records lying in one buffer is one write, headers in the gaps', () => {
  const fs = new FaultyFileSystem(newFolder());
  const log = open(fs);
  const before = fs.operations;
  const bytes = new Uint8Array(4096).fill(0xee);
  let at = 64;
  log.beginBatch();
  for (const v of range(1, 5)) {
    const payload = payloadOf(v);
    bytes.set(payload, at + RECORD_HEADER_BYTES);
    expect(log.add(bytes, at, payload.length, 3)).toBe(v);
    at += recordBytes(payload.length);
  }
  log.writeBatch();
  expect(fs.operations - before).toBe(1);
  expect(versionsIn(log)).toEqual(range(1, 5));
});

test('segments below a version are dropped, also the one being written', () => {
  const fs = newFolder();
  const log = open(fs, { segmentBytes: 300 });
  fill(log, 20);
  log.dropBefore(10);
  expect(log.firstVersion).toBeLessThanOrEqual(10);
  expect(log.firstVersion).toBeGreaterThan(1);
  log.dropBefore(21);
  expect(fs.list('/wal')).toEqual([segmentName(21)]);
  fill(log, 1);
  log.close();
  expect(versionsIn(open(fs, { committedVersion: 20 }))).toEqual([21]);
});

test('cutting after a version forgets what is above it', () => {
  const fs = newFolder();
  const log = open(fs, { segmentBytes: 300 });
  fill(log, 20);
  log.truncateAfter(7);
  expect(versionsIn(log)).toEqual(range(1, 7));
  fill(log, 2);
  log.close();
  expect(versionsIn(open(fs))).toEqual(range(1, 9));
});

test('a log that ends below what is in files goes on behind it', () => {
  const fs = newFolder();
  const log = open(fs);
  fill(log, 3);
  log.close();
  const later = open(fs, { committedVersion: 10 });
  fill(later, 1);
  expect(versionsIn(later)).toEqual([11]);
});

test('with a sync after each append, a power cut at any operation loses nothing acknowledged', () => {
  for (let stop = 0; stop < 140; stop++) {
    const memory = newFolder();
    const fs = new FaultyFileSystem(memory);
    fs.stopAfter(stop);
    let acknowledged = 0;
    try {
      const log = open(fs, { segmentBytes: 200 });
      for (let i = 0; i < 25; i++) {
        fill(log, 1);
        log.sync();
        acknowledged = log.lastVersion;
        if (i % 7 === 6) log.dropBefore(log.lastVersion - 3);
      }
    } catch {
      expect(fs.crashed).toBe(true);
    }
    const dropped = Math.max(0, Math.floor(acknowledged / 7) * 7 - 4);
    const random = seededRandom(stop);
    for (const fate of ['drop', 'keep', 'random'] as const) {
      const after = memory.crash({ data: fate, names: fate, random });
      const log = open(after, { committedVersion: dropped });
      expect(log.lastVersion, `stop ${stop} ${fate}`).toBeGreaterThanOrEqual(acknowledged);
      expect(log.lastVersion).toBeLessThanOrEqual(acknowledged + 1);
      expect(versionsIn(log, dropped + 1)).toEqual(range(dropped + 1, log.lastVersion));
      fill(log, 2);
      log.close();
    }
  }
});

test('without syncs a power cut leaves a whole prefix, and what was cut off is saved', () => {
  for (let seed = 0; seed < 60; seed++) {
    const memory = newFolder();
    const log = open(memory, { segmentBytes: 20_000 });
    for (let i = 0; i < 300; i++) log.append(1, new Uint8Array(100).fill(log.lastVersion + 1));
    const closed = log.syncedVersion;
    const after = memory.crash({ data: 'random', names: 'keep', random: seededRandom(seed) });
    const found = open(after);
    expect(found.lastVersion).toBeGreaterThanOrEqual(closed);
    let next = 1;
    found.read(1, ({ version, payload }) => {
      expect(version).toBe(next++);
      expect(payload.every((byte) => byte === (version & 255))).toBe(true);
    });
    expect(next).toBe(found.lastVersion + 1);
  }
});

/** Twelve records in three segments; the last two records were not synced. */
function damaged(
  change: (bytes: Uint8Array) => Uint8Array | void,
  segment: number,
): MemoryFileSystem {
  const fs = newFolder();
  const log = open(fs, { segmentBytes: 180 });
  fill(log, 10);
  log.sync();
  fill(log, 2);
  const logs = fs.list('/wal');
  fs.damage(`/wal/${logs.at(segment)!}`, change);
  return fs;
}

test('damage in a closed segment is corruption, whatever it hits', () => {
  const size = damaged(() => {}, 0).readFile(`/wal/${segmentName(1)}`).length;
  for (let at = 0; at < size; at++) {
    const fs = damaged((bytes) => void (bytes[at]! ^= 1 << (at % 8)), 0);
    expect(() => open(fs), `flip at ${at}`).toThrow(CorruptionError);
  }
  for (let length = 0; length < size; length += 5) {
    const fs = damaged((bytes) => bytes.slice(0, length), 0);
    expect(() => open(fs), `cut at ${length}`).toThrow(CorruptionError);
  }
});

test('damage in the last segment is corruption below the synced version, else the end of the log', () => {
  const outcomes = { corrupt: 0, cut: 0 };
  const original = damaged(() => {}, -1);
  const name = original.list('/wal').at(-1)!;
  const whole = original.readFile(`/wal/${name}`);
  for (let at = 0; at < whole.length; at++) {
    const fs = damaged((bytes) => void (bytes[at]! ^= 0x10), -1);
    let log: Log;
    try {
      log = open(fs);
    } catch (error) {
      expect(error).toBeInstanceOf(CorruptionError);
      outcomes.corrupt++;
      continue;
    }
    outcomes.cut++;
    expect([10, 11]).toContain(log.lastVersion);
    expect(versionsIn(log)).toEqual(range(1, log.lastVersion));
    const saved = fs.readFile(`/wal/${name}.cut`);
    expect(saved.length).toBeGreaterThan(0);
    fill(log, 3);
    log.close();
    expect(open(fs).lastVersion).toBeGreaterThanOrEqual(13);
  }
  expect(outcomes.corrupt).toBeGreaterThan(0);
  expect(outcomes.cut).toBeGreaterThan(0);
});

test('a tail cut at any byte ends the log at the last whole record', () => {
  const fs0 = newFolder();
  const log0 = open(fs0);
  fill(log0, 6);
  const whole = fs0.readFile(`/wal/${segmentName(1)}`);
  for (let length = 0; length <= whole.length; length++) {
    const fs = newFolder();
    const handle = fs.open(`/wal/${segmentName(1)}`, 'create');
    handle.write(whole.subarray(0, length), 0);
    handle.close();
    const log = open(fs);
    let expected = 0;
    for (let end = SEGMENT_HEADER_BYTES; ; expected++) {
      end += recordBytes(payloadOf(expected + 1).length);
      if (end > length) break;
    }
    expect(log.lastVersion, `length ${length}`).toBe(expected);
    fill(log, 1);
    log.close();
    assertNothingOpen(fs);
  }
});

test.each([
  ['ENOSPC', ErrorCode.VND_NO_DISKSPACE],
  ['EIO', ErrorCode.WAL_APP_ERROR],
])('%s: the batch fails whole, writes are refused for a second, then go on', (code, expected) => {
  const memory = newFolder();
  const fs = new FaultyFileSystem(memory);
  const log = open(fs);
  fill(log, 2);
  fs.fail({ operation: 'write', code, shortBytes: 37 });
  const refused = (): number => {
    try {
      fill(log, 1);
    } catch (error) {
      return (error as TaosError).code;
    }
    return 0;
  };
  expect(refused()).toBe(expected);
  fs.heal();
  expect(refused()).toBe(expected);
  clock.advance(999);
  expect(refused()).toBe(expected);
  clock.advance(1);
  fill(log, 2);
  expect(versionsIn(log)).toEqual(range(1, 4));
  log.close();
  expect(versionsIn(open(memory))).toEqual(range(1, 4));
});

test('when the failed write cannot be cut back at once, it is before the next one', () => {
  const memory = newFolder();
  const fs = new FaultyFileSystem(memory);
  const log = open(fs);
  fs.fail({ operation: 'write', code: 'ENOSPC', shortBytes: 40 });
  fs.fail({ operation: 'truncate', code: 'EIO', times: 2 });
  expect(() => fill(log, 1)).toThrow(TaosError);
  clock.advance(1000);
  expect(() => fill(log, 1)).toThrow(TaosError);
  clock.advance(1000);
  fill(log, 1);
  expect(versionsIn(log)).toEqual([1]);
});

test('no space for a new segment: refused, and begun again later', () => {
  const memory = newFolder();
  const fs = new FaultyFileSystem(memory);
  const log = open(fs, { segmentBytes: 100 });
  fill(log, 3);
  fs.fail({ operation: 'create', code: 'ENOSPC', times: 1 });
  fs.fail({ operation: 'syncFolder', code: 'ENOSPC', times: 1 });
  let failures = 0;
  while (log.lastVersion < 10) {
    try {
      fill(log, 1);
    } catch {
      failures++;
      clock.advance(1000);
    }
  }
  expect(failures).toBe(2);
  log.close();
  expect(versionsIn(open(memory))).toEqual(range(1, 10));
});

test('a failed sync is final until the log is opened again', () => {
  const memory = newFolder();
  const fs = new FaultyFileSystem(memory);
  const log = open(fs);
  fill(log, 2);
  fs.fail({ operation: 'sync', code: 'EIO' });
  expect(() => log.sync()).toThrow(TaosError);
  expect(() => log.sync()).toThrow(TaosError);
  clock.advance(10_000);
  expect(() => fill(log, 1)).toThrow(/wal/);
  expect(versionsIn(log)).toEqual([1, 2]);
  log.close();
  assertNothingOpen(memory);
  fill(open(memory), 1);
});

test('any run of records is found, measured and read as it was written', () => {
  const fs = new MemoryFileSystem();
  const log = Log.open(fs, '/', {
    clock: new ManualClock(),
    logger: silentLogger,
    segmentBytes: 300,
  });
  const lengths = [8, 100, 0, 33, 250, 8, 8, 64];
  lengths.forEach((length, i) => {
    log.term = 1 + (i >> 2);
    log.append(i === 3 ? 0xf1 : 1, new Uint8Array(length).fill(i));
  });
  const reopened = Log.open(fs, '/', { clock: new ManualClock(), logger: silentLogger });
  for (const each of [log, reopened]) {
    expect(each.ownedVersions()).toEqual([4]);
    expect(lengths.map((_, i) => each.termOf(i + 1))).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
    for (let from = 1; from <= lengths.length; from++) {
      expect(each.take(from, 1).to).toBe(from);
      for (let to = from; to <= lengths.length; to++) {
        const bytes = each.readRecords(from, to).reduce((sum, part) => sum + part.length, 0);
        expect(bytes).toBe(lengths.slice(from - 1, to).reduce((sum, l) => sum + recordBytes(l), 0));
      }
    }
  }
  log.truncateAfter(6);
  expect(log.take(6, 1e6).to).toBe(6);
  expect(() => log.termOf(7)).toThrow('assertion');
  log.close();
  reopened.close();
});

test('a log that is started over goes on after the given version, also when opened again', () => {
  const fs = new MemoryFileSystem();
  const options = { clock: new ManualClock(), logger: silentLogger, segmentBytes: 200 };
  const log = Log.open(fs, '/', options);
  for (let i = 0; i < 10; i++) log.append(1, new Uint8Array(50));
  log.reset(40);
  expect(log.firstVersion).toBe(41);
  expect(log.append(1, new Uint8Array(8))).toBe(41);
  log.close();
  const reopened = Log.open(fs, '/', { ...options, committedVersion: 40 });
  expect([reopened.firstVersion, reopened.lastVersion]).toEqual([41, 41]);
  reopened.close();
});

test('a segment that could not be begun does not lie in the way later', () => {
  const disk = new MemoryFileSystem();
  const fs = new FaultyFileSystem(disk);
  const options = { clock: new ManualClock(), logger: silentLogger };
  const log = Log.open(fs, '/', options);
  for (let i = 0; i < 3; i++) log.append(1, new Uint8Array(8));
  fs.fail({ operation: 'write', code: 'ENOSPC', shortBytes: 20 });
  expect(() => log.dropBefore(4)).toThrow('ENOSPC');
  log.append(1, new Uint8Array(8));
  log.sync();
  log.roll();
  log.append(1, new Uint8Array(8));
  log.close();
  const reopened = Log.open(disk, '/', options);
  expect(reopened.lastVersion).toBe(5);
  reopened.close();
});

test('what a killed process wrote is brought to the disk before it counts', () => {
  const disk = newFolder();
  const killed = open(disk, { segmentBytes: 300 });
  fill(killed, 5);
  killed.sync();
  fill(killed, 15);
  const log = open(disk, { segmentBytes: 300 });
  expect(log.syncedVersion).toBe(20);
  fill(log, 1);
  log.roll();
  const after = open(disk.crash({ data: 'drop', names: 'drop' }), { segmentBytes: 300 });
  expect(versionsIn(after)).toEqual(range(1, 21));
});

test('a segment whose maker was killed before its name was on the disk is there after a power cut', () => {
  const disk = newFolder();
  const dying = new FaultyFileSystem(disk);
  // Created, its header written and synced; the folder is not.
  dying.stopAfter(3);
  expect(() => open(dying)).toThrow(CrashError);
  const log = open(disk);
  fill(log, 3);
  log.sync();
  const after = open(disk.crash({ data: 'drop', names: 'drop' }));
  expect(versionsIn(after)).toEqual(range(1, 3));
});
