/**
 * Aim: the metadata's files, cut and bit-flipped at every kind of place, refuse to open (or lose a tail that was
 * never synced), `checkMnode` says so, and `repairMnode` does what docs/recovery.md says.
 * Method: an mnode in memory with a checkpoint and a log behind it; every harm on a fresh copy.
 */
import { CorruptionError, silentLogger } from '@tdnode/common';
import { ManualClock, MemoryFileSystem } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { answerOf, openHarness } from '../testing/harness.ts';
import { checkMnode, readVnodeConfigs, repairMnode } from './integrity.ts';
import { Sdb } from './sdb.ts';

const DIR = '/data/mnode';
const CHECKPOINT = `${DIR}/checkpoint`;
const STRIDE = process.env['TDNODE_FULL'] === '1' ? 1 : 7;
const used = { uid: 5000, vgId: 70 };

async function makeMnode(): Promise<{ fs: MemoryFileSystem; young: MemoryFileSystem }> {
  const fs = new MemoryFileSystem();
  const first = await openHarness({ fs });
  for (const sql of ['create database d1', 'create table d1.a (ts timestamp, v int)'])
    await answerOf(first.mnode, sql);
  const young = copyOf(fs);
  await first.mnode.close();
  const { mnode } = await openHarness({ fs, vnodes: first.vnodes });
  for (const name of ['b', 'c', 'd'])
    await answerOf(mnode, `create table d1.${name} (ts timestamp, v int)`);
  await answerOf(mnode, 'create database d2');
  return { fs: copyOf(fs), young };
}

function copyOf(fs: MemoryFileSystem): MemoryFileSystem {
  return fs.crash({ data: 'keep', names: 'keep' });
}

/** Tables and databases that the metadata knows; 'corrupt': it does not open. */
function known(
  fs: MemoryFileSystem,
): { names: string; nextUid: number; nextVgId: number } | 'corrupt' {
  try {
    const options = { dir: DIR, clock: new ManualClock(0), logger: silentLogger, dnodeId: 1 };
    const sdb = new Sdb({ fs, ...options });
    const { dbs, nextUid, nextVgId } = sdb.state;
    const names = [...dbs.values()].map(({ name, tables }) => `${name}:${tables.size}`).join(' ');
    sdb.close();
    return { names, nextUid, nextVgId };
  } catch (error) {
    if (error instanceof CorruptionError) return 'corrupt';
    throw error;
  }
}

const { fs: disk, young } = await makeMnode();
const logName = disk.list(`${DIR}/wal`).find((name) => name.endsWith('.log'))!;
const LOG = `${DIR}/wal/${logName}`;
const isDamaged = (fs: MemoryFileSystem): boolean =>
  checkMnode(fs, DIR).some(({ state }) => state === 'damaged');

function* harms(file: string, on: MemoryFileSystem): Generator<[MemoryFileSystem, string]> {
  for (let at = 0; at < on.readFile(file).length; at += STRIDE) {
    for (const kind of ['flip', 'cut']) {
      const fs = copyOf(on);
      fs.damage(file, (bytes) => {
        if (kind === 'cut') return bytes.slice(0, at);
        bytes[at]! ^= 1 << (at % 8);
        return bytes;
      });
      yield [fs, `${file}, ${kind} at ${at}`];
    }
  }
}

test('undamaged files are ok, and a repair changes nothing', () => {
  const fs = copyOf(disk);
  expect(checkMnode(fs, DIR).map(({ part, state }) => [part, state])).toEqual([
    ['checkpoint', 'ok'],
    ['log', 'ok'],
  ]);
  expect(repairMnode(fs, DIR, () => used)).toEqual({ aside: [], lost: [], done: [], failed: [] });
  expect(known(fs)).toMatchObject({ names: 'd1:4 d2:0' });
  expect(readVnodeConfigs(fs, DIR).map(({ db }) => db)).toEqual(['d1']);
});

test('log: a tail is cut, or it refuses; repaired it knows what came before, and gives out no known id', () => {
  let refused = 0;
  for (const [fs, where] of harms(LOG, disk)) {
    const before = known(copyOf(fs));
    expect(before === 'corrupt', where).toBe(isDamaged(fs));
    if (before !== 'corrupt') continue;
    refused++;
    const report = repairMnode(fs, DIR, () => used);
    expect(report.failed, where).toEqual([]);
    expect(report.aside.length, where).toBeGreaterThan(0);
    const after = known(fs);
    expect(after, where).toMatchObject({
      names: expect.stringMatching(/^d1:[1-4]( d2:0)?$/) as string,
    });
    if (report.lost.length > 0) expect(after, where).toMatchObject({ nextUid: 5001, nextVgId: 71 });
    else expect(after, where).toMatchObject({ names: 'd1:4 d2:0' });
    expect(isDamaged(fs), where).toBe(false);
  }
  expect(refused).toBeGreaterThan(10);
});

test('checkpoint: refuses, and cannot be repaired once the log was cut', () => {
  for (const [fs, where] of harms(CHECKPOINT, disk)) {
    expect([isDamaged(fs), known(copyOf(fs))], where).toEqual([true, 'corrupt']);
    const before = fs.list(DIR);
    expect(repairMnode(fs, DIR, () => used).failed, where).toHaveLength(1);
    expect(fs.list(DIR), where).toEqual(before);
    expect(readVnodeConfigs(fs, DIR), where).toEqual([]);
  }
});

test('checkpoint, while the log begins with version 1: made anew of the log', () => {
  const fs = copyOf(young);
  const handle = fs.open(CHECKPOINT, 'create');
  handle.write(disk.readFile(CHECKPOINT).slice(0, 50), 0);
  handle.close();
  expect(known(copyOf(fs))).toBe('corrupt');
  expect(repairMnode(fs, DIR, () => used)).toMatchObject({
    lost: [],
    failed: [],
    aside: [`${CHECKPOINT}.damaged-1`],
  });
  expect(known(fs)).toMatchObject({ names: 'd1:1' });
});

test('checkpoint or log gone: refuses', () => {
  for (const file of [CHECKPOINT, LOG]) {
    const fs = copyOf(disk);
    fs.unlink(file);
    expect([isDamaged(fs), known(copyOf(fs))], file).toEqual([true, 'corrupt']);
  }
  const fs = copyOf(disk);
  fs.unlink(LOG);
  expect(repairMnode(fs, DIR, () => used)).toMatchObject({
    failed: [],
    lost: [expect.stringContaining('every change after')],
  });
  expect(known(fs)).toMatchObject({ names: 'd1:1', nextUid: 5001 });
});
