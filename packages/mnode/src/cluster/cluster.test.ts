/**
 * Aim: the cluster's life from the outside: join, spread, shrink, fall silent, come back. Method: SQL and fake dnodes
 * that report, in virtual time.
 */
import { expect, test } from 'vitest';
import { defaultMnodeConfig } from '../config.ts';
import { ClusterHarness } from '../testing/cluster-harness.ts';
import { defaultParameters } from './parameters.ts';

const oneTableEach = {
  placement: {
    ...defaultMnodeConfig.placement,
    minTablesPerVnode: 1,
    tableIncStepPerVnode: 1,
    maxVgroupsPerDb: 64,
  },
};

test('a second host joins: offline, then vnodes go 10:0 to 5:5 in under 5 s', async () => {
  const harness = await ClusterHarness.open(1, oneTableEach);
  await harness.fill('d', 10);
  expect(await harness.vnodes()).toEqual({ 1: 10 });
  await harness.sql("create dnode 'h2:6030'");
  expect((await harness.sql('show dnodes'))[1]).toEqual([
    2,
    'h2:6030',
    0,
    0,
    'offline',
    'any',
    expect.any(String),
    'status not received',
  ]);
  const second = harness.cluster.add('h2:6030');
  // Vgroup 1 does not report here: there is one mnode, and its dnode weighs four vnodes more.
  await harness.run(5);
  expect(second.dnodeId).toBe(2);
  expect(await harness.vnodes()).toEqual({ 1: 3, 2: 7 });
  expect(harness.copies()).toEqual({ 1: 3, 2: 7 });
  const [first] = await harness.sql('show scores');
  expect(first).toEqual([1, 0, 0, 1, 0.75, 1.75, 3, 4, 'ready']);
});

test('an arbitrator that is configured stands behind the dnodes, whether it answers or not', async () => {
  const cluster = { ...defaultParameters, arbitrator: 'h9:6042' };
  const harness = await ClusterHarness.open(1, { cluster });
  const arb = async (): Promise<unknown> => (await harness.sql('show dnodes'))[1];
  const never = '2120-12-31 16:00:00.000';
  expect(await arb()).toEqual([0, 'h9:6042', 0, 0, 'offline', 'arb', never, '-']);
  harness.arbitratorSince = Date.UTC(2024, 0, 2);
  const since = '2024-01-02 00:00:00.000';
  expect(await arb()).toEqual([0, 'h9:6042', 0, 0, 'ready', 'arb', since, '-']);
});

test('mnodes come by themselves, up to numOfMnodes, and leave a dropped dnode for another', async () => {
  const harness = await ClusterHarness.open(9, oneTableEach);
  harness.cluster.replicateMnode(harness.first);
  await harness.fill('d', 10);
  const second = await harness.join('h2:6030');
  await harness.run(2);
  expect((await harness.sql('show mnodes')).map((row) => [row[0], row[2]])).toEqual([
    [1, 'master'],
    [2, 'slave'],
  ]);
  await harness.run(4);
  expect(harness.copies()).toEqual({ 1: 5, 2: 5 });
  await harness.join('h3:6030', (dnode) => (dnode.role = 2));
  await harness.join('h4:6030');
  await harness.join('h5:6030');
  await harness.run(3);
  const ids = async (): Promise<unknown[]> => (await harness.sql('show mnodes')).map(([id]) => id);
  expect(await ids()).toEqual([1, 2, 4]);
  await harness.sql('drop dnode 2');
  await harness.run(8);
  expect(await ids()).toEqual([1, 4, 5]);
  expect(harness.cluster.vgroups.get(1)!.members.voters).toEqual([1, 4, 5]);
  expect(second.hasExited).toBe(true);
});

test('without the weight of mnodes ten vnodes are shared five and five', async () => {
  const cluster = { ...defaultParameters, mnodeEqualVnodeNum: 0 };
  const harness = await ClusterHarness.open(1, { ...oneTableEach, cluster });
  await harness.fill('d', 10);
  await harness.join('h2:6030');
  await harness.run(3);
  expect(harness.copies()).toEqual({ 1: 5, 2: 5 });
  const vgroups = await harness.sql('show vgroups', 'd');
  expect(vgroups.map(([, , , , dnode]) => dnode).sort()).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
  expect(new Set(vgroups.map((row) => row[5]))).toEqual(new Set(['master']));
});

