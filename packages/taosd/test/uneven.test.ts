/**
 * Why data is spread unevenly, as users ask it: 1200 tables of which 1000 are in one vnode, and six vnodes on one
 * dnode where another has two. Aim: tables and vnodes go where the settings say, and what the cluster shows of it
 * (`show vgroups`, `show scores`, `show variables`) is its state. Method: values are computed anew from the settings,
 * from other statements, or from this machine.
 */
import { statfs } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { afterEach, expect, test } from 'vitest';
import { TestCluster, sql, until } from './cluster-harness.ts';
import type { Taosd } from './harness.ts';

const TABLES = 1200;
const BATCH = 100;
const BEGIN = 1_600_000_000_000;
const FILLER = 'x'.repeat(500);
/** What `maxVgroupsPerDb 0` means on one dnode here. */
const DEFAULT_VGROUPS = Math.max(2, availableParallelism());

let cluster = new TestCluster();
afterEach(() => cluster.dispose());

type Settings = Record<string, string | number>;

async function clusterOf(size: number, settings: Settings = {}): Promise<TestCluster> {
  cluster = new TestCluster(settings);
  for (let i = 0; i < size; i++) await cluster.join();
  const mnodes = Math.min(size, Number(settings['numOfMnodes'] ?? 3));
  await until(async () => {
    const roles = (await sql(cluster.first, 'show mnodes')).map(([, , role]) => role);
    return roles.filter((role) => role === 'master' || role === 'slave').length === mnodes;
  });
  return cluster;
}

/** Creates tables `[from, to)` of `d.s`, one statement a batch, sent to the dnodes in turn. */
async function createTables(dnodes: readonly Taosd[], from: number, to: number): Promise<void> {
  for (let begin = from; begin < to; begin += BATCH) {
    const count = Math.min(BATCH, to - begin);
    const each = Array.from({ length: count }, (_, i) => `d.t${begin + i} using d.s tags (1)`);
    const dnode = dnodes[(begin / BATCH) % dnodes.length]!;
    await sql(dnode, `create table ${each.join(' ')}`);
  }
}

async function createDatabase(dnode: Taosd): Promise<void> {
  await sql(dnode, 'create database d cache 1 blocks 3');
  await sql(dnode, 'create table d.s (ts timestamp, v int) tags (g int)');
}

/** Tables of each vgroup, in order of creation. */
async function fill(dnode: Taosd): Promise<number[]> {
  return (await sql(dnode, 'show d.vgroups')).map(([, tables]) => Number(tables));
}

/**
 * What the text says of `count` tables: vgroups fill to `min` one after the other, up to `max` vgroups; then all of them
 * to the next multiple of `step`, one after the other, and so on.
 */
function filled(count: number, { min, step, max }: Record<'min' | 'step' | 'max', number>) {
  const vgroups: number[] = [];
  let left = count;
  for (let room = min; left > 0; room = (Math.floor(room / step) + 1) * step) {
    for (let i = 0; i < max && left > 0; i++) {
      const taken = Math.min(left, room - (vgroups[i] ?? 0));
      vgroups[i] = (vgroups[i] ?? 0) + taken;
      left -= taken;
    }
  }
  return vgroups;
}

const scenes: readonly {
  readonly name: string;
  readonly settings: Settings;
  readonly rule: Record<'min' | 'step' | 'max', number>;
  readonly end: readonly number[];
}[] = [
  {
    name: 'the defaults: 1000 and 200',
    settings: {},
    rule: { min: 1000, step: 1000, max: DEFAULT_VGROUPS },
    end: [1000, 200],
  },
  {
    name: 'minTablesPerVnode 300 for four cores: 300 each',
    settings: { maxVgroupsPerDb: 4, minTablesPerVnode: 300 },
    rule: { min: 300, step: 1000, max: 4 },
    end: [300, 300, 300, 300],
  },
  {
    name: 'full at minTablesPerVnode, then in steps of tableIncStepPerVnode from the first vgroup on',
    settings: { maxVgroupsPerDb: 4, minTablesPerVnode: 100, tableIncStepPerVnode: 100 },
    rule: { min: 100, step: 100, max: 4 },
    end: [300, 300, 300, 300],
  },
  {
    name: 'more vgroups than cores: the first ones have less to do',
    settings: { maxVgroupsPerDb: 8, minTablesPerVnode: 200, tableIncStepPerVnode: 200 },
    rule: { min: 200, step: 200, max: 8 },
    end: [200, 200, 200, 200, 200, 200],
  },
];

