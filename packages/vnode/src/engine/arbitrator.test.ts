/**
 * Two replicas and the arbitrator: when it takes part, whom it helps, and what is handed over before a planned end. Three
 * engines in one thread, a clock and a network of the test's own.
 */
import { ErrorCode, type DbOptions, type VgId } from '@tdnode/common';
import type { VnodeConfig } from '@tdnode/rpc';
import { ARBITRATOR } from '@tdnode/sync';
import { expect, test } from 'vitest';
import { TestCluster, type TestNode } from '../../test/test-cluster.ts';
import { createMeters, metersConfig, submitMeters } from '../fixtures/meters.ts';

const two = 2 as VgId;
/** Long enough for elections that can be won, and for a strike. */
const LONG_MS = 5000;

function config(ids: readonly number[], changed: Partial<DbOptions>): VnodeConfig {
  const replicas = ids.map((dnodeId) => ({ dnodeId, endPoint: `h${dnodeId}:6030` }));
  return { ...metersConfig({ replica: ids.length as 2, ...changed }), replicas };
}

/** A vgroup on dnodes 1 and 2, or more, with one table. */
async function group(
  cluster: TestCluster,
  quorum: 1 | 2,
  ids: readonly number[] = [1, 2],
): Promise<{ master: TestNode; other: TestNode }> {
  for (const id of ids) {
    const node = await cluster.start(id);
    await cluster.wait(node.client.create(config(ids, { quorum })));
  }
  const master = await cluster.master(two);
  await cluster.wait(master.client.write(two, 'change', createMeters([7])));
  await cluster.advance(1000);
  return { master, other: cluster.node(master.id === 1 ? 2 : 1) };
}

async function withArbitrator(
  quorum: 1 | 2,
): Promise<{ cluster: TestCluster; master: TestNode; other: TestNode }> {
  const cluster = new TestCluster();
  cluster.hasArbitrator = true;
  cluster.startArbitrator();
  return { cluster, ...(await group(cluster, quorum)) };
}

let at = 0;

async function write(cluster: TestCluster, node: TestNode, value: number): Promise<void> {
  const rows = [{ uid: 7, rows: [[cluster.clock.now() - 1e6 + at++, value] as const] }];
  await cluster.wait(node.client.write(two, 'submit', submitMeters(rows)));
}

async function roleOf(cluster: TestCluster, node: TestNode): Promise<string | undefined> {
  return (await cluster.wait(node.client.stats(two))).replication?.role;
}

test('quorum 1: whoever is left leads and takes writes, which the other gets when it is back', async () => {
  const { cluster, master, other } = await withArbitrator(1);
  await write(cluster, master, 1);
  await cluster.advance(300);
  cluster.kill(master.id);
  await cluster.advance(1000);
  expect(await roleOf(cluster, other)).toBe('master');
  await write(cluster, other, 2);
  const back = await cluster.start(master.id);
  await cluster.advance(LONG_MS);
  expect(await roleOf(cluster, back)).toBe('slave');
  const { version } = await cluster.wait(other.client.stats(two));
  expect(await cluster.values(back, two, version)).toEqual([1, 2]);
});

test('quorum 2: whoever is left answers reads and refuses writes with a code', async () => {
  const { cluster, master, other } = await withArbitrator(2);
  await write(cluster, master, 1);
  cluster.kill(master.id);
  await cluster.advance(1000);
  expect(await cluster.values(other, two)).toEqual([1]);
  await expect(write(cluster, other, 2)).rejects.toMatchObject({ code: ErrorCode.VND_NOT_SYNCED });
  await cluster.start(master.id);
  await cluster.advance(LONG_MS);
  await write(cluster, other, 3);
  expect(await cluster.values(other, two)).toEqual([1, 3]);
});

test('a replica that missed writes does not lead when it is alone with the arbitrator', async () => {
  const { cluster, master, other } = await withArbitrator(1);
  cluster.kill(other.id);
  await cluster.advance(1000);
  await write(cluster, master, 1);
  cluster.kill(master.id);
  const behind = await cluster.start(other.id);
  await cluster.advance(LONG_MS);
  expect(await roleOf(cluster, behind)).toBe('unsynced');
  const back = await cluster.start(master.id);
  await cluster.advance(LONG_MS);
  expect(await cluster.values(back, two)).toEqual([1]);
  expect(await roleOf(cluster, behind)).toBe('slave');
});

