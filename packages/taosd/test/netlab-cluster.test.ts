/**
 * A cluster on hosts of their own: a host joins and vnodes move to it under load, replicas fail over, a host leaves and
 * is not let in again.
 */
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { until } from './cluster-harness.ts';
import { skipUnless, type SqlAnswer } from './harness.ts';
import { Lab, hasLab, type LabHost } from './lab.ts';

const DROPPED_STATUS = 78;
const NOT_READY = 828;
const BEGIN = 1_600_000_000_000;
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

/** `[vnodes, status, offline reason]` of a dnode by its end point, as `show dnodes` prints it. */
async function stateOf(host: LabHost, endPoint: string): Promise<unknown[] | undefined> {
  const row = (await sql(host, 'show dnodes')).find(([, name]) => name === endPoint);
  return row === undefined ? undefined : [row[2], row[4], row[7]];
}

/** The vnodes that have a folder on a host. */
function foldersOf({ dataDir }: LabHost): string[] {
  return readdirSync(path.join(dataDir, 'vnode')).filter((name) => /^vnode\d+$/.test(name));
}

const TABLES = 40;
const ROWS_PER_STATEMENT = 5000;
/** Of each table: 200,000 in all, or two million. */
const ROWS = process.env['TDNODE_FULL'] === '1' ? 50_000 : 5000;

/** A database with rows in ten vnodes. */
async function fillTenVnodes(host: LabHost): Promise<void> {
  await sql(host, 'create database d');
  await sql(host, 'create table d.s (ts timestamp, v int) tags (g int)');
  for (let t = 0; t < TABLES; t++) {
    const values = Array.from({ length: ROWS }, (_, i) => `(${BEGIN + i},${i})`);
    for (let i = 0; i < ROWS; i += ROWS_PER_STATEMENT) {
      const rows = values.slice(i, i + ROWS_PER_STATEMENT).join('');
      await sql(host, `insert into d.t${t} using d.s tags (${t}) values ${rows}`);
    }
  }
}

/** What the load left: its own rows besides those of `fillTenVnodes`, all of them. */
async function expectAllRows(host: LabHost, written: number): Promise<void> {
  const old = `select count(*), sum(v) from d.s where ts < ${BEGIN + ROWS}`;
  const sum = (TABLES * ROWS * (ROWS - 1)) / 2;
  expect(await sql(host, old)).toEqual([[TABLES * ROWS, sum]]);
  expect(await sql(host, 'select count(*) from d.s')).toEqual([[TABLES * ROWS + written]]);
}

test('a host joins, 10:0 becomes 5:5 under load; it leaves and is not let in again but as a new one', async (context) => {
  skipUnless(context, hasLab, WHY);
  const settings = { minTablesPerVnode: 4, tableIncStepPerVnode: 4, maxVgroupsPerDb: 10 };
  lab = new Lab('move', 2, settings);
  const [first, second] = lab.hosts as [LabHost, LabHost];
  const name = 'hadoop2:6030';
  first.launch();
  await untilServing(first);
  await fillTenVnodes(first);
  expect(await vnodes(first)).toEqual({ 1: 10 });
  const stopWriter = first.load('write', 'd.t');
  const stopReader = first.load('read', 'd.s');
  second.launch();
  await until(async () => (await second.sql('show databases')).code === NOT_READY);
  await until(async () => second.logTail().includes(`nobody created dnode '${name}'`));
  const begin = performance.now();
  await sql(first, `create dnode '${name}'`);
  expect([
    [0, 'offline', 'status not received'],
    [0, 'ready', ''],
  ]).toContainEqual(await stateOf(first, name));
  await until(async () => JSON.stringify(await vnodes(first)) === '{"1":5,"2":5}');
  const spreadMs = Math.round(performance.now() - begin);
  await untilServing(second);
  expect(await sql(second, 'show dnodes')).toEqual(await sql(first, 'show dnodes'));
  await until(async () => {
    const mnodes = await sql(second, 'show mnodes');
    return (
      mnodes.map(([id, , role]) => `${String(id)} ${String(role)}`).join() === '1 master,2 slave'
    );
  });
  for (const host of lab.hosts) expect(foldersOf(host)).toHaveLength(5);

  const ended = second.ended();
  const dropped = performance.now();
  await sql(first, `drop dnode "${name}"`);
  expect(await ended).toBe(DROPPED_STATUS);
  const emptiedMs = Math.round(performance.now() - dropped);
  expect(await vnodes(first)).toEqual({ 1: 10 });
  expect(foldersOf(first)).toHaveLength(10);
  const [written, read] = await Promise.all([stopWriter(), stopReader()]);
  process.stdout.write(
    `failover: a host joins: 5 of 10 vnodes moved after ${spreadMs} ms, back after ${emptiedMs} ms: ` +
      `writes paused ${Math.round(written.longestPauseMs)} ms, reads ${Math.round(read.longestPauseMs)} ms; ` +
      `${written.statements} writes and ${read.statements} reads, ${written.failures.length + read.failures.length} failed\n`,
  );
  expect([...written.failures, ...read.failures]).toEqual([]);
  await expectAllRows(first, written.rows);

  second.launch();
  expect(await second.ended()).toBe(DROPPED_STATUS);
  expect(second.output).toContain('may not come back with its old data: empty its dataDir');
  await sql(first, `create dnode '${name}'`);
  second.launch();
  expect(await second.ended()).toBe(DROPPED_STATUS);
  expect(await stateOf(first, name)).toEqual([0, 'offline', 'dnodeId not match']);
  rmSync(second.dataDir, { recursive: true });
  second.launch();
  await until(async () => JSON.stringify(await vnodes(first)) === '{"1":5,"3":5}');
  await untilServing(second);
  await expectAllRows(second, written.rows);
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