test('drop dnode empties it, forgets it, and refuses its old data; a new one gets a new id', async () => {
  const harness = await ClusterHarness.open(2, oneTableEach);
  await harness.fill('d', 4);
  const second = await harness.join('h2:6030');
  await harness.run(5);
  expect(second.replicas.size).toBeGreaterThan(0);
  await harness.sql('drop dnode "h2:6030"');
  expect((await harness.sql('show dnodes'))[1]![4]).toBe('dropping');
  await harness.run(6);
  expect(await harness.vnodes()).toEqual({ 1: 4 });
  expect(second.hasExited).toBe(true);
  await harness.sql("create dnode 'h2:6030'");
  second.isUp = true;
  await harness.run(2);
  expect(second.lastAnswer?.kind).toBe('dropped');
  expect((await harness.sql('show dnodes'))[1]!.at(-1)).toBe('dnodeId not match');
  const fresh = harness.cluster.add('h2:6030');
  await harness.run(2);
  expect(fresh.dnodeId).toBe(3);
});

test("refusals: an end point twice, the metadata's master, nowhere to go, unknown ones, bad names", async () => {
  const harness = await ClusterHarness.open(3, oneTableEach);
  await harness.join('h2:6030');
  await harness.fill('d', 2, 'replica 2');
  await harness.run(2);
  const codes: [string, number][] = [
    ["create dnode 'h2:6030'", 816],
    ["create dnode 'h 2:6030'", 512],
    ["create dnode 'h2:99999'", 512],
    ['drop dnode 1', 819],
    ['drop dnode 2', 820],
    ['drop dnode 7', 817],
    ['alter database d replica 3', 820],
    ['create database e replica 3', 898],
    ['alter dnode 1 balance "vnode:2-dnode:2"', 823],
  ];
  for (const [sql, code] of codes)
    expect([sql, (await harness.answer(sql)).code]).toEqual([sql, code]);
});

test('a silent dnode is offline after three intervals, and back with its next report', async () => {
  const harness = await ClusterHarness.open();
  const second = await harness.join('h2:6030');
  second.isUp = false;
  await harness.run(2.5);
  expect((await harness.sql('show dnodes'))[1]![4]).toBe('ready');
  await harness.run(2);
  expect((await harness.sql('show dnodes'))[1]!.slice(4)).toEqual([
    'offline',
    'any',
    expect.any(String),
    'status msg timeout',
  ]);
  second.isUp = true;
  await harness.run(1);
  expect((await harness.sql('show dnodes'))[1]![4]).toBe('ready');
});

test.each([
  ['numOfMnodes', { numOfMnodes: 1 }, 'numOfMnodes not match'],
  ['balance', { balance: 0 }, 'balance not match'],
  ['mnodeEqualVnodeNum', { mnodeEqualVnodeNum: 3 }, 'mnEqualVn not match'],
  ['offlineThreshold', { offlineThreshold: 5 }, 'offThreshold not match'],
  ['statusInterval', { statusInterval: 2 }, 'interval not match'],
  ['maxTablesPerVnode', { maxTablesPerVnode: 7 }, 'maxTabPerVn not match'],
  ['maxVgroupsPerDb', { maxVgroupsPerDb: 7 }, 'maxVgPerDb not match'],
  ['arbitrator', { arbitrator: 'a:6042' }, 'arbitrator not match'],
  ['timezone', { timezone: 'Asia/Shanghai' }, 'timezone not match'],
])(
  '%s differs: offline with the reason, the detail has both values',
  async (name, change, reason) => {
    const harness = await ClusterHarness.open();
    const second = await harness.join('h2:6030', (dnode) => {
      dnode.parameters = { ...dnode.parameters, ...change };
    });
    const row = (await harness.sql('show dnodes'))[1]!;
    expect([row[4], row[7]]).toEqual(['offline', reason]);
    const detail = second.lastAnswer?.kind === 'refused' ? second.lastAnswer.detail : '';
    const [value] = Object.values(change);
    expect(detail).toContain(`${name} is ${typeof value === 'string' ? `'${value}'` : value}`);
  },
);

