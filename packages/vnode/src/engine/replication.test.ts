/** Vnodes with replicas: three engines in one thread, a clock and a network of the test's own. */
import { ErrorCode, type DbOptions, type VgId } from '@tdnode/common';
import { RedirectError, encodeChanges, type VnodeConfig } from '@tdnode/rpc';
import { visitSound } from '@tdnode/wal';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { TestCluster, type TestNode } from '../../test/test-cluster.ts';
import { createMeters, metersConfig, submitMeters } from '../fixtures/meters.ts';

const two = 2 as VgId;

function config(ids: readonly number[], changed: Partial<DbOptions> = {}): VnodeConfig {
  const replicas = ids.map((dnodeId) => ({ dnodeId, endPoint: `h${dnodeId}:6030` }));
  return { ...metersConfig({ replica: ids.length as 3, ...changed }), replicas };
}

async function group(
  ids: readonly number[],
  changed: Partial<DbOptions> = {},
): Promise<TestCluster> {
  const cluster = new TestCluster();
  for (const id of ids) {
    const node = await cluster.start(id);
    await cluster.wait(node.client.create(config(ids, changed)));
  }
  return cluster;
}

let at = 0;

function row(cluster: TestCluster, value: number): Uint8Array {
  return submitMeters([{ uid: 7, rows: [[cluster.clock.now() - 1e6 + at++, value]] }]);
}

