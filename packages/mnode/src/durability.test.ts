/**
 * Aim: what was acknowledged is there after any restart, vnodes and mnode agree, and a replay gives the same
 * state. Method: random definitions (seeds are fixed) over file systems that reopen, tear and forget.
 */
import {
  TaosError,
  seededRandom,
  silentLogger,
  type FileSystem,
  type Random,
} from '@tdnode/common';
import { CrashError, FaultyFileSystem, ManualClock, MemoryFileSystem } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { FakeVnodes } from './testing/fake-vnodes.ts';
import { answerOf, openHarness, rootSession } from './testing/harness.ts';
import { expectAgreement, visible } from './testing/visible.ts';
import { defaultMnodeConfig } from './config.ts';
import { readCheckpoint } from './sdb/checkpoint.ts';
import { Sdb } from './sdb/sdb.ts';

const config = {
  ...defaultMnodeConfig,
  placement: {
    maxVgroupsPerDb: 3,
    minTablesPerVnode: 4,
    tableIncStepPerVnode: 4,
    maxTablesPerVnode: 1000,
  },
};
const session = { ...rootSession, db: 'd1' };

function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random.next() * items.length)]!;
}

/** One definition; names are few, so that statements meet each other. */
function randomStatement(random: Random): string {
  const db = pick(random, ['d1', 'd1', 'd1', 'd2']);
  const table = () => `${db}.${pick(random, ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])}`;
  const stable = `${db}.${pick(random, ['s1', 's2'])}`;
  const kinds: (() => string)[] = [
    () => `create database if not exists ${db}`,
    () => `create stable ${stable} (ts timestamp, v int) tags (t int, n binary(8))`,
    () => `create table ${table()} (ts timestamp, v int)`,
    () => `create table ${table()} using ${stable} tags (1, 'x')`,
    () =>
      `create table ${table()} using ${stable} tags (1, 'x') ${table()} using ${stable} tags (2, null)`,
    () => `drop table ${table()}`,
    () => `alter table ${stable} add column ${pick(random, ['x', 'y', 'z'])} int`,
    () => `alter table ${stable} drop column ${pick(random, ['x', 'y', 'z'])}`,
    () => `alter table ${table()} set tag t = ${Math.floor(random.next() * 100)}`,
    () => `alter database ${db} blocks ${3 + Math.floor(random.next() * 9)}`,
  ];
  const rare = random.next();
  if (rare < 0.02) return `drop database ${db}`;
  if (rare < 0.05) return `drop stable ${stable}`;
  return pick(random, kinds)();
}

test.each([1, 2, 3, 4, 5, 6])('after a restart everything is as it was (seed %i)', async (seed) => {
  const random = seededRandom(seed);
  const fs = new MemoryFileSystem();
  const vnodes = new FakeVnodes();
  let { mnode } = await openHarness({ fs, vnodes, config });
  for (let i = 0; i < 150; i++) {
    await answerOf(mnode, randomStatement(random), session);
    if (random.next() > 0.05) continue;
    const before = await visible(mnode);
    const clean = random.next() < 0.5;
    if (clean) await mnode.close();
    ({ mnode } = await openHarness({
      fs: clean ? fs : fs.crash({ data: 'keep', names: 'keep' }),
      vnodes,
      config,
    }));
    expect(await visible(mnode)).toBe(before);
    await mnode.close();
    ({ mnode } = await openHarness({ fs, vnodes, config }));
  }
  await expectAgreement(mnode, vnodes);
});

/** Runs 60 statements, with restarts between them, until the machine stops; returns the state after each that was answered. */
async function statesUntilCrash(
  fs: FaultyFileSystem,
  vnodes: FakeVnodes,
  seed: number,
): Promise<string[]> {
  const random = seededRandom(seed);
  const states: string[] = [];
  try {
    let { mnode } = await openHarness({ fs, vnodes, config });
    for (let i = 0; i < 60; i++) {
      await answerOf(mnode, randomStatement(random), session);
      if (fs.crashed) break;
      states.push(await visible(mnode));
      if (i % 20 !== 12) continue;
      await mnode.close();
      ({ mnode } = await openHarness({ fs, vnodes, config }));
    }
  } catch (error) {
    if (!fs.crashed) throw error;
  }
  return states;
}

