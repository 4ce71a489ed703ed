/**
 * What a client sees while hosts die, cables are pulled and daemons restart. Three hosts, replica 3, quorum 2, one
 * writer of single rows that tries again at once, one reader. Aim: nothing acknowledged is missing, nothing is there
 * twice, no read misses what was acknowledged before it, all replicas have the same log, whatever happened. How long
 * writes and reads paused is printed and not judged: it depends on the machine.
 */
import { afterAll, expect, test, type TestContext } from 'vitest';
import {
  Load,
  areInSync,
  byRole,
  expectEqualLogs,
  isServing,
  sql,
  until,
  untilInSync,
} from './failover-load.ts';
import { skipUnless } from './harness.ts';
import { Lab, hasLab, type LabHost } from './lab.ts';

const WHY = 'network namespaces need root and iproute2';
const MUST_RUN = process.env['TDNODE_SKIP_NOTHING'] === '1';
const ROWS_MISSED = process.env['TDNODE_FULL'] === '1' ? 1_000_000 : 100_000;
const ROWS_PER_STATEMENT = 5000;

let lab: Lab | undefined;
afterAll(() => lab?.dispose());

/** The laboratory with its cluster, made by the first test that needs it; all daemons up and all replicas in sync. */
async function cluster(context: TestContext): Promise<readonly [LabHost, LabHost, LabHost]> {
  skipUnless(context, hasLab || MUST_RUN, WHY);
  if (lab === undefined) {
    lab = new Lab('over', 3);
    await found(lab.hosts);
  }
  lab.run('heal');
  for (const host of lab.hosts) {
    lab.run('rejoin', host.name);
    if (!host.isRunning) host.launch();
  }
  await untilInSync(lab.hosts, 'd');
  return lab.hosts as [LabHost, LabHost, LabHost];
}

async function found(hosts: readonly LabHost[]): Promise<void> {
  const [first] = hosts as [LabHost];
  for (const host of hosts) host.launch();
  await until('the first host serves', async () => isServing(first));
  for (const { name } of hosts.slice(1)) await sql(first, `create dnode '${name}:6030'`);
  await until('all mnodes follow', async () => areInSync(await sql(first, 'show mnodes'), 2, 3));
  // Little memory: what a replica misses for long is in files and no longer in the log.
  await sql(first, 'create database d replica 3 quorum 2 cache 1 blocks 3');
  await sql(first, 'create table d.begin (ts timestamp, v int)');
}

test('kill -9 of the master', async (context) => {
  const hosts = await cluster(context);
  const [master, ...slaves] = await byRole(hosts);
  const load = await Load.start('d.killed', slaves);
  await master!.stop('SIGKILL');
  await load.goesOn();
  master!.launch();
  await untilInSync(hosts, 'd');
  await load.end('kill -9 of the master', hosts);
  await expectEqualLogs(hosts);
});

test("the master's cable is pulled and put back", async (context) => {
  const hosts = await cluster(context);
  const [master, ...slaves] = await byRole(hosts);
  const load = await Load.start('d.unplugged', slaves);
  lab!.run('isolate', master!.name);
  await load.goesOn();
  lab!.run('rejoin', master!.name);
  await untilInSync(hosts, 'd');
  await load.end("the master's cable pulled", hosts);
  await expectEqualLogs(hosts);
});

test('what the master sends vanishes, what others send arrives', async (context) => {
  const hosts = await cluster(context);
  const [master, ...slaves] = await byRole(hosts);
  const load = await Load.start('d.mute', slaves);
  for (const { name } of slaves) lab!.run('cut1', master!.name, name);
  await load.goesOn();
  lab!.run('heal');
  await untilInSync(hosts, 'd');
  await load.end('what the master sends vanishes', hosts);
  await expectEqualLogs(hosts);
});

test('all killed at once, two restarted', async (context) => {
  const hosts = await cluster(context);
  const [master, ...slaves] = await byRole(hosts);
  const load = await Load.start('d.dark', slaves);
  await Promise.all(hosts.map((host) => host.stop('SIGKILL')));
  for (const host of slaves) host.launch();
  await load.goesOn();
  master!.launch();
  await untilInSync(hosts, 'd');
  await load.end('all killed, two restarted', hosts);
  await expectEqualLogs(hosts);
});

test('rolling restart', async (context) => {
  const hosts = await cluster(context);
  const load = await Load.start('d.rolling', hosts);
  for (const host of hosts) {
    await host.stop('SIGTERM');
    host.launch();
    await untilInSync(hosts, 'd');
  }
  const { writer, reader } = await load.end('rolling restart', hosts);
  expect([writer.failures, reader.failures]).toEqual([{}, {}]);
  await expectEqualLogs(hosts);
});

test('a slave that was away catches up while writes go on', async (context) => {
  const hosts = await cluster(context);
  const [master, slave] = (await byRole(hosts)) as [LabHost, LabHost];
  const load = await Load.start(
    'd.away',
    hosts.filter((host) => host !== slave),
  );
  await slave.stop('SIGKILL');
  await sql(master, 'create table d.bulk (ts timestamp, v int)');
  const ends = Array.from({ length: ROWS_MISSED / ROWS_PER_STATEMENT }, (_, i) => i);
  for (const i of ends) await sql(master, bulkInsert(i * ROWS_PER_STATEMENT));
  const begin = performance.now();
  slave.launch();
  await untilInSync(hosts, 'd');
  const caughtUp = Math.round(performance.now() - begin);
  await load.goesOn();
  await load.end(`a slave away for ${ROWS_MISSED} rows, in sync again after ${caughtUp} ms`, hosts);
  await expectEqualLogs(hosts);
  await master.stop('SIGKILL');
  const sum = (ROWS_MISSED * (ROWS_MISSED - 1)) / 2;
  await until('the others have all rows', async () => {
    const rows = await sql(slave, 'select count(*), sum(v) from d.bulk');
    expect(rows).toEqual([[ROWS_MISSED, sum]]);
    return true;
  });
});

test('replica 2 without an arbitrator: with one away nobody writes, with both back nothing is lost', async (context) => {
  const hosts = await cluster(context);
  await sql(hosts[0], 'create database two replica 2 quorum 1');
  await sql(hosts[0], 'create table two.begin (ts timestamp, v int)');
  await untilInSync(hosts, 'two', 2);
  const [master, slave] = (await byRole(hosts, 'two')) as [LabHost, LabHost];
  const others = hosts.filter((host) => host !== master);
  const load = await Load.start('two.s', others);
  await master.stop('SIGKILL');
  expect((await slave.sql('insert into two.begin values (now, 1)')).status).toBe('error');
  master.launch();
  await load.goesOn();
  await untilInSync(hosts, 'two', 2);
  await load.end('replica 2, the master killed and back', hosts);
  await expectEqualLogs([master, slave], 'two');
});

function bulkInsert(from: number): string {
  const rows = Array.from({ length: ROWS_PER_STATEMENT }, (_, i) => from + i);
  return `insert into d.bulk values ${rows.map((v) => `(${1_500_000_000_000 + v},${v})`).join('')}`;
}
