/** Files on their way in: in order, resumed, checked. */
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { CrashError, FaultyFileSystem, MemoryFileSystem } from '@tdnode/testkit';
import type { SnapshotFile } from '../driver/state-machine.ts';
import { Staging, isSafeName } from './staging.ts';

const contents = [
  Uint8Array.from({ length: 1000 }, (_, i) => i),
  new Uint8Array(0),
  new Uint8Array(300).fill(7),
];
const files: SnapshotFile[] = contents.map((bytes, i) => ({
  name: `tsdb/${i}.seg`,
  size: bytes.length,
  crc: crc32(bytes),
}));

function fill(staging: Staging, pieceBytes: number, pieces = Infinity): void {
  for (let i = 0; i < pieces; i++) {
    const { next } = staging;
    if (next === undefined) return;
    const { file, offset } = next;
    const piece = contents[file]!.subarray(offset, offset + pieceBytes);
    expect(staging.write(file, offset, piece)).toBe(true);
  }
}

function expectWhole(fs: MemoryFileSystem, staging: Staging): void {
  expect(staging.next).toBeUndefined();
  const staged = staging.staged();
  expect(staged.map(({ name }) => name)).toEqual(files.map(({ name }) => name));
  staged.forEach(({ path }, i) => expect(fs.readFile(path)).toEqual(contents[i]));
}

test('files arrive piece by piece; what is not the next piece is left out', () => {
  const fs = new MemoryFileSystem();
  const staging = new Staging(fs, '/restore', files);
  expect(staging.write(0, 100, new Uint8Array(10))).toBe(false);
  expect(staging.write(2, 0, new Uint8Array(10))).toBe(false);
  expect(staging.write(0, 0, new Uint8Array(1001))).toBe(false);
  fill(staging, 128);
  expectWhole(fs, staging);
  staging.remove();
  expect(fs.exists('/restore')).toBe(false);
  expect(fs.openPaths).toEqual([]);
});

test('a new start goes on where the last one stopped', () => {
  const fs = new MemoryFileSystem();
  const first = new Staging(fs, '/restore', files);
  fill(first, 128, 3);
  first.close();
  const second = new Staging(fs, '/restore', files);
  expect(second.next).toEqual({ file: 0, offset: 384, left: 616 });
  fill(second, 500);
  expectWhole(fs, second);
  second.close();
});

test('what a power cut spoiled is fetched again', () => {
  const fs = new MemoryFileSystem();
  const first = new Staging(fs, '/restore', files);
  fill(first, 128, 3);
  first.close();
  const part = fs.list('/restore').find((name) => name.endsWith('.part'))!;
  fs.damage(`/restore/${part}`, (bytes) => void bytes.fill(0));
  const second = new Staging(fs, '/restore', files);
  fill(second, 128);
  expectWhole(fs, second);
  second.close();
});

/** Stages until the process is killed before change `operations` of the disk; whether it was. */
function killedWhileStaging(fs: MemoryFileSystem, operations: number): boolean {
  const faulty = new FaultyFileSystem(fs);
  faulty.stopAfter(operations);
  try {
    fill(new Staging(faulty, '/d/restore', files), 500);
    return false;
  } catch (error) {
    if (error instanceof CrashError) return true;
    throw error;
  }
}

test('files taken up after a kill anywhere outlive a power cut once they are installed', () => {
  let kills = 0;
  for (let isKilled = true; isKilled; kills++) {
    const fs = new MemoryFileSystem();
    fs.makeFolder('/d');
    fs.syncAll();
    isKilled = killedWhileStaging(fs, kills);
    const staging = new Staging(fs, '/d/restore', files);
    fill(staging, 500);
    staging.staged().forEach(({ path }, i) => fs.rename(path, `/d/${i}`));
    fs.syncFolder('/d');
    staging.remove();
    const after = fs.crash({ data: 'drop', names: 'drop' });
    contents.forEach((bytes, i) =>
      expect(after.readFile(`/d/${i}`), `kill ${kills}`).toEqual(bytes),
    );
  }
  expect(kills).toBeGreaterThan(3 * contents.length);
});

test('files of another offer are thrown away', () => {
  const fs = new MemoryFileSystem();
  const first = new Staging(fs, '/restore', files);
  fill(first, 1000);
  first.close();
  const second = new Staging(fs, '/restore', files.slice(2));
  expect(second.next).toBeUndefined();
  expect(fs.list('/restore')).toHaveLength(1);
});

test.each([
  ['tsdb/1-2.seg', true],
  ['manifest', true],
  ['../etc/passwd', false],
  ['/etc/passwd', false],
  ['a/../b', false],
  ['a//b', false],
  ['.hidden', false],
  ['', false],
])('%j may be a name: %s', (name, isSafe) => {
  expect(isSafeName(name)).toBe(isSafe);
});