test('a power cut at any file operation loses nothing that was acknowledged, and vnodes agree', async () => {
  const probe = new FaultyFileSystem(new MemoryFileSystem());
  const states = await statesUntilCrash(probe, new FakeVnodes(), 9);
  expect(probe.operations).toBeGreaterThan(80);
  for (let stop = 0; stop < probe.operations; stop++) {
    const memory = new MemoryFileSystem();
    memory.makeFolder('/data');
    memory.syncAll();
    const fs = new FaultyFileSystem(memory);
    fs.stopAfter(stop);
    const vnodes = new FakeVnodes();
    const answered = (await statesUntilCrash(fs, vnodes, 9)).length;
    const after = memory.crash({ data: 'random', names: 'random', random: seededRandom(stop) });
    const { mnode } = await openHarness({ fs: after, vnodes, config });
    // The statement that was cut off is carried out whole, or not at all.
    const allowed = [answered === 0 ? '' : states[answered - 1], states[answered]];
    expect(allowed, `stopped at operation ${stop}`).toContain(await visible(mnode));
    await expectAgreement(mnode, vnodes);
    await mnode.close();
  }
});

/** The metadata store alone, in `/data/mnode`. */
function openSdb(fs: FileSystem): Sdb {
  return new Sdb({
    fs,
    dir: '/data/mnode',
    clock: new ManualClock(),
    logger: silentLogger,
    dnodeId: 1,
  });
}

test('a start that was killed anywhere, then one that acknowledges, then a power cut: all is there', async () => {
  const cluster = { kind: 'cluster', id: 'c', created: 1 } as const;
  let kills = 0;
  for (let isKilled = true; isKilled; kills++) {
    const memory = new MemoryFileSystem();
    memory.makeFolder('/data');
    memory.syncAll();
    const faulty = new FaultyFileSystem(memory);
    faulty.stopAfter(kills);
    isKilled = false;
    try {
      openSdb(faulty);
    } catch (error) {
      if (!(error instanceof CrashError)) throw error;
      isKilled = true;
    }
    const sdb = openSdb(memory);
    await sdb.propose([cluster]);
    const after = openSdb(memory.crash({ data: 'drop', names: 'drop' }));
    expect(after.state.clusterId, `killed at operation ${kills}`).toBe(cluster.id);
    after.close();
    sdb.close();
  }
  expect(kills).toBeGreaterThan(4);
});

test('a vnode that fails is told again: by the next look-up, or after a restart', async () => {
  const fs: FileSystem = new MemoryFileSystem();
  const vnodes = new FakeVnodes();
  const { mnode } = await openHarness({ fs, vnodes, config });
  await answerOf(mnode, 'create database d1');
  await answerOf(mnode, 'create table s (ts timestamp, v int) tags (t int)', session);
  vnodes.failure = new TaosError(1285);
  expect(await answerOf(mnode, 'create table a using s tags (7)', session)).toMatchObject({
    code: 1285,
  });
  const again = 'create table if not exists a using s tags (7)';
  expect(await answerOf(mnode, again, session)).toMatchObject({ code: 1285 });
  vnodes.failure = undefined;
  expect((await mnode.tables('d1', ['a']))[0]).toMatchObject({ name: 'a', stableName: 's' });
  await expectAgreement(mnode, vnodes);

  vnodes.failure = new TaosError(1285);
  await answerOf(mnode, 'create table b using s tags (8)', session);
  await mnode.close();
  vnodes.failure = undefined;
  const reopened = await openHarness({ fs, vnodes, config });
  await expectAgreement(reopened.mnode, vnodes);
  expect((await answerOf(reopened.mnode, 'show create table b', session)).data).toEqual([
    ['b', 'CREATE TABLE b USING s TAGS (8)'],
  ]);
});