test('a stranger, a foreign cluster, another version, an emptied dataDir', async () => {
  const harness = await ClusterHarness.open(4, oneTableEach);
  const stranger = harness.cluster.add('h9:6030');
  await harness.run(2);
  expect(stranger.lastAnswer?.kind).toBe('unknown');
  await harness.join('h2:6030', (dnode) => {
    dnode.dnodeId = 1;
    dnode.clusterId = 'another';
  });
  await harness.join('h3:6030', (dnode) => (dnode.version = '2.0.20.0'));
  await harness.fill('d', 2);
  const fourth = await harness.join('h4:6030');
  await harness.run(4);
  expect(fourth.replicas.size).toBeGreaterThan(0);
  fourth.isUp = false;
  const emptied = harness.cluster.add('h4:6030');
  await harness.run(4);
  expect(emptied.lastAnswer?.kind).toBe('refused');
  const reasons = (await harness.sql('show dnodes')).map((row) => row[7]);
  expect(reasons).toEqual(['', 'clusterId not match', 'version not match', 'dnodeId not match']);
});

test('three replicas: placed apart, masters spread, roles in show vgroups; 3 to 1 and back while serving', async () => {
  const harness = await ClusterHarness.open(5, oneTableEach);
  await harness.join('h2:6030');
  await harness.join('h3:6030');
  await harness.fill('d', 3, 'replica 3');
  await harness.run(4);
  const rows = await harness.sql('show vgroups', 'd');
  expect(rows.map((row) => row[3])).toEqual([3, 3, 3]);
  const masters = rows.map((row) => row[[5, 7, 9].find((i) => row[i] === 'master')! - 1]);
  expect(masters.sort()).toEqual([1, 2, 3]);
  const served = (): void => {
    for (const { master } of harness.cluster.vgroups.values()) expect(master).toBeDefined();
  };
  await harness.sql('alter database d replica 1');
  await harness.run(5, served);
  expect(Object.values(harness.copies()).reduce((a, b) => a + b)).toBe(3);
  await harness.sql('alter database d replica 3');
  await harness.run(6, served);
  expect(harness.copies()).toEqual({ 1: 3, 2: 3, 3: 3 });
});

test('a killed host shows offline; a create, an alter and a drop that it missed reach it when it is back', async () => {
  const harness = await ClusterHarness.open(6, oneTableEach);
  const second = await harness.join('h2:6030');
  await harness.join('h3:6030');
  await harness.fill('d', 1, 'replica 3');
  await harness.fill('e', 1, 'replica 3');
  await harness.run(2);
  second.isUp = false;
  await harness.run(5);
  const [vgroup] = await harness.sql('show vgroups', 'd');
  expect(vgroup![3]).toBe(2);
  expect(vgroup).toContain('offline');
  await harness.sql('alter database d fsync 7');
  for (const { vgId } of (await harness.mnode.database('e'))!.vgroups)
    harness.cluster.dropping.add(vgId);
  await harness.sql('drop database e');
  second.isUp = true;
  await harness.run(3);
  expect([...second.replicas.values()].map(({ config }) => config.options.fsync)).toEqual([7]);
});

test('1200 tables on three dnodes: 1000 and the rest, or 300 each, first replicas spread', async () => {
  const places = async (minTablesPerVnode: number): Promise<unknown[][]> => {
    const placement = { ...defaultMnodeConfig.placement, minTablesPerVnode };
    const harness = await ClusterHarness.open(10, { placement });
    await harness.join('h2:6030');
    await harness.join('h3:6030');
    await harness.sql('create database d');
    await harness.sql('create table s (ts timestamp, v int) tags (g int)', 'd');
    const tables = Array.from({ length: 1200 }, (_, i) => ({ name: `t${i}`, tags: [i] }));
    const session = { user: 'root', db: 'd', timezone: 'UTC' };
    await harness.mnode.ensureChildTables('d', 's', tables, session);
    return (await harness.sql('show vgroups', 'd')).map((row) => [row[1], row[4]]);
  };
  expect((await places(1000)).map(([tables]) => tables)).toEqual([1000, 200]);
  expect(await places(300)).toEqual([
    [300, 2],
    [300, 3],
    [300, 2],
    [300, 3],
  ]);
});

test('a dataDir that was copied to another host is refused', async () => {
  const harness = await ClusterHarness.open();
  const second = await harness.join('H2:6030');
  const copy = harness.cluster.add('h8:6030');
  copy.dnodeId = second.dnodeId;
  copy.clusterId = second.clusterId;
  await harness.report(copy);
  const answer = copy.lastAnswer;
  expect(answer?.kind === 'refused' ? answer.detail : '').toMatch(/dnode 2 is h2:6030 here/);
  expect((await harness.sql('show dnodes'))[1]![4]).toBe('ready');
});

test('what is shown of connections, queries and kill comes from who knows them', async () => {
  const harness = await ClusterHarness.open();
  expect(await harness.sql('show connections')).toEqual([]);
  expect((await harness.answer('kill connection 7')).code).toBe(782);
});

