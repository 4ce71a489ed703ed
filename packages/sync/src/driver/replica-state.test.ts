/** The state file: the page's example, damage, and power cuts while it is replaced. */
import { expect, test } from 'vitest';
import { CorruptionError, silentLogger } from '@tdnode/common';
import { CrashError, FaultyFileSystem, ManualClock, MemoryFileSystem } from '@tdnode/testkit';
import { openLog } from './open-log.ts';
import { encodeState, loadState, saveState, type ReplicaState } from './replica-state.ts';

const config = { version: 0, config: { voters: [1, 2], learners: [], arbitrator: false } };
const example: ReplicaState = {
  hardState: { term: 7, votedFor: 2 },
  anchors: [{ version: 5, term: 3, config }],
};

test('the example of docs/format/replica.md', () => {
  const hex = Array.from(encodeState(example), (byte) => byte.toString(16).padStart(2, '0'));
  expect(hex.join(' ')).toBe(
    '54 4e 44 52 01 00 00 00 4c 95 d8 f7 00 00 00 00 ' +
      '00 00 00 00 00 00 1c 40 02 00 00 00 01 ' +
      '00 00 00 00 00 00 14 40 00 00 00 00 00 00 08 40 ' +
      '00 00 00 00 00 00 00 00 02 01 00 00 00 02 00 00 00 00 00',
  );
});

test('what is saved is loaded; a folder without a state has none', () => {
  const fs = new MemoryFileSystem();
  expect(loadState(fs, '/')).toBeUndefined();
  saveState(fs, '/', example);
  expect(loadState(fs, '/')).toEqual(example);
});

test('every flipped bit and every cut is noticed', () => {
  const bytes = encodeState(example);
  for (let at = 0; at < bytes.length; at++) {
    const fs = new MemoryFileSystem();
    saveState(fs, '/', example);
    if (at < 12 || at >= 16) {
      fs.damage('/replica', (all) => void (all[at]! ^= 1 << (at % 8)));
      expect(() => loadState(fs, '/'), `byte ${at}`).toThrow(CorruptionError);
    }
    fs.damage('/replica', () => bytes.slice(0, at));
    expect(() => loadState(fs, '/'), `cut at ${at}`).toThrow(CorruptionError);
  }
});

test('a power cut at any operation leaves the old state or the new one', () => {
  const next: ReplicaState = { ...example, hardState: { term: 8, votedFor: -1 } };
  for (let operations = 0; ; operations++) {
    const disk = new MemoryFileSystem();
    saveState(disk, '/', example);
    const faulty = new FaultyFileSystem(disk);
    faulty.stopAfter(operations);
    let isSaved = false;
    try {
      saveState(faulty, '/', next);
      isSaved = true;
    } catch (error) {
      expect(error).toBeInstanceOf(CrashError);
    }
    for (const fate of ['drop', 'keep'] as const) {
      const found = loadState(disk.crash({ data: fate, names: fate }), '/');
      if (isSaved) expect(found).toEqual(next);
      else expect([example, next]).toContainEqual(found);
    }
    if (isSaved) return;
  }
});

test('a state whose saver was killed before it was on the disk is there when a replica has opened with it', () => {
  const next: ReplicaState = { ...example, hardState: { term: 8, votedFor: 1 } };
  const disk = new MemoryFileSystem();
  disk.makeFolder('/r/wal');
  saveState(disk, '/r', example);
  disk.syncAll();
  const dying = new FaultyFileSystem(disk);
  // Written, synced, renamed; the folder is not synced.
  dying.stopAfter(4);
  expect(() => saveState(dying, '/r', next)).toThrow(CrashError);
  const { state } = openLog({
    fs: disk,
    clock: new ManualClock(),
    logger: silentLogger,
    folder: '/r',
    config: config.config,
    filesVersion: 5,
  });
  expect(state).toEqual(next);
  expect(loadState(disk.crash({ data: 'drop', names: 'drop' }), '/r')).toEqual(next);
});
