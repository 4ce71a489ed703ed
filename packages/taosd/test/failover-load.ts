/**
 * A load whose every acknowledged row is accounted for, and what a cluster says of its replicas: for tests in which hosts
 * die and cables are pulled.
 */
import type { ChildProcess } from 'node:child_process';
import { crc32 } from 'node:zlib';
import { nodeFileSystem } from '@tdnode/common';
import { vnodeFolder } from '@tdnode/vnode';
import { visitSound } from '@tdnode/wal';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { pause, type SqlAnswer } from './harness.ts';
import type { LabHost } from './lab.ts';

const PATIENCE_MS = 60_000;
/** Rows that arrive before something happens, and again afterwards. */
const WARM_ROWS = 100;
const here = path.dirname(fileURLToPath(import.meta.url));
const client = path.join(here, 'failover-client.mjs');

/** Rows of an answer. */
export type Rows = NonNullable<SqlAnswer['data']>;

/** Asks a host's own taosd; throws what it refuses. */
export async function sql(host: LabHost, text: string): Promise<Rows> {
  const answer = await host.sql(text);
  if (answer.status === 'error') throw new Error(`${text}: ${answer.code} ${answer.desc}`);
  return answer.data ?? [];
}

/** Resolves when `isTrue` resolves with true; what it throws counts as false until patience ends. */
export async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
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

/** Whether a host's taosd answers statements. */
export async function isServing(host: LabHost): Promise<boolean> {
  return (await host.sql('select server_status()')).status === 'succ';
}

/** Whether column `role` of `size` rows says one master and else slaves. */
export function areInSync(rows: Rows, role: number, size: number): boolean {
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

/** Resolves when all of `hosts`, which are the cluster, call all mnodes and the database's replicas in sync. */
export async function untilInSync(
  hosts: readonly LabHost[],
  db: string,
  size = hosts.length,
): Promise<void> {
  for (const host of hosts)
    await until(`${host.name} calls all replicas in sync`, async () => {
      if (!areInSync(await sql(host, 'show mnodes'), 2, hosts.length)) return false;
      return areInSync(replicasOf(await sql(host, `show ${db}.vgroups`)), 1, size);
    });
}

/** The hosts by their part in the database's one vgroup: its master first. */
export async function byRole(hosts: readonly LabHost[], db = 'd'): Promise<LabHost[]> {
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
export class Load {
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
export async function expectEqualLogs(hosts: readonly LabHost[], db = 'd'): Promise<void> {
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