test('a copy that vanished comes back as one that learns, never as an empty voter', async () => {
  const harness = await ClusterHarness.open(11, oneTableEach);
  const second = await harness.join('h2:6030');
  await harness.join('h3:6030');
  await harness.fill('d', 1, 'replica 3');
  await harness.run(2);
  const [vgId] = [...second.replicas.keys()];
  second.replicas.delete(vgId!);
  await harness.run(4);
  expect(second.replicas.has(vgId!)).toBe(false);
  await harness.run(6);
  const vgroup = harness.cluster.vgroups.get(vgId!)!;
  expect(vgroup.members.voters).toEqual([1, 2, 3]);
  expect(second.replicas.get(vgId!)!.version).toBe(vgroup.committed);
});

test('a learner left by a request that came late is taken out, and its vnode dropped', async () => {
  const harness = await ClusterHarness.open(12, oneTableEach);
  await harness.join('h2:6030');
  await harness.join('h3:6030');
  await harness.fill('d', 1, 'replica 2');
  await harness.run(2);
  const [vgId, vgroup] = [...harness.cluster.vgroups][0]!;
  const outsider = harness.cluster.dnodes.find(({ replicas }) => !replicas.has(vgId))!;
  await harness.cluster.changeMembers(vgroup.master!, vgId, {
    kind: 'addLearner',
    dnodeId: outsider.dnodeId,
  });
  expect(vgroup.members.learners).toHaveLength(1);
  await harness.run(3);
  expect(vgroup.members.learners).toEqual([]);
  expect(vgroup.members.voters).toHaveLength(2);
});

test('moves by hand, where the balance is off', async () => {
  const cluster = { ...defaultParameters, balance: 0 };
  const harness = await ClusterHarness.open(7, { ...oneTableEach, cluster });
  await harness.fill('d', 2);
  await harness.join('h2:6030');
  expect(harness.copies()).toEqual({ 1: 2, 2: 0 });
  const codes: [string, number][] = [
    ['alter dnode 1 balance "vnode:9-dnode:2"', 818],
    ['alter dnode 1 balance "vnode:2-dnode:9"', 817],
    ['alter dnode 2 balance "vnode:2-dnode:1"', 824],
    ['alter dnode 1 balance "vnode:2-dnode:1"', 825],
    ['alter dnode 1 balance "2-2"', 512],
  ];
  for (const [sql, code] of codes)
    expect([sql, (await harness.answer(sql)).code]).toEqual([sql, code]);
  await harness.sql('alter dnode 1 balance "vnode:2-dnode:2"');
  await harness.run(3);
  expect(harness.copies()).toEqual({ 1: 1, 2: 1 });
  expect(await harness.sql('show vnodes 2')).toEqual([[2, 'master']]);
});

test('a move by hand is not given up by a new master that has not heard its target yet', async () => {
  const cluster = { ...defaultParameters, balance: 0 };
  const harness = await ClusterHarness.open(9, { ...oneTableEach, cluster });
  await harness.fill('d', 2);
  const second = await harness.join('h2:6030');
  await harness.sql('alter dnode 1 balance "vnode:2-dnode:2"');
  await harness.restartMnode();
  second.isUp = false;
  await harness.run(1.5);
  second.isUp = true;
  await harness.run(3);
  expect(harness.copies()).toEqual({ 1: 1, 2: 1 });
});

test('a new master waits for a dnode as long as an old one, then says that it is silent', async () => {
  const harness = await ClusterHarness.open();
  const second = await harness.join('h2:6030');
  second.isUp = false;
  await harness.restartMnode();
  const reason = async (): Promise<unknown> => (await harness.sql('show dnodes'))[1]![7];
  await harness.run(1);
  expect(await reason()).toBe('status reset by mnode');
  await harness.run(4);
  expect(await reason()).toBe('status msg timeout');
});

test('a dnode away for offlineThreshold is dropped; its vgroups go on elsewhere', async () => {
  const cluster = { ...defaultParameters, offlineThreshold: 20 };
  const harness = await ClusterHarness.open(8, { ...oneTableEach, cluster });
  const second = await harness.join('h2:6030');
  await harness.join('h3:6030');
  await harness.join('h4:6030');
  await harness.fill('d', 4, 'replica 3');
  await harness.run(3);
  second.isUp = false;
  await harness.run(30);
  expect(await harness.vnodes()).toEqual({ 1: 4, 3: 4, 4: 4 });
});
