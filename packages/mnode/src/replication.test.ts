/**
 * Aim: the metadata of several mnodes is one: nothing acknowledged is lost by the death of any minority, no id is given
 * out twice, whoever comes late or comes back gets the same state, and the mnodes follow numOfMnodes.
 * Method: whole mnodes over a network in memory and virtual time; random crashes with fixed seeds.
 */
import { silentLogger } from '@tdnode/common';
import { RedirectError } from '@tdnode/rpc';
import { ManualClock, MemoryFileSystem } from '@tdnode/testkit';
import { Log, OWN_TYPES, beginLog, visitSound } from '@tdnode/wal';
import { expect, test } from 'vitest';
import { readCheckpoint } from './sdb/checkpoint.ts';
import { answerOf, openHarness, rootSession } from './testing/harness.ts';
import { MnodeGroup } from './testing/mnode-group.ts';
import { expectAgreement, visible } from './testing/visible.ts';

const from = Number(process.env['MNODE_FIRST_SEED'] ?? 11);
const seeds = Array.from({ length: Number(process.env['MNODE_SEEDS'] ?? 6) }, (_, i) => from + i);

/** What does not depend on reports. */
async function metadata(group: MnodeGroup): Promise<string> {
  const seen = (await group.waitFor(visible(group.master!.mnode!))) ?? 'no answer';
  return seen.replace(/^d vgroups.*\n/gm, '');
}

/** Every mnode in turn becomes master and shows the same. */
async function expectEqual(group: MnodeGroup): Promise<void> {
  await group.until(() => group.master !== undefined);
  const seen: string[] = [];
  for (const id of group.voters) {
    await group.until(() => group.master !== undefined);
    if (group.master!.id !== id) {
      const { mnode } = group.master!;
      await group.waitFor(mnode!.changeMembers({ kind: 'transfer', dnodeId: id }));
      await group.until(() => group.host(id).mnode?.isMaster === true);
    }
    seen.push(await metadata(group));
  }
  for (const one of seen) expect(one).toBe(seen[0]);
}

/** Whatever vnodes ever heard: a uid is one table's for ever. */
function expectUidsUsedOnce({ vnodes }: MnodeGroup): void {
  const names = new Map<number, string>();
  for (const { change } of vnodes.log) {
    if (change.kind !== 'createTables') continue;
    for (const { uid, name } of change.tables) {
      expect(names.get(uid) ?? name, `uid ${uid}`).toBe(name);
      names.set(uid, name);
    }
  }
  expect(new Set(names.values()).size).toBe(names.size);
}

test('three dnodes: mnodes appear by themselves, one at a time, and show mnodes says their roles', async () => {
  const group = await MnodeGroup.of(3, 1);
  expect(group.voters).toEqual([1, 2, 3]);
  await group.until(() => group.hosts.every(({ mnode }) => mnode!.report().role !== 'syncing'));
  for (let i = 0; i < 40; i++) await group.step();
  const rows = (await group.sql('show mnodes')).data!;
  expect(rows.map(([id, , role]) => [id, role])).toEqual([
    [1, 'master'],
    [2, 'slave'],
    [3, 'slave'],
  ]);
  const slave = group.host(2).mnode!;
  expect(() => slave.demandMaster()).toThrow(RedirectError);
  await expect(
    slave.execute('show databases', { user: 'root', db: undefined, timezone: 'UTC' }),
  ).rejects.toMatchObject({ where: ['h1:6030'] });
});

test('the master dies: another one within an election, nothing lost, the old one comes back as slave', async () => {
  const group = await MnodeGroup.of(3, 2);
  await group.sql('create database d');
  await group.sql('create table s (ts timestamp, v int) tags (g int)', 'd');
  await group.sql('create table a using s tags (1)', 'd');
  const before = await metadata(group);
  group.kill(1);
  const ms = await group.until(() => group.master !== undefined);
  expect(ms).toBeLessThan(1000);
  expect(await metadata(group)).toBe(before);
  expect(await group.sql('create table b using s tags (2)', 'd')).toMatchObject({ status: 'succ' });
  await group.restart(1);
  await group.until(() => group.host(1).mnode?.report().role === 'slave');
  expect(group.master!.id).not.toBe(1);
  await expectEqual(group);
  await expectAgreement(group.master!.mnode!, group.vnodes);
});

test('a new master refuses nobody for want of dnodes that it has not heard yet', async () => {
  const group = await MnodeGroup.of(3, 17);
  group.kill(1);
  expect(await group.sql('create database d replica 2')).toMatchObject({ status: 'succ' });
});

