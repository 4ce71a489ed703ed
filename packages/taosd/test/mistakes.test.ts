/**
 * Everybody's first mistakes with a second host. Aim: the log of the dnode on which something is wrong says in one
 * sentence, with the names in it, what is wrong and what to do; where the cluster knows, so does its log.
 * Method: each mistake is made with real processes, on loopback or, for names, on hosts of their own.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { systemClock } from '@tdnode/common';
import { Authenticator, RpcClient, deriveClusterKeys, ping } from '@tdnode/rpc';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestCluster, endPoint, sql, until } from './cluster-harness.ts';
import { skipUnless } from './harness.ts';
import { Lab, hasLab } from './lab.ts';

const MUST_RUN = process.env['TDNODE_SKIP_NOTHING'] === '1';
const REST_OFFSET = 11;
const TRANSPORT_OFFSET = 10;

let cluster = new TestCluster();
let lab: Lab | undefined;
beforeEach(() => {
  cluster = new TestCluster();
});
afterEach(async () => {
  await cluster.dispose();
  await lab?.dispose();
  lab = undefined;
});

/** Keeps a port from whoever wants it. */
function squat(port: number): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(port, () => resolve(server));
  });
}

test('firstEp where nothing listens', async () => {
  const lost = await cluster.add();
  lost.change({ firstEp: `localhost:${lost.port + 1}` });
  lost.launch();
  const sentence = `localhost:${lost.port + 1} does not answer (ECONNREFUSED): nothing listens on that port`;
  await until(async () => lost.logTail().includes(sentence));
  expect((await lost.sql('show databases')).code).toBe(828);
});

test('firstEp with the port of REST instead of serverPort', async () => {
  const { port } = await cluster.join();
  const lost = await cluster.add({ firstEp: `localhost:${port + REST_OFFSET}` });
  lost.launch();
  const sentence = `the answer of localhost:${port + REST_OFFSET} is not signed with this cluster's secret: it is another program`;
  await until(async () => lost.logTail().includes(sentence));
});

test('an fqdn spelled otherwise than in create dnode', async () => {
  await cluster.join();
  const lost = await cluster.add({ fqdn: '127.0.0.1' });
  await sql(cluster.first, `create dnode '${endPoint(lost)}'`);
  lost.launch();
  const sentence = `nobody created dnode '127.0.0.1:${lost.port}' in this cluster`;
  await until(async () => lost.logTail().includes(sentence));
  await until(async () => cluster.first.logTail().includes(sentence));
  const known = `${endPoint(lost)} leads to a dnode that calls itself 127.0.0.1:${lost.port}`;
  await until(async () => cluster.first.logTail().includes(known));
});

test('a dnode that was created and not started', async () => {
  await cluster.join();
  const absent = await cluster.add();
  await sql(cluster.first, `create dnode '${endPoint(absent)}'`);
  const sentence = `${endPoint(absent)} does not report: ${endPoint(absent)} does not answer (ECONNREFUSED)`;
  await until(async () => cluster.first.logTail().includes(sentence));
  expect((await cluster.stateOf(absent))?.reason).toBe('status not received');
});

test.each([
  { offset: 0, purpose: 'dnodes and shells' },
  { offset: REST_OFFSET, purpose: 'REST' },
])('serverPort + $offset is taken', async ({ offset, purpose }) => {
  const dnode = await cluster.add();
  const squatter = await squat(dnode.port + offset);
  dnode.launch();
  expect(await dnode.ended()).toBe(1);
  const sentence = `port ${dnode.port + offset} (${purpose}) is taken by another program`;
  expect(dnode.output).toContain(sentence);
  squatter.close();
  await dnode.start();
});

test('the replication port is taken: said, and opened once it is free', async () => {
  const first = await cluster.join();
  const squatter = await squat(first.port + TRANSPORT_OFFSET);
  await cluster.join();
  const port = first.port + TRANSPORT_OFFSET;
  await until(async () =>
    first.logTail().includes(`port ${port} (replication) is taken by another program`),
  );
  squatter.close();
  await until(async () => first.logTail().includes(`replicas are heard on port ${port}`));
});

test('a clock that is wrong is refused, and both sides are told by how much', async () => {
  const first = await cluster.join();
  const late = 10 * 60_000;
  const clock = {
    now: () => systemClock.now() + late,
    monotonic: () => systemClock.monotonic(),
  };
  const identity = { clusterId: () => '', endPoint: 'ahead:6030' };
  const auth = new Authenticator(deriveClusterKeys('tdnode').rpc, identity, clock);
  const client = new RpcClient({ auth, clock });
  const sentence = `the clock of ahead:6030 is 600 s ahead of the clock of ${endPoint(first)}: set both by NTP`;
  await expect(client.call(endPoint(first), ping, undefined)).rejects.toMatchObject({
    detail: sentence,
  });
  await until(async () => first.logTail().includes(sentence));
  await client.close();
});

test('a hosts file without the other host', async (context) => {
  skipUnless(context, hasLab || MUST_RUN, 'network namespaces need root and iproute2');
  lab = new Lab('names', 2);
  const [first, second] = lab.hosts;
  const hosts = `/etc/netns/${lab.name}-hadoop1/hosts`;
  const all = readFileSync(hosts, 'utf8');
  writeFileSync(hosts, all.replaceAll(/^.*hadoop2\n/gm, ''));
  first!.launch();
  await until(async () => (await first!.sql('select server_status()')).status === 'succ');
  await first!.sql("create dnode 'hadoop2:6030'");
  const sentence = 'hadoop2:6030 does not report: the name in hadoop2:6030 cannot be resolved';
  await until(async () => first!.logTail().includes(sentence));
  second!.launch();
  await until(async () =>
    /dnode 2: the name in hadoop2:6040 cannot be resolved/.test(first!.logTail()),
  );
  writeFileSync(hosts, all);
  await until(async () => (await second!.sql('select server_status()')).status === 'succ');
  await until(async () => first!.logTail().includes('connection to dnode 2 is up'));
});
