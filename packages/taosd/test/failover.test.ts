/**
 * What a client sees while hosts die, cables are pulled and daemons restart. Three hosts, replica 3, quorum 2, one
 * writer of single rows that tries again at once, one reader. Aim: nothing acknowledged is missing, nothing is there
 * twice, no read misses what was acknowledged before it, all replicas have the same log, whatever happened. How long
 * writes and reads paused is printed and not judged: it depends on the machine.
 */
import type { ChildProcess } from 'node:child_process';
import { crc32 } from 'node:zlib';
import { nodeFileSystem } from '@tdnode/common';
import { vnodeFolder } from '@tdnode/vnode';
import { visitSound } from '@tdnode/wal';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test, type TestContext } from 'vitest';
import { pause, skipUnless, type SqlAnswer } from './harness.ts';
import { Lab, hasLab, type LabHost } from './lab.ts';

const WHY = 'network namespaces need root and iproute2';
const MUST_RUN = process.env['TDNODE_SKIP_NOTHING'] === '1';
const ROWS_MISSED = process.env['TDNODE_FULL'] === '1' ? 1_000_000 : 100_000;
const ROWS_PER_STATEMENT = 5000;
const PATIENCE_MS = 60_000;
/** Rows that arrive before something happens, and again afterwards. */
const WARM_ROWS = 100;
const here = path.dirname(fileURLToPath(import.meta.url));
const client = path.join(here, 'failover-client.mjs');

let lab: Lab | undefined;
afterAll(() => lab?.dispose());

type Rows = NonNullable<SqlAnswer['data']>;

async function sql(host: LabHost, text: string): Promise<Rows> {
  const answer = await host.sql(text);
  if (answer.status === 'error') throw new Error(`${text}: ${answer.code} ${answer.desc}`);
  return answer.data ?? [];
}

/** Resolves when `isTrue` resolves with true; what it throws counts as false until patience ends. */
async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  let why = '';
  for (;;) {
    const itIs = await isTrue().catch((error: unknown) => {
      why = String(error);
      return false;
    });
    if (itIs) return;
    if (Date.now() > end) throw new Error(`not so after ${PATIENCE_MS} ms: ${what} ${why}`);
    await pause(20);
  }
}

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

async function isServing(host: LabHost): Promise<boolean> {
  return (await host.sql('select server_status()')).status === 'succ';
}

/** Whether column `role` of `size` rows says one master and else slaves. */
function areInSync(rows: Rows, role: number, size: number): boolean {
  const roles = rows.map((row) => row[role]);
  const masters = roles.filter((name) => name === 'master').length;
  return (
    roles.length === size && masters === 1 && roles.every((r) => r === 'master' || r === 'slave')
  );
}

/** `[dnode, role]` of each replica of the one vgroup of a database. */
function replicasOf([row]: Rows): Rows {
  const pairs: unknown[][] = [];
  for (let i = 4; row !== undefined && i + 1 < row.length; i += 2)
    if (Number(row[i]) > 0) pairs.push([row[i], row[i + 1]]);
  return pairs;
}

async function untilInSync(hosts: readonly LabHost[], db: string, size = 3): Promise<void> {
  for (const host of hosts)
    await until(`${host.name} calls all replicas in sync`, async () => {
      if (!areInSync(await sql(host, 'show mnodes'), 2, 3)) return false;
      return areInSync(replicasOf(await sql(host, `show ${db}.vgroups`)), 1, size);
    });
}

/** The hosts by their part in the database's one vgroup: its master first. */
async function byRole(hosts: readonly LabHost[], db = 'd'): Promise<LabHost[]> {
  const replicas = replicasOf(await sql(hosts[0]!, `show ${db}.vgroups`));
  const dnodes = await sql(hosts[0]!, 'show dnodes');
  const hostOf = (id: unknown): LabHost => {
    const endPoint = String(dnodes.find((row) => row[0] === id)?.[1]);
    return hosts.find(({ name }) => endPoint.startsWith(`${name}:`))!;
  };
  const order = replicas.toSorted((a, b) => Number(b[1] === 'master') - Number(a[1] === 'master'));
  return order.map(([id]) => hostOf(id));
}

interface ClientResult {
  readonly statements: number;
  readonly turned: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly longestPauseMs: number;
}

