/**
 * Two replicas and the arbitrator, which gives one of them its vote when the other is away: what a client sees while
 * hosts die, cables are pulled and the arbitrator comes and goes. Two hosts with taosd, one with tarbitrator; the mnode
 * has two members, so that it depends on the arbitrator as well. Aim: the replica that is in sync serves and no other,
 * nothing acknowledged is missing, nothing is there twice. How long writes and reads paused is printed and not judged.
 */
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
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
const NOT_SYNCED = 0x0511;
const here = path.dirname(fileURLToPath(import.meta.url));
const program = path.resolve(here, '../../tarbitrator/bin/tarbitrator.mjs');

let lab: Lab | undefined;
let arbitrator: ChildProcess | undefined;
afterAll(() => lab?.dispose());

/** The laboratory with its cluster, made by the first test that needs it; all up, all replicas in sync. */
async function cluster(context: TestContext): Promise<readonly [LabHost, LabHost]> {
  skipUnless(context, hasLab || MUST_RUN, WHY);
  if (lab === undefined) {
    lab = new Lab('arb', 3, { arbitrator: 'hadoop3:6042' });
    launchArbitrator();
    await found(lab.hosts.slice(0, 2));
  }
  lab.run('heal');
  const hosts = lab.hosts.slice(0, 2) as [LabHost, LabHost];
  for (const host of hosts) {
    lab.run('rejoin', host.name);
    if (!host.isRunning) host.launch();
  }
  if (arbitrator === undefined) launchArbitrator();
  await untilInSync(hosts, 'd');
  await untilInSync(hosts, 'safe');
  for (const host of hosts) await untilArbitrator(host, 'ready');
  return hosts;
}

function launchArbitrator(): void {
  const host = lab!.hosts[2]!;
  const folder = path.dirname(host.dataDir);
  const words = ['-g', `${folder}/log`, '-D', `${folder}/votes`, '-c', `${folder}/cfg`];
  arbitrator = host.start(program, ...words);
}

async function killArbitrator(): Promise<void> {
  const child = arbitrator!;
  arbitrator = undefined;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

/** Two databases: `d` answers when the master has a row, `safe` when both have it. */
async function found([first, second]: readonly LabHost[]): Promise<void> {
  first!.launch();
  second!.launch();
  await until('the first host serves', async () => isServing(first!));
  await sql(first!, `create dnode '${second!.name}:6030'`);
  await until('both mnodes follow', async () => areInSync(await sql(first!, 'show mnodes'), 2, 2));
  for (const [db, quorum] of [
    ['d', 1],
    ['safe', 2],
  ]) {
    await sql(first!, `create database ${db} replica 2 quorum ${quorum}`);
    await sql(first!, `create table ${db}.begin (ts timestamp, v int)`);
  }
}

async function untilArbitrator(host: LabHost, status: string): Promise<void> {
  await until(`${host.name} calls the arbitrator ${status}`, async () => {
    const rows = await sql(host, 'show dnodes');
    return rows.some((row) => row[1] === 'hadoop3:6042' && row[4] === status && row[5] === 'arb');
  });
}

for (const [db, quorum] of [
  ['d', 1],
  ['safe', 2],
] as const) {
  test(`kill -9 of the master, quorum ${quorum}`, async (context) => {
    const hosts = await cluster(context);
    const [master, slave] = (await byRole(hosts, db)) as [LabHost, LabHost];
    const load = await Load.start(`${db}.killed`, [slave]);
    await killArbitrator();
    launchArbitrator(); // it knows who is in sync
    for (const host of hosts) await untilArbitrator(host, 'ready');
    await master.stop('SIGKILL');
    if (quorum === 1) {
      await load.goesOn();
    } else {
      // Nobody but it has the rows now: it answers reads, and refuses writes.
      await until(
        'reads go on',
        async () => (await sql(slave, `select * from ${db}.killed`)).length > 0,
      );
      const refused = await slave.sql(`insert into ${db}.begin values (now, 1)`);
      expect(refused).toMatchObject({ status: 'error', code: NOT_SYNCED });
    }
    master.launch();
    await untilInSync(hosts, db);
    await load.goesOn();
    await load.end(`replica 2 and arbitrator, quorum ${quorum}, kill -9 of the master`, hosts);
    await expectEqualLogs(hosts, db);
  });
}

test("the master's cable is pulled and put back", async (context) => {
  const hosts = await cluster(context);
  const [master, slave] = (await byRole(hosts)) as [LabHost, LabHost];
  const load = await Load.start('d.unplugged', [slave]);
  lab!.run('isolate', master.name);
  await load.goesOn();
  lab!.run('rejoin', master.name);
  await untilInSync(hosts, 'd');
  await load.end("replica 2 and arbitrator, the master's cable pulled", hosts);
  await expectEqualLogs(hosts);
});

test('without the arbitrator both go on; then nobody takes over until it is back', async (context) => {
  const hosts = await cluster(context);
  const [master, slave] = (await byRole(hosts)) as [LabHost, LabHost];
  const load = await Load.start('d.alone', [slave]);
  await killArbitrator();
  for (const host of hosts) await untilArbitrator(host, 'offline');
  await load.goesOn();
  await master.stop('SIGKILL');
  expect((await slave.sql('insert into d.begin values (now, 1)')).status).toBe('error');
  launchArbitrator();
  await load.goesOn();
  master.launch();
  await untilInSync(hosts, 'd');
  await load.end(
    'replica 2, the arbitrator killed, then the master, then the arbitrator back',
    hosts,
  );
  await expectEqualLogs(hosts);
});

test('who is not in sync does not become master, with the arbitrator there', async (context) => {
  const hosts = await cluster(context);
  const [master, slave] = (await byRole(hosts)) as [LabHost, LabHost];
  const load = await Load.start('d.behind', [master]);
  await slave.stop('SIGKILL');
  await load.goesOn();
  const ended = load.end('replica 2 and arbitrator, the other one away', [master]);
  const { end } = await ended;
  await master.stop('SIGKILL');
  slave.launch();
  expect((await slave.sql('select count(*) from d.behind')).status).toBe('error');
  master.launch();
  await untilInSync(hosts, 'd');
  for (const host of hosts)
    expect(await sql(host, 'select count(*) from d.behind')).toEqual([[end]]);
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
  const { writer, reader } = await load.end('replica 2 and arbitrator, rolling restart', hosts);
  expect([writer.failures, reader.failures]).toEqual([{}, {}]);
  await expectEqualLogs(hosts);
});
