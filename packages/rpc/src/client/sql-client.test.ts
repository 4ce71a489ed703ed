/** A shell at a dnode's door: answers, errors, what its connection remembers, and how it ends. */
import { ErrorCode, SqlType, TaosError, f64Vector, type Batch } from '@tdnode/common';
import { afterEach, expect, test } from 'vitest';
import { listeningServer } from '../../test/nodes.ts';
import type { SqlWelcome } from '../messages/sql.ts';
import {
  registerSqlCalls,
  type SqlAnswer,
  type SqlBackend,
  type SqlCaller,
} from '../server/sql-handler.ts';
import { SqlClient, type SqlClientOptions } from './sql-client.ts';

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const batch: Batch = { rows: 2, columns: [f64Vector(new Float64Array([1, NaN]), 1)] };
const columns = [{ name: 'ts', type: SqlType.TIMESTAMP, bytes: 8 }];

type Context = Parameters<SqlBackend['execute']>[1];

class Backend implements SqlBackend {
  readonly answer: (sql: string, context: Context) => SqlAnswer;
  readonly heard: string[] = [];
  welcome: SqlWelcome = { version: 'v', timezone: 'UTC', endPoints: [] };

  constructor(answer: Backend['answer'] = () => ({ kind: 'affected', rows: 0 })) {
    this.answer = answer;
  }

  async authenticate(user: string, password: string): Promise<void> {
    if (user !== 'root' || password !== 'a:ö') throw new TaosError(ErrorCode.RPC_AUTH_FAILURE);
  }

  async execute(sql: Uint8Array, context: Context): Promise<SqlAnswer> {
    return this.answer(new TextDecoder().decode(sql), context);
  }

  greet({ connection }: SqlCaller): SqlWelcome {
    this.heard.push(`greet ${connection?.program}`);
    return this.welcome;
  }

  leave({ connection }: SqlCaller): void {
    this.heard.push(`leave ${connection?.program}`);
  }
}

async function serve(
  backend: Backend,
): Promise<{ readonly endPoint: string; readonly close: () => Promise<void> }> {
  const { server, endPoint } = await listeningServer((it) => registerSqlCalls(it, backend));
  const close = (): Promise<void> => server.close();
  closing.push(close);
  return { endPoint, close };
}

function shell(endPoint: string, options: Partial<SqlClientOptions> = {}): SqlClient {
  const made = new SqlClient({ endPoint, user: 'root', password: 'a:ö', ...options });
  closing.push(() => made.close());
  return made;
}

async function drawn(answer: SqlAnswer): Promise<Batch[]> {
  const batches: Batch[] = [];
  if (answer.kind === 'rows') for await (const one of answer.batches) batches.push(one);
  return batches;
}

/** Batches without an end. */
async function* endless(): AsyncGenerator<Batch> {
  for (;;) {
    yield batch;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a shell gets counts, rows and errors, and only with its password', async () => {
  const backend = new Backend((sql) => {
    if (sql === 'bad') throw new TaosError(534, undefined, { detail: 'near bad', position: 0 });
    if (sql === 'insert') return { kind: 'affected', rows: 3 };
    return { kind: 'rows', columns, precision: 'ns', batches: [batch, batch] };
  });
  const { endPoint } = await serve(backend);
  const asking = shell(endPoint);
  expect(await asking.execute('insert')).toEqual({ kind: 'affected', rows: 3 });
  const answer = await asking.execute('select', { db: 'd1', timezone: 'UTC' });
  expect(answer).toMatchObject({ kind: 'rows', columns, precision: 'ns' });
  expect(await drawn(answer)).toEqual([batch, batch]);
  await expect(asking.execute('bad')).rejects.toMatchObject({
    code: 534,
    detail: 'near bad',
    position: 0,
  });
  const stranger = shell(endPoint, { password: 'wrong' });
  await expect(stranger.execute('insert')).rejects.toMatchObject({ code: 3 });
  await expect(stranger.connect()).rejects.toMatchObject({ code: 3 });
});