test('a master that is cut off stops, the other leads: never both', async () => {
  const { cluster, master, other } = await withArbitrator(1);
  cluster.cut(master.id, other.id);
  cluster.cut(master.id, ARBITRATOR);
  for (let passed = 0; passed < LONG_MS; passed += 50) {
    await cluster.advance(50);
    const roles = [await roleOf(cluster, master), await roleOf(cluster, other)];
    const terms = await Promise.all(
      [master, other].map(
        async ({ client }) => (await cluster.wait(client.stats(two))).replication?.term,
      ),
    );
    if (roles.every((role) => role === 'master')) expect(terms[0]).not.toBe(terms[1]);
  }
  expect(await roleOf(cluster, master)).toBe('unsynced');
  await write(cluster, other, 2);
  cluster.heal();
  await cluster.advance(LONG_MS);
  const { version } = await cluster.wait(other.client.stats(two));
  expect(await cluster.values(master, two, version)).toEqual([2]);
});

test('without the arbitrator nobody takes over; when it is back, with its votes, one does', async () => {
  const { cluster, master, other } = await withArbitrator(1);
  cluster.kill(ARBITRATOR);
  await cluster.advance(LONG_MS);
  await write(cluster, master, 1);
  await cluster.advance(300);
  cluster.kill(master.id);
  await cluster.advance(LONG_MS);
  expect(await roleOf(cluster, other)).toBe('unsynced');
  cluster.startArbitrator();
  await cluster.advance(LONG_MS);
  expect(await cluster.values(other, two)).toEqual([1]);
});

test('a group gets the arbitrator when its dnodes are told of one, and loses it when they are not any more', async () => {
  const cluster = new TestCluster();
  await group(cluster, 1);
  for (const hasArbitrator of [true, false]) {
    // For good: whoever takes no part any more is not asked, and is not there.
    if (hasArbitrator) cluster.startArbitrator();
    else cluster.kill(ARBITRATOR);
    cluster.hasArbitrator = hasArbitrator;
    for (const id of [1, 2]) {
      cluster.kill(id);
      await cluster.start(id);
    }
    const master = await cluster.master(two);
    await cluster.advance(LONG_MS);
    await write(cluster, master, 1);
    await cluster.advance(300);
    if (!hasArbitrator) cluster.startArbitrator();
    cluster.kill(master.id);
    await cluster.advance(LONG_MS);
    const left = cluster.node(master.id === 1 ? 2 : 1);
    expect(await roleOf(cluster, left)).toBe(hasArbitrator ? 'master' : 'unsynced');
  }
});

test('a replica moves: a third one comes, another goes, and the arbitrator knows the two that stay', async () => {
  const { cluster, master, other } = await withArbitrator(1);
  await write(cluster, master, 1);
  const third = await cluster.start(3);
  await cluster.wait(third.client.create(config([1, 2, 3], { quorum: 1 }), 'learner'));
  await cluster.wait(master.client.changeMembers(two, { kind: 'addLearner', dnodeId: 3 }));
  await cluster.advance(LONG_MS);
  await cluster.wait(master.client.changeMembers(two, { kind: 'remove', dnodeId: other.id }));
  await cluster.wait(other.client.drop(two));
  await write(cluster, master, 2);
  await cluster.advance(1000);
  cluster.kill(master.id);
  await cluster.advance(1000);
  expect(await roleOf(cluster, third)).toBe('master');
  await write(cluster, third, 3);
  expect(await cluster.values(third, two)).toEqual([1, 2, 3]);
});

for (const ids of [
  [1, 2],
  [1, 2, 3],
])
  test(`${ids.length} replicas: who stops hands over, and nobody waits for an election`, async () => {
    const cluster = new TestCluster();
    cluster.hasArbitrator = true;
    cluster.startArbitrator();
    const { master } = await group(cluster, 1, ids);
    await write(cluster, master, 1);
    const begin = cluster.clock.monotonic();
    await cluster.wait(master.client.handOver());
    expect(cluster.clock.monotonic() - begin).toBeLessThan(100);
    cluster.kill(master.id);
    const next = await cluster.master(two);
    expect(next.id).not.toBe(master.id);
    await write(cluster, next, 2);
    expect(cluster.clock.monotonic() - begin).toBeLessThan(500);
    expect(await cluster.values(next, two)).toEqual([1, 2]);
  });

test('a handover to nobody is over at once, one that nobody takes after a second', async () => {
  const { cluster, master, other } = await withArbitrator(1);
  await cluster.wait(other.client.handOver(), 0);
  cluster.cut(master.id, other.id);
  const begin = cluster.clock.monotonic();
  await cluster.wait(master.client.handOver());
  expect(cluster.clock.monotonic() - begin).toBeLessThanOrEqual(1200);
  cluster.heal();
  await cluster.advance(LONG_MS);
  await write(cluster, await cluster.master(two), 1);
});