function write(cluster: TestCluster, node: TestNode, value: number): Promise<{ version: number }> {
  return cluster.wait(node.client.write(two, 'submit', row(cluster, value)));
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

/** The one master, asked to make the table. */
async function withTable(cluster: TestCluster): Promise<TestNode> {
  const master = await cluster.master(two);
  await cluster.wait(master.client.write(two, 'change', createMeters([7])));
  return master;
}

/** Everything in a replica's log but what it notes of its own disk. */
async function logOf(cluster: TestCluster, { fs }: TestNode): Promise<string[]> {
  await cluster.advance(500);
  const records: string[] = [];
  visitSound(fs, '/data/vnode/vnode2/wal', ({ version, term, type, payload }) => {
    records.push(`${version} ${term} ${type} ${payload.length} ${crc32(payload)}`);
  });
  return records;
}

for (const quorum of [1, 2] as const) {
  test(`quorum ${quorum}: a killed master's successor has every acknowledged write, and it comes back as a slave`, async () => {
    const cluster = await group([1, 2, 3], { quorum });
    const first = await withTable(cluster);
    for (const value of range(0, 20)) await write(cluster, first, value);
    if (quorum === 1) await cluster.advance(300);
    cluster.kill(first.id);
    const second = await cluster.master(two, 3000);
    expect(second.id).not.toBe(first.id);
    expect(await cluster.values(second, two)).toEqual(range(0, 20));
    for (const value of range(20, 30)) await write(cluster, second, value);
    const back = await cluster.start(first.id);
    await cluster.advance(1000);
    expect((await cluster.wait(back.client.stats(two))).replication).toMatchObject({
      role: 'slave',
    });
    expect(await cluster.values(back, two, 1)).toEqual(range(0, 30));
    const log = await logOf(cluster, second);
    expect(log.length).toBeGreaterThan(30);
    for (const id of [1, 2, 3]) expect(await logOf(cluster, cluster.node(id))).toEqual(log);
  });
}

test('the first replica of a new vgroup is its master, and nobody waits for an election', async () => {
  for (const ids of [
    [1, 2, 3],
    [3, 1, 2],
  ]) {
    const cluster = new TestCluster();
    for (const id of ids) await cluster.start(id);
    const begin = cluster.clock.monotonic();
    for (const id of ids) await cluster.wait(cluster.node(id).client.create(config(ids)));
    const master = await cluster.master(two);
    expect(master.id).toBe(ids[0]);
    expect(cluster.clock.monotonic() - begin).toBeLessThan(500);
  }
});

test('writes of a master that was cut off are undone when it is back: quorum 1 answered them, quorum 2 did not', async () => {
  for (const quorum of [1, 2] as const) {
    const cluster = await group([1, 2, 3], { quorum });
    const first = await withTable(cluster);
    await write(cluster, first, 1);
    await cluster.advance(300);
    for (const id of [1, 2, 3]) if (id !== first.id) cluster.cut(first.id, id);
    const alone = first.client.write(two, 'submit', row(cluster, 2));
    const answer = await cluster.wait(alone).then(
      () => 'acknowledged',
      () => 'refused',
    );
    expect(answer).toBe(quorum === 1 ? 'acknowledged' : 'refused');
    await cluster.advance(4000);
    const second = await (async () => {
      for (const node of cluster.nodes.values()) {
        if (node.id === first.id) continue;
        const { replication } = await cluster.wait(node.client.stats(two));
        if (replication?.role === 'master') return node;
      }
      throw new Error('no second master');
    })();
    await write(cluster, second, 3);
    cluster.heal();
    await cluster.advance(2000);
    expect(await cluster.values(first, two, 1)).toEqual([1, 3]);
    expect(await cluster.values(second, two)).toEqual([1, 3]);
  }
});

test('a delete of a master that was cut off is undone when it is back, with its rows in files', async () => {
  const cluster = await group([1, 2, 3], { quorum: 1 });
  const first = await withTable(cluster);
  for (const value of range(0, 10)) await write(cluster, first, value);
  await cluster.advance(300);
  await cluster.wait(first.client.flush(two));
  const removal = (from: number, to: number): Uint8Array =>
    encodeChanges([{ kind: 'deleteRows', uid: 7, isStable: false, from, to }]);
  const times = cluster.clock.now() - 1e6;
  for (const id of [1, 2, 3]) if (id !== first.id) cluster.cut(first.id, id);
  await cluster.wait(first.client.write(two, 'change', removal(0, times + 1e6)));
  expect(await cluster.values(first, two)).toEqual([]);
  void first.client.flush(two).catch(() => undefined); // must not reach files
  await cluster.advance(4000);
  const others = [1, 2, 3].filter((id) => id !== first.id).map((id) => cluster.node(id));
  const stats = await Promise.all(others.map(({ client }) => cluster.wait(client.stats(two))));
  const second = others[stats.findIndex(({ replication }) => replication?.role === 'master')]!;
  await write(cluster, second, 10);
  cluster.heal();
  await cluster.advance(2000);
  for (const id of [1, 2, 3])
    expect(await cluster.values(cluster.node(id), two, 1)).toEqual(range(0, 11));
  // One that is agreed upon hides rows in files everywhere, and after a restart too.
  await cluster.wait(second.client.write(two, 'change', removal(0, times + 1e6)));
  await cluster.advance(500);
  cluster.kill(first.id);
  await cluster.start(first.id);
  await cluster.advance(1000);
  for (const id of [1, 2, 3]) expect(await cluster.values(cluster.node(id), two, 1)).toEqual([]);
});

test('a slave redirects writes and reads to its master, and answers reads that name a version it has', async () => {
  const cluster = await group([1, 2, 3], { quorum: 2 });
  const master = await withTable(cluster);
  const { version } = await write(cluster, master, 5);
  await cluster.advance(300);
  const slave = cluster.node(master.id === 1 ? 2 : 1);
  const refused = await write(cluster, slave, 6).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(RedirectError);
  expect((refused as RedirectError).where).toEqual([`h${master.id}:6030`]);
  await expect(cluster.values(slave, two)).rejects.toBeInstanceOf(RedirectError);
  expect(await cluster.values(slave, two, version)).toEqual([5]);
  await expect(cluster.values(slave, two, version + 1)).rejects.toBeInstanceOf(RedirectError);
  const waiting = cluster.values(slave, two, version + 1);
  await write(cluster, master, 6);
  expect(await waiting).toEqual([5, 6]);
});

test('a slave that was away for longer than the log goes back gets files', async () => {
  const cluster = await group([1, 2, 3], { quorum: 2 });
  const master = await withTable(cluster);
  await write(cluster, master, 0);
  const away = master.id === 1 ? 2 : 1;
  cluster.kill(away);
  await cluster.advance(2000);
  for (const value of range(1, 50)) await write(cluster, master, value);
  // Segments that are in files go, as nobody who is online needs them: so often that one is closed.
  const big = submitMeters([
    { uid: 7, rows: range(0, 200_000).map((i) => [cluster.clock.now() - 5e6 + i, 1000] as const) },
  ]);
  for (let i = 0; i < 20; i++) {
    await cluster.wait(master.client.write(two, 'submit', big));
    await cluster.advance(100);
    await cluster.wait(master.client.flush(two));
  }
  const firstName = master.fs.list('/data/vnode/vnode2/wal')[0]!;
  expect(Number(firstName.slice(0, -4))).toBeGreaterThan(3);
  const back = await cluster.start(away);
  await cluster.advance(5000);
  // Its log begins where the files end: it never got what lies before.
  const backFirst = back.fs.list('/data/vnode/vnode2/wal')[0]!;
  expect(Number(backFirst.slice(0, -4))).toBeGreaterThan(3);
  const expected = await cluster.values(master, two);
  const { version } = await cluster.wait(master.client.stats(two));
  expect(await cluster.values(back, two, version)).toEqual(expected);
  await write(cluster, master, 51);
  await cluster.advance(300);
  const again = await cluster.wait(back.client.stats(two));
  expect(again.replication).toMatchObject({ role: 'slave', commit: version + 1 });
  cluster.kill(away);
  const reopened = await cluster.start(away);
  await cluster.advance(1000);
  expect(await cluster.values(reopened, two, version + 1)).toEqual(
    await cluster.values(master, two),
  );
});

test('one replica becomes three and one again, another one, while writes go on', async () => {
  const cluster = await group([1]);
  const source = cluster.node(1);
  await cluster.wait(source.client.write(two, 'change', createMeters([7])));
  let value = 0;
  const writeSome = async (node: TestNode): Promise<void> => {
    for (let i = 0; i < 5; i++) await write(cluster, node, value++);
  };
  await writeSome(source);
  for (const id of [2, 3]) {
    const node = await cluster.start(id);
    await cluster.wait(node.client.create(config([1, 2, 3].slice(0, id)), 'learner'));
    await cluster.wait(source.client.changeMembers(two, { kind: 'addLearner', dnodeId: id }));
    await writeSome(source);
    await cluster.advance(2000);
  }
  for (const { client } of cluster.nodes.values())
    await cluster.wait(client.alter(config([1, 2, 3], { quorum: 2 })));
  const { replication } = await cluster.wait(source.client.stats(two));
  expect(replication).toMatchObject({
    role: 'master',
    members: { voters: [1, 2, 3], learners: [] },
  });
  await writeSome(source);
  await cluster.wait(source.client.changeMembers(two, { kind: 'transfer', dnodeId: 3 }));
  await cluster.advance(500);
  const next = await cluster.master(two);
  expect(next.id).toBe(3);
  for (const id of [1, 2]) {
    await writeSome(next);
    await cluster.wait(next.client.changeMembers(two, { kind: 'remove', dnodeId: id }));
    await cluster.wait(cluster.node(id).client.drop(two));
    await cluster.wait(next.client.alter(config([3], { quorum: 1 })));
  }
  await writeSome(next);
  expect(await cluster.values(next, two)).toEqual(range(0, value));
  cluster.kill(3);
  const last = await cluster.start(3);
  await cluster.advance(500);
  expect(await cluster.values(last, two)).toEqual(range(0, value));
});

test('an engine that does not know its dnode keeps vnodes with replicas closed until it is told', async () => {
  const cluster = await group([1, 2, 3], { quorum: 2 });
  const master = await withTable(cluster);
  await write(cluster, master, 1);
  await cluster.advance(300);
  cluster.kill(1);
  const node = await cluster.start(1, false);
  expect(node.client.opened).toMatchObject([
    { vgId: 2, error: { code: ErrorCode.VND_NOT_SYNCED } },
  ]);
  const three = { ...config([1]), vgId: 3 as VgId };
  await cluster.wait(node.client.create(three));
  await cluster.wait(node.client.write(three.vgId, 'change', createMeters([8])));
  node.client.identify(1);
  await cluster.advance(3000);
  const { version } = await cluster.wait((await cluster.master(two)).client.stats(two));
  expect(await cluster.values(node, two, version)).toEqual([1]);
  await cluster.wait(node.client.changeMembers(three.vgId, { kind: 'addLearner', dnodeId: 2 }));
  const { replication } = await cluster.wait(node.client.stats(three.vgId));
  expect(replication).toMatchObject({ role: 'master', members: { voters: [1], learners: [2] } });
});
