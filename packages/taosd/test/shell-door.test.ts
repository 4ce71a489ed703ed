/** A shell at serverPort of a real taosd: what `SqlClient` promises. One server for all cases. */
import { ErrorCode, SqlType, type Batch } from '@tdnode/common';
import { SqlClient, type SqlAnswer, type SqlClientOptions } from '@tdnode/rpc';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { until } from './cluster-harness.ts';
import { startTaosd, type Taosd } from './harness.ts';

const ROWS = 100_000;
const START_MS = Date.UTC(2021, 0, 1);

let taosd: Taosd;
beforeAll(async () => {
  taosd = await startTaosd();
});
afterAll(() => taosd.dispose());

const closing: SqlClient[] = [];
afterEach(async () => {
  for (const client of closing.splice(0)) await client.close();
});

function shell(options: Partial<SqlClientOptions> = {}): SqlClient {
  const endPoint = `localhost:${taosd.port}`;
  const made = new SqlClient({ endPoint, user: 'root', password: 'taosdata', ...options });
  closing.push(made);
  return made;
}

async function batchesOf(answer: SqlAnswer): Promise<Batch[]> {
  const batches: Batch[] = [];
  if (answer.kind === 'rows') for await (const batch of answer.batches) batches.push(batch);
  return batches;
}

/** Numbers of the first column. */
async function firstColumn(client: SqlClient, sql: string): Promise<number[]> {
  const numbers: number[] = [];
  for (const { columns } of await batchesOf(await client.execute(sql))) {
    const [column] = columns;
    if (column?.kind !== 'f64') throw new Error('no numbers');
    numbers.push(...column.data);
  }
  return numbers;
}

test('a connection has a database of its own, apart from the one of REST', async () => {
  const client = shell();
  expect(await client.connect()).toMatchObject({ version: '2.1.2.0', timezone: 'UTC' });
  await client.execute('create database one');
  await client.execute('create database two');
  await client.execute('use one');
  await client.execute('create table t (ts timestamp, v int)');
  await taosd.sql('use two');
  expect(await client.execute('insert into t values (now, 7)')).toEqual({
    kind: 'affected',
    rows: 1,
  });
  expect(await firstColumn(client, 'select v from t')).toEqual([7]);
  expect((await taosd.sql('select v from t')).status).toBe('error');
  await expect(client.execute('use three')).rejects.toMatchObject({ code: 899 });
  expect(client.db).toBe('one');
});

test('columns come with their types, errors with place and detail', async () => {
  const client = shell();
  await client.execute("create database three precision 'us'");
  await client.execute('use three');
  await client.execute('create table t (ts timestamp, v bigint, s nchar(10))');
  const answer = await client.execute('select * from t');
  expect(answer).toMatchObject({
    kind: 'rows',
    precision: 'us',
    columns: [
      { name: 'ts', type: SqlType.TIMESTAMP, bytes: 8 },
      { name: 'v', type: SqlType.BIGINT, bytes: 8 },
      { name: 's', type: SqlType.NCHAR, bytes: 10 },
    ],
  });
  await batchesOf(answer);
  await expect(client.execute('select * form t')).rejects.toMatchObject({
    code: 534,
    position: 9,
  });
  const stranger = shell({ password: 'wrong' });
  await expect(stranger.connect()).rejects.toMatchObject({ code: ErrorCode.RPC_AUTH_FAILURE });
});

test('literals are read in the zone of the request', async () => {
  const client = shell({ timezone: 'Asia/Shanghai' });
  await client.execute('create database four');
  await client.execute('use four');
  await client.execute('create table t (ts timestamp, v int)');
  await client.execute("insert into t values ('2021-01-01 08:00:00', 1)");
  expect(await firstColumn(client, 'select ts from t')).toEqual([START_MS]);
  const there = await client.execute("select v from t where ts = '2021-01-01 00:00:00'", {
    timezone: 'UTC',
  });
  expect((await batchesOf(there)).map(({ rows }) => rows)).toEqual([1]);
});

test('a large answer comes in batches; a connection is listed, and what it gives up is not', async () => {
  const client = shell({ program: 'taosdump' });
  await client.connect();
  await client.execute('create database five');
  await client.execute('use five');
  await client.execute('create table t (ts timestamp, v int)');
  for (let from = 0; from < ROWS; from += 10_000) {
    const rows = Array.from({ length: 10_000 }, (_, i) => `(${START_MS + from + i}, ${i})`);
    await client.execute(`insert into t values ${rows.join(' ')}`);
  }
  const batches = await batchesOf(await client.execute('select ts, v from t'));
  expect(batches.reduce((sum, { rows }) => sum + rows, 0)).toBe(ROWS);
  expect(Math.max(...batches.map(({ rows }) => rows))).toBeLessThanOrEqual(4096);

  const [listed] = (await taosd.sql('show connections')).data!.filter(
    (row) => row[2] === 'taosdump',
  );
  expect(listed).toMatchObject({ 1: 'root', 3: process.pid });
  expect(listed?.[4]).toMatch(/^(127\.0\.0\.1|::1):\d+$/);

  const giveUp = new AbortController();
  const answer = await client.execute('select ts, v from t', { signal: giveUp.signal });
  giveUp.abort();
  await expect(batchesOf(answer)).rejects.toMatchObject({ code: ErrorCode.TSC_QUERY_CANCELLED });
  await until(async () => (await taosd.sql('show queries')).rows === 0);

  await client.close();
  const after = (await taosd.sql('show connections')).data!;
  expect(after.filter((row) => row[2] === 'taosdump')).toEqual([]);
});