test('a master that is cut off answers 828 and takes back what nobody else has', async () => {
  const group = await MnodeGroup.of(3, 3);
  await group.sql('create database d');
  const old = group.master!.mnode!;
  group.cut(1);
  const lost = answerOf(old, 'create database lost');
  expect(await group.waitFor(lost)).toMatchObject({ code: 828 });
  expect(await group.sql('create database kept')).toMatchObject({ status: 'succ' });
  group.heal();
  await group.until(() => old.report().role === 'slave');
  await expectEqual(group);
  const names = (await group.sql('show databases')).data!.map(([name]) => name);
  expect(names.toSorted()).toEqual(['d', 'kept']);
});

test('with one of three left there is no master, and the sentence says so; two are enough', async () => {
  const group = await MnodeGroup.of(3, 4);
  group.kill(2);
  group.kill(3);
  const alone = group.master!.mnode!;
  expect(await group.waitFor(answerOf(alone, 'create database d'))).toMatchObject({ code: 828 });
  await group.until(() => group.master === undefined);
  await expect(alone.user('root')).rejects.toMatchObject({ code: 828 });
  await group.restart(3);
  expect(await group.sql('create database d2')).toMatchObject({ status: 'succ' });
});

test('what was told to no vnode when the master died is told by the next one', async () => {
  const group = await MnodeGroup.of(3, 5);
  await group.sql('create database d');
  await group.sql('create table s (ts timestamp, v int) tags (g int)', 'd');
  await group.sql('create table a using s tags (1)', 'd');
  group.vnodes.failure = new Error('no way');
  const statement = group.master!.mnode!.execute('create table b using s tags (2)', {
    user: 'root',
    db: 'd',
    timezone: 'UTC',
  });
  await expect(group.waitFor(statement)).rejects.toThrow('no way');
  group.kill(1);
  group.vnodes.failure = undefined;
  await group.until(() => group.master !== undefined);
  for (let i = 0; i < 60; i++) await group.step();
  await expectAgreement(group.master!.mnode!, group.vnodes);
});

test('who comes late gets a checkpoint, then the log', async () => {
  const group = await MnodeGroup.found(6, { segmentBytes: 4096 });
  await group.sql('create database d');
  await group.sql('create table s (ts timestamp, v int) tags (g int)', 'd');
  for (let i = 0; i < 30; i++) await group.sql(`create table t${i} using s tags (${i})`, 'd');
  const { mnode } = group.host(1);
  await mnode!.close();
  await group.restart(1);
  await group.sql('create database e');
  await group.join('h2:6030');
  await group.until(() => group.voters.length === 2);
  expect(group.host(2).fs.exists('/data/mnode/checkpoint')).toBe(true);
  await expectEqual(group);
});

test('from one to three and back: the mnodes follow the dnodes', async () => {
  const group = await MnodeGroup.of(4, 7);
  expect(group.voters).toEqual([1, 2, 3]);
  await group.sql('drop dnode 3');
  await group.until(() => group.voters.includes(4) && !group.voters.includes(3));
  await group.until(() => !group.host(3).isUp);
  await group.sql('drop dnode 4');
  await group.until(() => group.voters.length === 2 && !group.host(4).isUp);
  await group.sql('drop dnode 2');
  await group.until(() => group.voters.length === 1 && !group.host(2).isUp);
  expect(await group.sql('create database d')).toMatchObject({ status: 'succ' });
  expect((await group.sql('show mnodes')).data).toHaveLength(1);
});

test('a master that is being dropped hands over, leaves the mnodes and is forgotten', async () => {
  const group = await MnodeGroup.of(4, 9);
  await group.sql('drop dnode 2');
  await group.waitFor(group.master!.mnode!.changeMembers({ kind: 'transfer', dnodeId: 2 }));
  await group.until(() => !group.host(2).isUp);
  await group.until(() => group.voters.join() === '1,3,4');
});

test('a planned end hands over at once', async () => {
  const group = await MnodeGroup.of(3, 8);
  await group.waitFor(group.master!.mnode!.handOver());
  expect(group.host(1).mnode!.isMaster).toBe(false);
  expect(await group.until(() => group.master !== undefined)).toBeLessThanOrEqual(200);
});

