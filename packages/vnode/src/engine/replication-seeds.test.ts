/**
 * Random schedules over three replicas at walLevel 2, fsync 0: writes, deletes, commits, kills, power cuts, cut cables,
 * lost frames. When the faults have stopped all replicas show the same rows, each once, and their logs are one; at quorum
 * 2 everything that was acknowledged is among them, but for what deletes may have met, and what they surely met is not. `VNODE_SEEDS=200 VNODE_FIRST_SEED=1` runs more of them.
 */
import { env } from 'node:process';
import { crc32 } from 'node:zlib';
import { seededRandom, silentLogger, type Random, type VgId } from '@tdnode/common';
import { encodeChanges } from '@tdnode/rpc';
import { visitSound } from '@tdnode/wal';
import { expect, test } from 'vitest';
import { TestCluster, type TestNode } from '../../test/test-cluster.ts';
import { createMeters, metersConfig, submitMeters } from '../fixtures/meters.ts';

const two = 2 as VgId;
const IDS = [1, 2, 3];
const ROUNDS = 60;
const BEGIN = 1_600_000_000_000 - 1e6;

/** What clients know. */
interface Ledger {
  readonly sent: Set<number>;
  readonly acknowledged: Set<number>;
  /** Acknowledged before a delete of theirs was sent, which was acknowledged too. */
  readonly gone: Set<number>;
  /** What deletes were sent for: it may be there or not. */
  readonly risked: Set<number>;
  value: number;
}

async function begin(quorum: number): Promise<TestCluster> {
  const cluster = new TestCluster(silentLogger, 4096);
  const replicas = IDS.map((dnodeId) => ({ dnodeId, endPoint: `h${dnodeId}:6030` }));
  const config = { ...metersConfig({ replica: 3, quorum, walLevel: 2, fsync: 0 }), replicas };
  for (const id of IDS) await cluster.wait((await cluster.start(id)).client.create(config));
  const master = await cluster.master(two);
  await cluster.wait(master.client.write(two, 'change', createMeters([7])));
  return cluster;
}

/** A burst of writes at one dnode, master or not; their answers come or do not. */
function write(node: TestNode, ledger: Ledger, random: Random): void {
  const count = 1 + Math.floor(random.next() * 5);
  for (let i = 0; i < count; i++) {
    const value = ledger.value++;
    ledger.sent.add(value);
    // Value and time belong together: a second copy would show as nothing, a lost one as missing.
    const rows = [[BEGIN + value, value]] as const;
    node.client.write(two, 'submit', submitMeters([{ uid: 7, rows }])).then(
      () => ledger.acknowledged.add(value),
      () => undefined,
    );
  }
}

/** A delete of a stretch of what was written so far; a value is written once only, and does not come back. */
function remove(node: TestNode, ledger: Ledger, random: Random): void {
  const from = Math.floor(random.next() * ledger.value);
  const to = from + Math.floor(random.next() * 6);
  const met: number[] = [];
  for (let value = from; value <= to; value++) {
    if (ledger.acknowledged.has(value)) met.push(value);
    if (ledger.sent.has(value)) ledger.risked.add(value);
  }
  const range = { from: BEGIN + from, to: BEGIN + to };
  const payload = encodeChanges([{ kind: 'deleteRows', uid: 7, isStable: false, ...range }]);
  node.client.write(two, 'change', payload).then(
    () => met.forEach((value) => ledger.gone.add(value)),
    () => undefined,
  );
}

async function disturb(cluster: TestCluster, ledger: Ledger, random: Random): Promise<void> {
  const node = cluster.node(1 + Math.floor(random.next() * IDS.length));
  const other = cluster.node(1 + Math.floor(random.next() * IDS.length));
  const luck = random.next();
  if (node.life.isOver) {
    if (luck < 0.5) await cluster.start(node.id);
  } else if (luck < 0.5) {
    write(node, ledger, random);
  } else if (luck < 0.6) {
    remove(node, ledger, random);
  } else if (luck < 0.75) {
    node.client.flush(two).catch(() => undefined);
  } else if (luck < 0.8) {
    cluster.kill(node.id);
  } else if (luck < 0.85) {
    cluster.cutPower(node.id, random);
  } else if (luck < 0.9) {
    if (node !== other) cluster.cut(node.id, other.id);
  } else {
    cluster.heal();
  }
  await cluster.advance(10 * Math.floor(random.next() ** 3 * 200));
}

function logOf({ fs }: TestNode): Map<number, string> {
  const records = new Map<number, string>();
  visitSound(fs, '/data/vnode/vnode2/wal', ({ version, term, type, payload }) => {
    records.set(version, `${term} ${type} ${payload.length} ${crc32(payload)}`);
  });
  return records;
}

async function check(cluster: TestCluster, ledger: Ledger, quorum: number): Promise<void> {
  cluster.heal();
  cluster.loses = () => false;
  for (const id of IDS) if (cluster.node(id).life.isOver) await cluster.start(id);
  await cluster.advance(6000);
  const master = await cluster.master(two);
  const { version } = await cluster.wait(master.client.stats(two));
  const logs = [];
  const shown = await cluster.values(master, two);
  for (const id of IDS) {
    const node = cluster.node(id);
    const values = await cluster.values(node, two, version);
    expect(values).toEqual(shown);
    expect(new Set(values).size).toBe(values.length);
    if (quorum > 1) {
      for (const value of ledger.acknowledged)
        if (!ledger.risked.has(value)) expect(values).toContain(value);
      for (const value of ledger.gone) expect(values).not.toContain(value);
    }
    for (const value of values) expect(ledger.sent).toContain(value);
    logs.push(logOf(node));
  }
  for (const [at, record] of logs[0]!)
    for (const log of logs) if (log.has(at)) expect(log.get(at), `version ${at}`).toBe(record);
}

const first = Number(env['VNODE_FIRST_SEED'] ?? 1);
const seeds = Number(env['VNODE_SEEDS'] ?? 20);

for (const quorum of [1, 2]) {
  test(`quorum ${quorum}, ${seeds} seeds from ${first}: nothing is lost that was promised, all become equal`, async () => {
    let acknowledged = 0;
    let gone = 0;
    for (let seed = first; seed < first + seeds; seed++) {
      const random = seededRandom(seed);
      const cluster = await begin(quorum);
      cluster.loses = () => random.next() < 0.02;
      const ledger: Ledger = {
        sent: new Set(),
        acknowledged: new Set(),
        gone: new Set(),
        risked: new Set(),
        value: 0,
      };
      try {
        for (let round = 0; round < ROUNDS; round++) await disturb(cluster, ledger, random);
        await check(cluster, ledger, quorum);
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
      acknowledged += ledger.acknowledged.size;
      gone += ledger.gone.size;
    }
    expect(acknowledged).toBeGreaterThan(seeds * 3);
    expect(gone).toBeGreaterThan(seeds / 4);
  });
}
