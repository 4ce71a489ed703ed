/**
 * Aim: a repair may be cut off by a power cut before any of its operations and started again, with the same rows in
 * the end; and a manifest made anew gives right answers beside what compaction left behind.
 */
import { silentLogger } from '@tdnode/common';
import { FaultyFileSystem, ManualClock, MemoryFileSystem } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import {
  CONFIG,
  FOLDER,
  contentsOf,
  copyOf,
  makeExample,
  openExample,
} from '../../test/damaged-vnode.ts';
import { asWrite, createMeters, metersConfig, submitMeters } from '../fixtures/meters.ts';
import { rowsOf } from '../fixtures/read-rows.ts';
import { createVnodeFolder } from '../engine/vnode-folder.ts';
import { runWrites } from '../vnode-write.ts';
import { Vnode } from '../vnode.ts';
import { repairVnode } from './repair.ts';

const example = makeExample();
const nameIn = (folder: string, end: string): string =>
  `${FOLDER}/${folder}/${example.fs.list(`${FOLDER}/${folder}`).find((name) => name.endsWith(end))!}`;
const flip = (at: number) => (bytes: Uint8Array) => void (bytes[at]! ^= 1);

/** Contents after a repair; the vnode is closed again. */
function repairedContents(fs: MemoryFileSystem): unknown {
  expect(repairVnode({ fs, folder: FOLDER, vgId: 2, configOfMnode: CONFIG }).failed).toEqual([]);
  const vnode = openExample(fs);
  const contents = contentsOf(vnode);
  vnode.close();
  return contents;
}

test.each([
  ['a record of the log', nameIn('wal', '.log'), 300],
  ['the header of the log', nameIn('wal', '.log'), 3],
  ['a block of a segment', nameIn('tsdb', '.seg'), 20],
  ['the manifest', `${FOLDER}/tsdb/manifest`, 20],
  ['config.json', `${FOLDER}/config.json`, 20],
])('%s: a repair cut off before any operation, and started again', (_name, file, at) => {
  const damaged = copyOf(example.fs);
  damaged.damage(file, flip(at));
  const expected = repairedContents(copyOf(damaged));
  for (let stop = 0; ; stop++) {
    const memory = copyOf(damaged);
    const fs = new FaultyFileSystem(memory);
    fs.stopAfter(stop);
    try {
      repairVnode({ fs, folder: FOLDER, vgId: 2, configOfMnode: CONFIG });
    } catch (error) {
      if (!fs.crashed) throw error;
    }
    for (const fate of ['drop', 'keep'] as const) {
      const after = memory.crash({ data: fate, names: fate });
      expect(after.exists(`${FOLDER}/config.json`)).toBe(true);
      expect(repairedContents(after), `stopped after ${stop}, ${fate}`).toEqual(expected);
    }
    if (!fs.crashed) break;
  }
});

test.each([0, 1])(
  'a manifest made anew beside the sources of a compaction, update %i',
  (update) => {
    const fs = new MemoryFileSystem();
    fs.makeFolder('/data/vnode');
    const config = metersConfig({ update });
    createVnodeFolder({ fs, dataDir: '/data', keepDropped: false }, config);
    const clock = new ManualClock(1_600_000_000_000);
    const open = (): Vnode => Vnode.open({ fs, clock, logger: silentLogger }, FOLDER, config);
    let vnode = open();
    const write = (kind: 'change' | 'submit', payload: Uint8Array): void =>
      runWrites(vnode, [asWrite(kind, payload)]);
    write('change', createMeters([7]));
    const segments = new Map<string, Uint8Array>();
    for (let round = 0; round < 6; round++) {
      // Times overlap from round to round: which value stays depends on the order of the files. The last file is
      // too large to be merged with the others: the merged one has a higher number than one that is younger.
      const count = round === 5 ? 4096 : 3;
      const rows = Array.from(
        { length: count },
        (_, i) => [clock.now() + round + i, Math.sin(10 * round + i)] as const,
      );
      write('submit', submitMeters([{ uid: 7, rows }]));
      vnode.flush();
      for (const name of fs.list(`${FOLDER}/tsdb`)) {
        if (name.endsWith('.seg')) segments.set(name, fs.readFile(`${FOLDER}/tsdb/${name}`));
      }
    }
    while (vnode.runSlice(0) === 'more');
    const expected = rowsOf(vnode, 7);
    vnode.close();
    const gone = [...segments.keys()].filter((name) => !fs.exists(`${FOLDER}/tsdb/${name}`));
    expect(gone).toHaveLength(5);
    for (const name of gone) {
      const handle = fs.open(`${FOLDER}/tsdb/${name}`, 'create');
      handle.write(segments.get(name)!, 0);
      handle.close();
    }
    fs.unlink(`${FOLDER}/tsdb/manifest`);
    expect(repairVnode({ fs, folder: FOLDER, vgId: 2, configOfMnode: undefined })).toMatchObject({
      lost: [],
      failed: [],
    });
    vnode = open();
    expect(rowsOf(vnode, 7)).toEqual(expected);
    while (vnode.runSlice(0) === 'more');
    expect(rowsOf(vnode, 7)).toEqual(expected);
    vnode.close();
  },
);