test('a folder from before there were several mnodes: opens, and others join', async () => {
  const fs = new MemoryFileSystem();
  const { mnode, vnodes } = await openHarness({ fs });
  for (const sql of ['create database d', 'create table d.a (ts timestamp, v int)'])
    await answerOf(mnode, sql);
  await mnode.close();
  const again = (await openHarness({ fs, vnodes })).mnode;
  await answerOf(again, 'create database e');
  const group = await MnodeGroup.found(10, {}, asBefore(fs));
  await group.join('h2:6030');
  await group.until(() => group.voters.length === 2);
  const names = (await group.sql('show databases')).data!.map(([name]) => name);
  expect(names.toSorted()).toEqual(['d', 'e']);
  await expectEqual(group);
});

/** The same metadata as one mnode alone used to write it: no terms, no state of a replica. */
function asBefore(fs: MemoryFileSystem): MemoryFileSystem {
  const before = new MemoryFileSystem();
  before.makeFolder('/data/mnode/wal');
  const { version } = readCheckpoint(fs, '/data/mnode');
  copyFile(fs, before, '/data/mnode/checkpoint');
  const { clock, logger } = { clock: new ManualClock(), logger: silentLogger };
  beginLog(before, '/data/mnode/wal', version);
  const log = Log.open(before, '/data/mnode/wal', { clock, logger, committedVersion: version });
  visitSound(fs, '/data/mnode/wal', ({ type, payload, version: at }) => {
    if (type < OWN_TYPES && at > version) log.append(type, payload);
  });
  log.close();
  before.syncAll();
  return before;
}

function copyFile(from: MemoryFileSystem, to: MemoryFileSystem, path: string): void {
  const handle = to.open(path, 'create');
  handle.write(from.readFile(path), 0);
  handle.sync();
  handle.close();
}

test.each(seeds)(
  'definitions under crashes, cuts and losses: what was acknowledged is there, ids are never used again (seed %i)',
  async (seed) => {
    const sizes = seed % 2 === 0 ? { segmentBytes: 2048, checkpointBytes: 1500 } : {};
    const group = await MnodeGroup.of(3, seed, sizes);
    const { random } = group;
    const has = (chance: number): boolean => random.next() < chance;
    await group.sql('create database d');
    await group.sql('create table s (ts timestamp, v int) tags (g int)', 'd');
    group.loss = 0.02;
    const model = new Set<string>();
    const maybe = new Set<string>();
    let down = 0;
    for (let i = 0; i < 120; i++) {
      if (has(0.12)) {
        if (down > 0) {
          await group.restart(down);
          down = 0;
        } else {
          down = 1 + Math.floor(random.next() * 3);
          group.kill(down);
        }
      }
      if (has(0.3)) group.heal();
      if (has(0.1) && !group.isCut) {
        const { mnode } = group.host(1 + Math.floor(random.next() * 3));
        const asked = mnode?.isMaster === true ? mnode : undefined;
        group.cut(group.hosts.find((host) => host.mnode === mnode)!.id);
        // A master that does not know yet is asked once more: that may survive, or not.
        const name = `lost${i}`;
        maybe.add(name);
        asked
          ?.execute(`create table ${name} using s tags (1)`, { ...rootSession, db: 'd' })
          .catch((error: unknown) => expect(error).toMatchObject({ code: 828 }));
      }
      if (down > 0) group.heal();
      const old = [...model][Math.floor(random.next() * model.size)];
      if (old !== undefined && has(0.3)) {
        const answer = await group.sql(`drop table if exists ${old}`, 'd');
        expect(answer, `drop ${old}`).toMatchObject({ status: 'succ' });
        model.delete(old);
      } else {
        const name = `t${i}`;
        const answer = await group.sql(`create table if not exists ${name} using s tags (1)`, 'd');
        expect(answer, name).toMatchObject({ status: 'succ' });
        model.add(name);
      }
    }
    group.loss = 0;
    group.heal();
    if (down > 0) await group.restart(down);
    await group.until(() => group.hosts.every(({ mnode }) => mnode?.failure === undefined));
    for (let i = 0; i < 80; i++) await group.step();
    const rows = (await group.sql('show tables', 'd')).data!;
    const names = rows.map(([name]) => String(name)).filter((name) => !maybe.has(name));
    expect(names.toSorted()).toEqual([...model].toSorted());
    expectUidsUsedOnce(group);
    for (const { fs } of 'checkpointBytes' in sizes ? group.hosts : [])
      expect(readCheckpoint(fs, '/data/mnode').version).toBeGreaterThan(50);
    await expectEqual(group);
    await expectAgreement(group.master!.mnode!, group.vnodes);
  },
);
