import { seededRandom } from '@tdnode/common';
import { expect, test } from 'vitest';
import { assertNothingOpen } from '../leaks.ts';
import { CrashError, FaultyFileSystem } from './faulty-file-system.ts';
import { MemoryFileSystem } from './memory-file-system.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (raw: Uint8Array): string => new TextDecoder().decode(raw);

function store(fs: MemoryFileSystem, path: string, content: string, sync: boolean): void {
  const handle = fs.open(path, 'create');
  handle.write(bytes(content), 0);
  if (sync) handle.sync();
  handle.close();
}

test('a power cut drops what was not synced, bytes and names apart', () => {
  const fs = new MemoryFileSystem();
  fs.makeFolder('/d');
  fs.syncFolder('/');
  store(fs, '/d/a', 'synced', true);
  fs.syncFolder('/d');
  store(fs, '/d/b', 'name not synced', true);
  const handle = fs.open('/d/a', 'write');
  handle.write(bytes('SYNCED and more'), 0);
  handle.close();
  const after = fs.crash({ data: 'drop', names: 'drop' });
  expect(after.list('/d')).toEqual(['a']);
  expect(text(after.readFile('/d/a'))).toBe('synced');
  const lucky = fs.crash({ data: 'keep', names: 'keep' });
  expect(lucky.list('/d')).toEqual(['a', 'b']);
  expect(text(lucky.readFile('/d/a'))).toBe('SYNCED and more');
  assertNothingOpen(fs);
});

test('a rename is undone until its folder is synced', () => {
  const fs = new MemoryFileSystem();
  fs.makeFolder('/d');
  store(fs, '/d/now', 'old', true);
  store(fs, '/d/new', 'new', true);
  fs.syncAll();
  fs.rename('/d/new', '/d/now');
  expect(text(fs.readFile('/d/now'))).toBe('new');
  const undone = fs.crash({ data: 'drop', names: 'drop' });
  expect(text(undone.readFile('/d/now'))).toBe('old');
  fs.syncFolder('/d');
  const done = fs.crash({ data: 'drop', names: 'drop' });
  expect(text(done.readFile('/d/now'))).toBe('new');
  expect(done.exists('/d/new')).toBe(false);
});

test('a folder whose parent was not synced is gone with all in it', () => {
  const fs = new MemoryFileSystem();
  fs.makeFolder('/d/e');
  store(fs, '/d/e/a', 'x', true);
  fs.syncFolder('/d/e');
  fs.syncFolder('/d');
  expect(fs.crash({ data: 'drop', names: 'drop' }).exists('/d/e/a')).toBe(false);
  fs.syncFolder('/');
  expect(fs.crash({ data: 'drop', names: 'drop' }).exists('/d/e/a')).toBe(true);
});

test('what was done in a folder that is gone does not happen in a new one of its name', () => {
  const fs = new MemoryFileSystem();
  fs.makeFolder('/d');
  store(fs, '/d/a', 'old', true);
  fs.syncAll();
  fs.unlink('/d/a');
  fs.makeFolder('/new');
  store(fs, '/new/a', 'new', true);
  fs.syncFolder('/new');
  fs.removeFolder('/d');
  fs.rename('/new', '/d');
  fs.syncFolder('/');
  fs.syncFolder('/d');
  expect(text(fs.crash({ data: 'drop', names: 'drop' }).readFile('/d/a'))).toBe('new');
});

test('torn pages are old, new or a mixture, and synced bytes never change', () => {
  const fs = new MemoryFileSystem();
  const handle = fs.open('/f', 'create');
  handle.write(new Uint8Array(8192).fill(1), 0);
  handle.sync();
  fs.syncFolder('/');
  handle.write(new Uint8Array(40_000).fill(2), 8192);
  const outcomes = new Set<string>();
  for (let seed = 0; seed < 50; seed++) {
    const after = fs
      .crash({ data: 'random', names: 'drop', random: seededRandom(seed) })
      .readFile('/f');
    expect(after.length).toBeGreaterThanOrEqual(8192);
    expect(after.subarray(0, 8192).every((value) => value === 1)).toBe(true);
    expect(after.subarray(8192).every((value) => value === 0 || value === 2)).toBe(true);
    outcomes.add(`${after.length}:${after.reduce((sum, value) => sum + value, 0)}`);
  }
  expect(outcomes.size).toBeGreaterThan(20);
});

test('a faulty file system fails the chosen operation, writes short, and stops for good', () => {
  const inner = new MemoryFileSystem();
  const fs = new FaultyFileSystem(inner);
  const handle = fs.open('/f', 'create');
  fs.fail({ operation: 'write', code: 'ENOSPC', after: 1, shortBytes: 3 });
  handle.write(bytes('hello'), 0);
  expect(() => handle.writev([bytes('wo'), bytes('rld')], 5)).toThrow(/ENOSPC/);
  expect(text(inner.readFile('/f'))).toBe('hellowor');
  handle.write(bytes('world'), 5);
  fs.fail({ operation: 'sync', code: 'EIO' });
  expect(() => handle.sync()).toThrow(/EIO/);
  expect(fs.operations).toBe(5);
  fs.stopAfter(1);
  handle.sync();
  expect(() => handle.sync()).toThrow(CrashError);
  expect(() => fs.readFile('/f')).toThrow(CrashError);
});
