/** Folders of vnodes: made whole or not at all, and there after a power cut once their vnode was opened. */
import { silentLogger } from '@tdnode/common';
import { CrashError, FaultyFileSystem, ManualClock, MemoryFileSystem } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { metersConfig } from '../fixtures/meters.ts';
import { Vnode } from '../vnode.ts';
import { createVnodeFolder, listVnodes, vnodeFolder, type VnodePlace } from './vnode-folder.ts';

const config = metersConfig();

function placeOn(fs: VnodePlace['fs']): VnodePlace {
  return { fs, dataDir: '/data', keepDropped: false };
}

/** The vnodes that a start opens. */
function openedOn(fs: MemoryFileSystem): number[] {
  return listVnodes(placeOn(fs), () => true).map(({ vgId }) => {
    const folder = vnodeFolder(placeOn(fs), vgId);
    Vnode.open({ fs, clock: new ManualClock(), logger: silentLogger }, folder, config).close();
    return vgId;
  });
}

test('a vnode that was opened after a kill in the middle of its making outlives a power cut', () => {
  const seen = new Set<string>();
  for (let stop = 0, isKilled = true; isKilled; stop++) {
    const memory = new MemoryFileSystem();
    memory.makeFolder('/data');
    memory.syncAll();
    const faulty = new FaultyFileSystem(memory);
    faulty.stopAfter(stop);
    isKilled = false;
    try {
      createVnodeFolder(placeOn(faulty), config);
    } catch (error) {
      if (!(error instanceof CrashError)) throw error;
      isKilled = true;
    }
    const opened = openedOn(memory);
    const after = memory.crash({ data: 'drop', names: 'drop' });
    expect(openedOn(after), `killed at operation ${stop}`).toEqual(opened);
    seen.add(`${isKilled}, ${opened.length} opened`);
  }
  // Early kills leave nothing, late ones a vnode.
  expect([...seen]).toEqual(['true, 0 opened', 'true, 1 opened', 'false, 1 opened']);
});