test('a tag that a vnode refuses is refused, and stands in the way of nothing', async () => {
  const { mnode, vnodes } = await openHarness();
  await answerOf(mnode, 'create database d1');
  await answerOf(mnode, 'create table s (ts timestamp, v int) tags (t int)', session);
  await answerOf(mnode, 'create table a using s tags (7)', session);
  vnodes.failure = new TaosError(1285);
  const setTag = 'alter table a set tag t = 8';
  expect(await answerOf(mnode, setTag, session)).toMatchObject({ code: 1285 });
  vnodes.failure = undefined;
  expect((await answerOf(mnode, 'show create table a', session)).data).toEqual([
    ['a', 'CREATE TABLE a USING s TAGS (7)'],
  ]);
});

test('vnodes out of service: the mnode starts, other databases work, tables are listed, the database can be dropped', async () => {
  const fs = new MemoryFileSystem();
  const vnodes = new FakeVnodes();
  const first = await openHarness({ fs, vnodes });
  await answerOf(first.mnode, 'create database d1');
  await answerOf(first.mnode, 'create table a (ts timestamp, v int)', session);
  vnodes.damaged = true;
  const { mnode } = await openHarness({
    fs: fs.crash({ data: 'keep', names: 'keep' }),
    vnodes,
  });
  expect((await answerOf(mnode, 'show tables', session)).data).toHaveLength(1);
  expect(await answerOf(mnode, 'alter table a add column x int', session)).toMatchObject({
    code: 1544,
  });
  expect((await mnode.tables('d1', ['a']))[0]!.schema.columns).toHaveLength(3);
  await answerOf(mnode, 'create database d2');
  expect(await mnode.database('d2')).toBeDefined();
  expect(await answerOf(mnode, 'drop database d1')).toMatchObject({ status: 'succ' });
  expect(vnodes.vnodes.size).toBe(0);
});

test('a statement meets a full disk: it is refused, nothing changed, and the next one works when space returns', async () => {
  const fs = new FaultyFileSystem(new MemoryFileSystem());
  const { mnode } = await openHarness({ fs });
  await answerOf(mnode, 'create database d1');
  fs.fail({ operation: 'write', code: 'ENOSPC' });
  expect((await answerOf(mnode, 'create database d2')).status).toBe('error');
  expect(await mnode.database('d2')).toBeUndefined();
  expect(await mnode.database('d1')).toBeDefined();
});

test('what was dropped does not make the checkpoint, and so the start, grow', async () => {
  const fs = new MemoryFileSystem();
  const vnodes = new FakeVnodes();
  let sizes: number[] = [];
  for (let round = 0; round < 3; round++) {
    const { mnode } = await openHarness({ fs, vnodes });
    await answerOf(mnode, 'create database d1');
    await answerOf(mnode, 'create table s (ts timestamp, v int) tags (t int)', session);
    const many = Array.from({ length: 500 }, (_, i) => `t${i} using s tags (${i})`).join(' ');
    await answerOf(mnode, `create table ${many}`, session);
    await answerOf(mnode, 'drop database d1');
    await mnode.close();
    sizes = [...sizes, readCheckpoint(fs, '/data/mnode').bytes];
  }
  expect(sizes[2]).toBe(sizes[0]);
  expect(fs.list('/data/mnode/wal')).toHaveLength(1);
});

test('statements that arrive together share one fsync', async () => {
  const fs = new FaultyFileSystem(new MemoryFileSystem());
  const { mnode } = await openHarness({ fs });
  const before = fs.operations;
  await Promise.all(
    Array.from({ length: 20 }, (_, i) => mnode.execute(`create database d${i}`, rootSession)),
  );
  expect(fs.operations - before).toBe(20 + 1);
});

test('what vnodes cannot put on disk does not go into a checkpoint: it is told again after the next start', async () => {
  const fs = new MemoryFileSystem();
  const { mnode, vnodes } = await openHarness({ fs });
  await answerOf(mnode, 'create database d1');
  await answerOf(mnode, 'create table t (ts timestamp, v int)', session);
  vnodes.failure = new Error('the disk of the vnode is gone');
  await mnode.close();
  vnodes.failure = undefined;
  for (const vnode of vnodes.vnodes.values()) vnode.tables.clear(); // what a power cut takes
  const again = await openHarness({ fs, vnodes });
  const [table] = await again.mnode.tables('d1', ['t']);
  expect([...vnodes.vnodes.values()].some(({ tables }) => tables.has(table!.uid))).toBe(true);
});