interface LoadResult {
  /** All rows below this were acknowledged. */
  readonly end: number;
  readonly writer: ClientResult;
  readonly reader: ClientResult;
  readonly staleReads: number;
}

/** A writer and a reader of a super table of their own. */
class Load {
  readonly #stable: string;
  readonly #watcher: LabHost;
  readonly #child: ChildProcess;
  #output = '';
  readonly #closed: Promise<unknown>;

  private constructor(stable: string, hosts: readonly LabHost[]) {
    this.#stable = stable;
    this.#watcher = hosts[0]!;
    this.#child = hosts[0]!.start(client, stable, hosts.map(({ name }) => name).join());
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#closed = new Promise((resolve) => this.#child.once('close', resolve));
  }

  /** Starts a load on the first of `hosts`, which turns to the others when that is away. */
  static async start(stable: string, hosts: readonly LabHost[]): Promise<Load> {
    await sql(hosts[0]!, `create table ${stable} (ts timestamp, v int) tags (g int)`);
    const load = new Load(stable, hosts);
    await load.goesOn();
    return load;
  }

  /** Resolves when more rows have arrived than now. */
  async goesOn(): Promise<void> {
    const count = async () =>
      Number((await sql(this.#watcher, `select count(*) from ${this.#stable}`))[0]?.[0] ?? 0);
    let before: number | undefined;
    await until('writes go on', async () => {
      const now = await count();
      before ??= now;
      return now >= before + WARM_ROWS;
    });
  }

  /** Ends it and holds what is there, by each of `hosts`, against what was acknowledged. */
  async end(scenario: string, hosts: readonly LabHost[]): Promise<LoadResult> {
    this.#child.kill('SIGTERM');
    await this.#closed;
    const result = JSON.parse(this.#output) as LoadResult;
    print(scenario, result);
    for (const host of hosts) {
      const rows = await sql(host, `select v from ${this.#stable}`);
      const values = Float64Array.from(rows, ([v]) => Number(v)).toSorted();
      expect(missingOrDouble(values, result.end), `${scenario}, asked at ${host.name}`).toEqual([]);
    }
    expect(result.staleReads, 'reads that missed what was acknowledged before').toBe(0);
    return result;
  }
}

/** The first numbers that differ between `sorted` and 0, 1, … end - 1. */
function missingOrDouble(sorted: Float64Array, end: number): string[] {
  const wrong: string[] = [];
  if (sorted.length !== end) wrong.push(`${sorted.length} rows of ${end}`);
  for (let i = 0; i < end && wrong.length < 5; i++)
    if (sorted[i] !== i) wrong.push(`row ${i} is ${sorted[i]}`);
  return wrong;
}

function print(scenario: string, { writer, reader, end }: LoadResult): void {
  const failed = [writer, reader].map(({ failures }) => JSON.stringify(failures)).join(' ');
  process.stdout.write(
    `failover: ${scenario}: writes paused ${writer.longestPauseMs} ms, reads ${reader.longestPauseMs} ms; ` +
      `${end} rows, ${reader.statements} reads; failed ${failed}; turned ${writer.turned} + ${reader.turned}\n`,
  );
}

/** Holds the logs of the vgroup's replicas against each other: equal ends, equal records wherever two have them. */
async function expectEqualLogs(hosts: readonly LabHost[], db = 'd'): Promise<void> {
  const [row] = await sql(hosts[0]!, `show ${db}.vgroups`);
  const vgId = Number(row![0]);
  let logs: Map<number, string>[] = [];
  await until('all logs end alike', async () => {
    logs = hosts.map((host) => logOf(vnodeFolder({ dataDir: host.dataDir }, vgId)));
    return new Set(logs.map((log) => Math.max(...log.keys()))).size === 1;
  });
  const [first, ...others] = logs;
  for (const other of others)
    for (const [version, record] of other)
      if (first!.has(version)) expect(record, `version ${version}`).toBe(first!.get(version));
}

/** Term, type and checksum of each record, by version. */
function logOf(folder: string): Map<number, string> {
  const records = new Map<number, string>();
  visitSound(nodeFileSystem, `${folder}/wal`, ({ version, term, type, payload }) =>
    records.set(version, `${term} ${type} ${crc32(payload)}`),
  );
  return records;
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
