/**
 * A cluster on hosts of their own: a host joins and vnodes move to it under load, replicas fail over, a host leaves and
 * is not let in again.
 */
import { afterEach, expect, test } from 'vitest';
import { until } from './cluster-harness.ts';
import { skipUnless, type SqlAnswer } from './harness.ts';
import { Lab, hasLab, type LabHost } from './lab.ts';

const DROPPED_STATUS = 78;
const WHY = 'network namespaces need root and iproute2';

let lab: Lab | undefined;
afterEach(async () => {
  await lab?.dispose();
  lab = undefined;
});

async function sql(host: LabHost, text: string): Promise<NonNullable<SqlAnswer['data']>> {
  const answer = await host.sql(text);
  if (answer.status === 'error')
    throw new Error(`${text}: ${answer.code} ${answer.desc}\n${host.logTail()}`);
  return answer.data ?? [];
}

async function untilServing(host: LabHost): Promise<void> {
  await until(async () => (await host.sql('select server_status()')).status === 'succ');
}

/** Vnodes of each dnode, by id. */
async function vnodes(host: LabHost): Promise<Record<string, number>> {
  const rows = await sql(host, 'show dnodes');
  return Object.fromEntries(rows.map(([id, , count]) => [String(id), Number(count)]));
}

test('a host joins and vnodes move to it under load; it leaves, and is not let in again', async (context) => {
  skipUnless(context, hasLab, WHY);
  lab = new Lab('move', 2, {
    minTablesPerVnode: 4,
    tableIncStepPerVnode: 4,
    maxVgroupsPerDb: 10,
  });
  const [first, second] = lab.hosts as [LabHost, LabHost];
  first.launch();
  await untilServing(first);
  await sql(first, 'create database d');
  await sql(first, 'create table d.s (ts timestamp, v int) tags (g int)');
  for (let t = 0; t < 40; t++) {
    const rows = Array.from({ length: 1250 }, (_, i) => `(${1_600_000_000_000 + i}, ${i})`);
    await sql(first, `insert into d.t${t} using d.s tags (${t}) values ${rows.join(' ')}`);
  }
  expect(await vnodes(first)).toEqual({ 1: 10 });
  const stopWriter = first.load('write', 'd.t');
  const stopReader = first.load('read', 'd.s');
  second.launch();
  const begin = performance.now();
  await sql(first, "create dnode 'hadoop2:6030'");
  await until(async () => (await vnodes(first))[2] === 5);
  const spreadMs = Math.round(performance.now() - begin);
  await untilServing(second);
  const ended = second.ended();
  await sql(first, "drop dnode 'hadoop2:6030'");
  expect(await ended).toBe(DROPPED_STATUS);
  expect(await vnodes(first)).toEqual({ 1: 10 });
  const [written, read] = await Promise.all([stopWriter(), stopReader()]);
  process.stdout.write(
    `failover: a host joins: 5 of 10 vnodes moved after ${spreadMs} ms; then it leaves: ` +
      `writes paused ${Math.round(written.longestPauseMs)} ms, reads ${Math.round(read.longestPauseMs)} ms; ` +
      `${written.statements} writes and ${read.statements} reads, ${written.failures.length + read.failures.length} failed\n`,
  );
  expect([...written.failures, ...read.failures]).toEqual([]);
  expect(await sql(first, 'select count(*) from d.s')).toEqual([[50_000 + written.rows]]);
  second.launch();
  expect(await second.ended()).toBe(DROPPED_STATUS);
});

test("replica 3, quorum 2: a master's host dies, then a cable is pulled; nothing acknowledged is lost", async (context) => {
  skipUnless(context, hasLab, WHY);
  lab = new Lab('fail', 3);
  const [first, second, third] = lab.hosts as [LabHost, LabHost, LabHost];
  for (const host of lab.hosts) host.launch();
  await untilServing(first);
  await sql(first, "create dnode 'hadoop2:6030'");
  await sql(first, "create dnode 'hadoop3:6030'");
  await untilServing(second);
  await untilServing(third);
  await until(async () => {
    const roles = (await sql(first, 'show mnodes')).map((row) => row[2]);
    return roles.length === 3 && roles.every((role) => role === 'master' || role === 'slave');
  });
  await sql(first, 'create database d replica 3 quorum 2');
  await sql(first, 'create table d.s (ts timestamp, v int) tags (g int)');
  for (let t = 0; t < 20; t++) await sql(first, `create table d.t${t} using d.s tags (${t})`);
  const stopWriter = second.load('write', 'd.t');
  await until(async () => Number((await sql(second, 'select count(*) from d.s'))[0]?.[0]) > 20);
  await first.stop('SIGKILL');
  await until(
    async () => (await second.sql('insert into d.t0 values (1650000000001, 1)')).status === 'succ',
  );
  await until(async () => (await second.sql('create database e')).status === 'succ');
  first.launch();
  await untilServing(first);
  lab.run('isolate', 'hadoop3');
  await until(
    async () => (await second.sql('insert into d.t0 values (1650000000002, 2)')).status === 'succ',
  );
  lab.run('rejoin', 'hadoop3');
  const written = await stopWriter();
  for (const host of [second, third])
    await until(async () => {
      const [row] = (await host.sql('select count(*) from d.s')).data ?? [];
      return Number(row?.[0]) >= written.rows + 2;
    });
  expect(written.rows).toBeGreaterThan(20);
});