test('an error behind the first rows comes to whoever draws them', async () => {
  const backend = new Backend(() => ({
    kind: 'rows',
    columns,
    precision: 'ms',
    batches: (async function* () {
      yield batch;
      throw new TaosError(ErrorCode.TSC_QUERY_CANCELLED, undefined, { detail: 'kill query 1:1' });
    })(),
  }));
  const { endPoint } = await serve(backend);
  const answer = await shell(endPoint).execute('select');
  await expect(drawn(answer)).rejects.toMatchObject({
    code: ErrorCode.TSC_QUERY_CANCELLED,
    detail: 'kill query 1:1',
  });
});

test('a connection has its own database, zone and name', async () => {
  const asked: unknown[] = [];
  const backend = new Backend((sql, { pathDb, timezone, connection }) => {
    asked.push([pathDb, timezone, connection?.program, connection?.pid]);
    return { kind: 'affected', rows: 0, ...(sql === 'use d2' ? { db: 'd2' } : {}) };
  });
  const { endPoint } = await serve(backend);
  const asking = shell(endPoint, { db: 'd1', timezone: 'UTC-8', program: 'taosdump' });
  for (const sql of ['insert', 'use d2', 'insert']) await asking.execute(sql);
  await asking.execute('insert', { db: 'd3', timezone: 'UTC' });
  await asking.execute('insert');
  expect(asking.db).toBe('d2');
  expect(asked.map((one) => (one as unknown[])[0])).toEqual(['d1', 'd1', 'd2', 'd3', 'd2']);
  expect(asked[0]).toEqual(['d1', 'UTC-8', 'taosdump', process.pid]);
  expect(asked[3]).toEqual(['d3', 'UTC', 'taosdump', process.pid]);
});

test('a connection says hello and goodbye', async () => {
  const backend = new Backend();
  const { endPoint } = await serve(backend);
  backend.welcome = { version: '2.1.2.0', timezone: 'UTC', endPoints: [endPoint, 'h2:6030'] };
  const asking = shell(endPoint);
  expect(await asking.connect()).toEqual(backend.welcome);
  expect(asking.endPoints).toEqual([endPoint, 'h2:6030']);
  await asking.close();
  expect(backend.heard).toEqual(['greet taos', 'greet taos', 'leave taos']);
});

test('where its dnode went away, another one goes on', async () => {
  const [first, second] = [await serve(new Backend()), await serve(new Backend())];
  const welcome = { version: 'v', timezone: 'UTC', endPoints: [first.endPoint, second.endPoint] };
  const backend = new Backend();
  backend.welcome = welcome;
  const third = await serve(backend);
  const asking = shell(third.endPoint, { db: 'd1' });
  await asking.connect();
  await third.close();
  await first.close();
  expect(await asking.execute('select 1')).toEqual({ kind: 'affected', rows: 0 });
  expect(asking.endPoints[0]).toBe(second.endPoint);
});

test('a shell that leaves cancels its statement', async () => {
  let tell = (): void => {};
  const cancelled = new Promise<void>((resolve) => (tell = resolve));
  const backend = new Backend((_sql, { signal }) => {
    signal?.addEventListener('abort', tell);
    return { kind: 'rows', columns: [], precision: 'ms', batches: endless() };
  });
  const { endPoint } = await serve(backend);
  const answer = await shell(endPoint).execute('select');
  if (answer.kind === 'rows') for await (const one of answer.batches) if (one.rows === 2) break;
  await cancelled;
});

test('a statement that is given up ends at both ends', async () => {
  let tell = (): void => {};
  const cancelled = new Promise<void>((resolve) => (tell = resolve));
  const backend = new Backend((_sql, { signal }) => {
    signal?.addEventListener('abort', tell);
    return { kind: 'rows', columns: [], precision: 'ms', batches: endless() };
  });
  const { endPoint } = await serve(backend);
  const controller = new AbortController();
  const answer = await shell(endPoint).execute('select', { signal: controller.signal });
  const drawing = drawn(answer);
  controller.abort();
  await expect(drawing).rejects.toMatchObject({ code: ErrorCode.TSC_QUERY_CANCELLED });
  await cancelled;
  const late = shell(endPoint).execute('select', { signal: AbortSignal.abort() });
  await expect(late).rejects.toMatchObject({ code: ErrorCode.TSC_QUERY_CANCELLED });
});