test.each(scenes)('1200 tables on one dnode, $name', async ({ settings, rule, end }) => {
  const { first } = await clusterOf(1, settings);
  await createDatabase(first);
  expect(await fill(first)).toEqual([]);
  for (let made = 0; made < TABLES; made += BATCH) {
    await createTables([first], made, made + BATCH);
    expect(await fill(first)).toEqual(filled(made + BATCH, rule));
  }
  expect(await fill(first)).toEqual(end);
  const { head, data } = await first.sql('show d.vgroups');
  expect(head).toEqual(['vgId', 'tables', 'status', 'onlines', 'v1_dnode', 'v1_status']);
  for (const row of data ?? []) expect(row.slice(2)).toEqual(['ready', 1, 1, 'master']);
  expect((data ?? []).map(([vgId]) => vgId)).toEqual(end.map((_, i) => i + 2));
});

test('no more tables than maxTablesPerVnode for each of maxVgroupsPerDb: 820', async () => {
  const { first } = await clusterOf(1, {
    maxVgroupsPerDb: 2,
    minTablesPerVnode: 10,
    tableIncStepPerVnode: 10,
    maxTablesPerVnode: 25,
  });
  await createDatabase(first);
  await createTables([first], 0, 50);
  expect(await fill(first)).toEqual([25, 25]);
  const refused = await first.sql('create table d.more using d.s tags (1)');
  expect([refused.status, refused.code]).toEqual(['error', 820]);
});

test.each([
  {
    name: 'the defaults',
    settings: {},
    rule: { min: 1000, step: 1000, max: 3 * availableParallelism() },
  },
  {
    name: 'six vgroups of 100, then steps of 100',
    settings: { maxVgroupsPerDb: 6, minTablesPerVnode: 100, tableIncStepPerVnode: 100 },
    rule: { min: 100, step: 100, max: 6 },
  },
])('1200 tables on three dnodes, $name', async ({ settings, rule }) => {
  const { dnodes, first } = await clusterOf(3, settings);
  await createDatabase(first);
  for (let made = 0; made < TABLES; made += 2 * BATCH) {
    await createTables(dnodes, made, made + 2 * BATCH);
    expect(await fill(first)).toEqual(filled(made + 2 * BATCH, rule));
  }
  const vgroups = await sql(first, 'show d.vgroups');
  for (const dnode of dnodes) expect(await sql(dnode, 'show d.vgroups')).toEqual(vgroups);
  const perDnode = [1, 2, 3].map((id) => vgroups.filter((row) => row[4] === id).length);
  const most = Math.ceil(vgroups.length / 3);
  for (const count of perDnode) expect(most - count).toBeLessThanOrEqual(1);
  expect((await sql(first, 'show dnodes')).map(([, , vnodes]) => vnodes)).toEqual(perDnode);
});

/** What one resource adds to the system score. */
function points(percent: number): number {
  if (percent < 80) return 0;
  return percent < 90 ? 10 : 50;
}

/** Memory and disk of this machine as points; cpu comes and goes. */
async function lastingPoints({ dataDir }: Taosd): Promise<number> {
  const { blocks, bavail } = await statfs(dataDir);
  return points(100 * (1 - freemem() / totalmem())) + points(100 * (1 - bavail / blocks));
}

/** Checks every value of `show scores` against dnodes, mnodes, vgroups, and this machine. */
async function checkScores(weight: number): Promise<void> {
  const { first } = cluster;
  const before = await lastingPoints(first);
  const scores = await sql(first, 'show scores');
  const after = await lastingPoints(first);
  const mnodes = (await sql(first, 'show mnodes')).map(([id]) => id);
  const vgroups = await sql(first, 'show d.vgroups');
  const dnodes = await sql(first, 'show dnodes');
  expect(scores.map(([id]) => id)).toEqual(dnodes.map(([id]) => id));
  for (const [i, row] of scores.entries()) {
    const [id, system, custom, module, vnode, total, openVnodes, cores, state] = row;
    const held = vgroups.filter((vgroup) => vgroup[4] === id).length;
    expect([openVnodes, cores, state]).toEqual([held, availableParallelism(), 'ready']);
    expect([dnodes[i]![2], dnodes[i]![3]]).toEqual([openVnodes, cores]);
    expect(custom).toBe(0);
    expect(module).toBeCloseTo(mnodes.includes(id) ? weight / Number(cores) : 0, 4);
    expect(vnode).toBeCloseTo(held / Number(cores), 4);
    expect(total).toBeCloseTo(Number(system) + Number(module) + Number(vnode), 4);
    const possible = [before, after].flatMap((lasting) => [0, 10, 50].map((cpu) => lasting + cpu));
    expect(possible).toContain(system);
  }
}

