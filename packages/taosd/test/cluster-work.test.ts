/** Three dnodes: what clients do on one of them is seen and ended from any other. One cluster for all cases. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ErrorCode } from '@tdnode/common';
import { SqlClient, type VnodeConfig } from '@tdnode/rpc';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestCluster, endPoint, sql, until } from './cluster-harness.ts';
import type { Taosd } from './harness.ts';

const START_MS = 1_600_000_000_000;
const TABLES = 40;
const ROWS = 2_500;

const cluster = new TestCluster();
let first: Taosd;
let second: Taosd;
let third: Taosd;
beforeAll(async () => {
  for (let i = 0; i < 3; i++) await cluster.join();
  [first, second, third] = cluster.dnodes as [Taosd, Taosd, Taosd];
  await sql(first, 'create database d');
  await sql(first, 'create table d.s (ts timestamp, v int, w double) tags (g int)');
  for (let t = 0; t < TABLES; t++) {
    const rows = Array.from({ length: ROWS }, (_, i) => `(${START_MS + i}, ${i}, ${i / 7})`);
    await sql(third, `insert into d.t${t} using d.s tags (${t}) values ${rows.join(' ')}`);
  }
}, 60_000);
afterAll(() => cluster.dispose());

/** A query that would take very long: every row twice, sorted by what has no index, again and again. */
const LONG = 'select w, v, ts from d.s order by ts asc';

async function runningQueries(dnode: Taosd): Promise<readonly (readonly unknown[])[]> {
  return sql(dnode, 'show queries');
}

test('connections of all dnodes are listed by each, under the same ids', async () => {
  const clients = [second, third].map(
    (dnode) => new SqlClient({ endPoint: endPoint(dnode), user: 'root', password: 'taosdata' }),
  );
  for (const client of clients) await client.connect();
  const shells = async (dnode: Taosd): Promise<unknown[]> =>
    (await sql(dnode, 'show connections'))
      .filter((row) => row[2] === 'taos')
      .map(([id, user, , pid]) => [id, user, pid]);
  const listed = await shells(first);
  expect(listed).toEqual([
    [expect.any(Number), 'root', process.pid],
    [expect.any(Number), 'root', process.pid],
  ]);
  expect(new Set(listed.map((row) => (row as unknown[])[0])).size).toBe(2);
  expect(await shells(third)).toEqual(listed);
  for (const client of clients) await client.close();
  expect(await shells(second)).toEqual([]);
});

test('a query on one dnode is seen and killed from another', async () => {
  const client = new SqlClient({ endPoint: endPoint(third), user: 'root', password: 'taosdata' });
  const answer = await client.execute(LONG); // its rows are drawn by nobody: it runs until it is killed
  if (answer.kind !== 'rows') throw new Error('no rows');
  let id = '';
  await until(async () => {
    const found = (await runningQueries(second)).find((row) => row[6] === LONG);
    id = found === undefined ? '' : (found[0] as string);
    return found !== undefined;
  });
  expect(id).toMatch(/^2\d{6}:\d+$/); // of the third dnode
  await sql(second, `kill query ${id}`);
  await expect(
    (async () => {
      for await (const batch of answer.batches) if (batch.rows < 0) break;
    })(),
  ).rejects.toMatchObject({ code: ErrorCode.TSC_QUERY_CANCELLED });
  await until(async () => (await runningQueries(first)).length === 0);
  expect((await second.sql(`kill query ${id}`)).code).toBe(ErrorCode.MND_INVALID_CONN_ID);
  await client.close();
});

test('only super users see and end the work of others', async () => {
  await sql(first, "create user u pass 'p'");
  const client = new SqlClient({ endPoint: endPoint(second), user: 'u', password: 'p' });
  for (const statement of ['show connections', 'show queries', 'kill connection 1'])
    await expect(client.execute(statement)).rejects.toMatchObject({ code: 771 });
  await client.close();
});

test('a dnode without the master forgets a password that changed elsewhere', async () => {
  const login = async (dnode: Taosd, password: string): Promise<number> => {
    const client = new SqlClient({ endPoint: endPoint(dnode), user: 'v', password });
    const code = await client.connect().then(
      () => 0,
      (error: { readonly code: number }) => error.code,
    );
    await client.close();
    return code;
  };
  await sql(first, "create user v pass 'one'");
  for (const dnode of cluster.dnodes) expect(await login(dnode, 'one')).toBe(0);
  await sql(second, "alter user v pass 'two'");
  expect(await login(second, 'one')).toBe(ErrorCode.RPC_AUTH_FAILURE);
  await until(async () => (await login(third, 'one')) === ErrorCode.RPC_AUTH_FAILURE);
  for (const dnode of cluster.dnodes) expect(await login(dnode, 'two')).toBe(0);
  await sql(third, 'drop user v');
  expect(await login(third, 'two')).toBe(ErrorCode.MND_INVALID_USER);
  await until(async () => (await login(second, 'two')) === ErrorCode.MND_INVALID_USER);
});

test('dnodes that create the same tables at once make each once', async () => {
  const names = Array.from({ length: 20 }, (_, i) => `same${i}`);
  const insert = (at: number): string =>
    `insert into ${names.map((name) => `d.${name} using d.s tags (7) values (${START_MS + at}, ${at}, 0)`).join(' ')}`;
  await Promise.all([
    ...cluster.dnodes.map((dnode, at) => sql(dnode, insert(at))),
    ...cluster.dnodes.map((dnode) =>
      sql(dnode, 'create table if not exists d.normal (ts timestamp, v int)'),
    ),
  ]);
  for (const dnode of cluster.dnodes) {
    const counted = await sql(dnode, 'select count(*) from d.s where g = 7');
    expect(counted).toEqual([[names.length * 3 + ROWS]]); // and table t7's
    expect(await sql(dnode, "show d.tables like 'same%'")).toHaveLength(names.length);
    expect(await sql(dnode, 'select count(*) from d.normal')).toEqual([]);
  }
});

test('alter dnode reaches another dnode, and says so when it cannot', async () => {
  const logOf = (dnode: Taosd): boolean => dnode.logTail(500).includes('debugFlag is 135 until');
  await sql(second, 'alter dnode 3 debugFlag 135');
  await until(async () => logOf(third));
  expect([logOf(first), logOf(second)]).toEqual([false, false]);
  await sql(second, 'alter local debugFlag 135');
  await until(async () => logOf(second));
  expect(logOf(first)).toBe(false);
  await sql(first, 'create database e replica 3');
  await sql(first, 'create table e.t (ts timestamp, v int)');
  await third.stop('SIGKILL');
  const answer = await second.sql('alter dnode 3 debugFlag 131');
  expect(answer).toMatchObject({ status: 'error', code: ErrorCode.RPC_NETWORK_UNAVAIL });
});

test('a database that was altered while a dnode was away is altered there when it comes back', async () => {
  const [[vgId] = []] = await sql(first, 'show e.vgroups');
  const blocksOf = (dnode: Taosd): unknown => {
    const file = path.join(dnode.dataDir, `vnode/vnode${Number(vgId)}/config.json`);
    return (JSON.parse(readFileSync(file, 'utf8')) as VnodeConfig).options.blocks;
  };
  await sql(first, 'alter database e blocks 10');
  await until(async () => blocksOf(first) === 10 && blocksOf(second) === 10);
  expect(blocksOf(third)).toBe(6);
  await third.start();
  await until(async () => blocksOf(third) === 10);
});
