/**
 * Aim: moves come to their end whatever happens on the way, and nothing is lost meanwhile. Method: fake dnodes in virtual
 * time; commands get lost, dnodes and the mnode are killed and come back, by seed. The fakes throw where a
 * write would be lost, an empty copy would vote, or a member would lose its vnode.
 */
import { seededRandom } from '@tdnode/common';
import { expect, test } from 'vitest';
import { defaultMnodeConfig } from '../config.ts';
import { ClusterHarness } from '../testing/cluster-harness.ts';

const oneTableEach = {
  placement: {
    ...defaultMnodeConfig.placement,
    minTablesPerVnode: 1,
    tableIncStepPerVnode: 1,
    maxVgroupsPerDb: 64,
  },
};

/** Kills and starts hosts by luck, at most one at a time, and the mnode's process now and then. */
async function disturb(harness: ClusterHarness, seconds: number, seed: number): Promise<void> {
  const random = seededRandom(seed);
  let down = 0;
  await harness.run(seconds, async () => {
    const { dnodes } = harness.cluster;
    const luck = random.next();
    if (down > 0 && --down === 0)
      for (const dnode of dnodes) dnode.isUp = dnode.isUp || !dnode.hasExited;
    else if (down === 0 && luck < 0.02) {
      dnodes[1 + Math.floor(random.next() * (dnodes.length - 1))]!.isUp = false;
      down = 1 + Math.floor(random.next() * 60);
    } else if (luck > 0.985) await harness.restartMnode();
  });
  for (const dnode of dnodes(harness)) if (!dnode.hasExited) dnode.isUp = true;
}

const dnodes = (harness: ClusterHarness): ClusterHarness['cluster']['dnodes'] =>
  harness.cluster.dnodes;

/** What is there is what the records say, every replica has everything, and nothing moves any more. */
async function expectSettled(harness: ClusterHarness, replica: number): Promise<void> {
  const { vgroups = [] } = (await harness.mnode.database('d')) ?? {};
  for (const { vgId, replicas } of vgroups) {
    const vgroup = harness.cluster.vgroups.get(vgId)!;
    expect(vgroup.members.voters.toSorted()).toEqual([...replicas].sort());
    expect(vgroup.members.learners).toEqual([]);
    expect(replicas).toHaveLength(replica);
    const holders = dnodes(harness).filter((one) => !one.hasExited && one.replicas.has(vgId));
    expect(holders.map(({ dnodeId }) => dnodeId).sort()).toEqual([...replicas].sort());
    for (const holder of holders) expect(holder.replicas.get(vgId)!.version).toBe(vgroup.committed);
  }
  const before = harness.copies();
  await harness.run(5);
  expect(harness.copies()).toEqual(before);
}

test.each(Array.from({ length: 12 }, (_, i) => i + 1))(
  'seed %i: a host joins, one is dropped, replicas change, under losses, kills and restarts',
  async (seed) => {
    const harness = await ClusterHarness.open(seed, oneTableEach);
    await harness.join('h2:6030');
    await harness.join('h3:6030');
    await harness.join('h4:6030');
    await harness.fill('d', 5, 'replica 3');
    await harness.run(2);
    harness.cluster.lossRate = 0.3;
    await disturb(harness, 15, seed);
    await harness.run(4);
    await harness.join('h5:6030');
    await disturb(harness, 20, seed + 100);
    await harness.run(4);
    await harness.sql('drop dnode 3');
    await disturb(harness, 20, seed + 200);
    harness.cluster.lossRate = 0;
    await harness.run(20);
    expect(Object.keys(await harness.vnodes())).toEqual(['1', '2', '4', '5']);
    await expectSettled(harness, 3);
    await harness.sql('alter database d replica 1');
    harness.cluster.lossRate = 0.3;
    await disturb(harness, 15, seed + 300);
    harness.cluster.lossRate = 0;
    await harness.run(20);
    await expectSettled(harness, 1);
  },
);