test.each([
  { weight: 4, vnodes: [2, 6] },
  { weight: 2, vnodes: [3, 5] },
  { weight: 0, vnodes: [4, 4] },
])(
  'eight vnodes on two dnodes of which one has an mnode that counts for $weight: $vnodes',
  async ({ weight, vnodes }) => {
    const { first } = await clusterOf(2, {
      numOfMnodes: 1,
      mnodeEqualVnodeNum: weight,
      maxVgroupsPerDb: 8,
      minTablesPerVnode: 4,
      tableIncStepPerVnode: 4,
    });
    await createDatabase(first);
    await createTables([first], 0, 32);
    expect((await sql(first, 'show mnodes')).map(([id, , role]) => [id, role])).toEqual([
      [1, 'master'],
    ]);
    expect((await sql(first, 'show dnodes')).map(([, , count]) => count)).toEqual(vnodes);
    await checkScores(weight);
  },
);

test('scores follow the cluster: mnodes that come, a dnode that goes', async () => {
  const { first } = await clusterOf(3, {
    maxVgroupsPerDb: 6,
    minTablesPerVnode: 4,
    tableIncStepPerVnode: 4,
  });
  const third = cluster.dnodes[2]!;
  await createDatabase(first);
  await createTables([first], 0, 24);
  expect((await sql(first, 'show dnodes')).map(([, , count]) => count)).toEqual([2, 2, 2]);
  await checkScores(4);
  await third.stop('SIGKILL');
  await until(async () => (await cluster.stateOf(third))?.status === 'offline');
  expect((await sql(first, 'show scores')).map((row) => row[8])).toEqual([
    'ready',
    'ready',
    'offline',
  ]);
});

test('show variables prints what taos.cfg says, on every dnode', async () => {
  const settings: Settings = {
    maxVgroupsPerDb: 5,
    minTablesPerVnode: 30,
    tableIncStepPerVnode: 20,
    maxTablesPerVnode: 70_000,
    mnodeEqualVnodeNum: 3,
    offlineThreshold: 700_000,
    numOfMnodes: 1,
    statusInterval: 1,
    cache: 2,
    blocks: 4,
    days: 20,
    keep: 400,
    walLevel: 2,
    fsync: 1000,
    slaveQuery: 0,
    adjustMaster: 0,
    balance: 0,
  };
  const { dnodes } = await clusterOf(2, settings);
  for (const dnode of dnodes) {
    const shown = Object.fromEntries(await sql(dnode, 'show variables')) as Record<string, string>;
    const expected = Object.entries(settings).map(([name, value]) => [name, String(value)]);
    expect(Object.keys(settings).map((name) => [name, shown[name]])).toEqual(expected);
    expect(shown).toMatchObject({ charset: 'UTF-8', timezone: '(UTC, +0000)' });
  }
});

/** A client that asks and never reads: its query runs until somebody ends it. */
function askAndSleep({ port }: Taosd, text: string): Socket {
  const user = Buffer.from('root:taosdata').toString('base64');
  const head = `POST /rest/sql HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic ${user}\r\n`;
  const socket = connect(port + 11, '127.0.0.1').pause();
  socket.write(`${head}connection: close\r\ncontent-length: ${text.length}\r\n\r\n${text}`);
  return socket;
}

test('show connections and show queries print who does what, on any dnode', async () => {
  const { first, dnodes } = await clusterOf(2);
  const other = dnodes[1]!;
  await sql(first, 'create database d');
  await sql(first, 'create table d.t (ts timestamp, b binary(500))');
  for (let i = 0; i < 40; i++) {
    const rows = Array.from({ length: 1000 }, (_, n) => `(${BEGIN + 1000 * i + n},'${FILLER}')`);
    await sql(first, `insert into d.t values ${rows.join('')}`);
  }
  const before = Date.now();
  const text = 'select * from d.t';
  const sleeper = askAndSleep(first, text);
  await until(async () => (await sql(other, 'show queries')).length > 0);
  const [query] = await sql(other, 'show queries');
  const [id, user, address, , created, elapsedUs, statement] = query!;
  expect([user, statement]).toEqual(['root', text]);
  const createdAt = millis(created);
  expect(createdAt).toBeGreaterThanOrEqual(before);
  expect(Number(elapsedUs)).toBeLessThanOrEqual((Date.now() - createdAt) * 1000);
  const connections = await sql(other, 'show connections');
  const mine = connections.find(([connId]) => String(id).startsWith(`${String(connId)}:`))!;
  expect([mine[1], mine[4]]).toEqual(['root', address]);
  expect(millis(mine[6])).toBeGreaterThanOrEqual(millis(mine[5]));
  const closed = new Promise((resolve) => sleeper.once('close', resolve));
  sleeper.on('error', () => undefined); // a cut answer
  await sql(other, `kill query ${String(id)}`);
  sleeper.resume();
  await closed;
  await until(async () => (await sql(other, 'show queries')).length === 0);
});

/** Of a time as REST prints it, in UTC. */
function millis(text: unknown): number {
  return Date.parse(`${String(text)}Z`);
}
