/**
 * The door on a real socket with a service of the test's own: recorded answers byte for byte where they do not
 * depend on data, then limits, packing, pipelining, slow and absent clients.
 */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  ErrorCode,
  SqlType,
  TaosError,
  f64Vector,
  silentLogger,
  syntaxError,
  timeZone,
} from '@tdnode/common';
import type { Batch } from '@tdnode/common';
import type { RequestContext, SqlResult, SqlService } from '@tdnode/taosc';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RestOptions } from './rest-server.ts';
import { RestServer } from './rest-server.ts';

const seen: { sql: string; db: string | undefined }[] = [];
const number = (name: string) => ({ name, type: SqlType.INT, bytes: 4 });
const batchOf = (rows: number): Batch => ({
  rows,
  columns: [f64Vector(Float64Array.from({ length: rows }, (_, i) => i))],
});
let drawn = 0;
const recordedSql: string[] = [];

/** Two megabytes of text a batch: more than sockets hold before the limit of rows is reached. */
const wide: Batch = {
  rows: 4096,
  columns: Array.from({ length: 40 }, () => batchOf(4096).columns[0]!),
};
const wideColumns = wide.columns.map((_, i) => ({ name: `d${i}`, type: SqlType.DOUBLE, bytes: 8 }));

async function* endless(): AsyncGenerator<Batch> {
  for (;;) {
    drawn++;
    await new Promise((resolve) => setImmediate(resolve));
    yield wide;
  }
}

function* breaking(): Generator<Batch> {
  for (let i = 0; i < 20; i++) yield batchOf(4096);
  throw new TaosError(ErrorCode.RPC_APP_ERROR);
}

function rows(name: string, batches: Iterable<Batch> | AsyncIterable<Batch>): SqlResult {
  return { kind: 'rows', columns: [number(name)], precision: 'ms', batches };
}

async function run(text: string): Promise<SqlResult> {
  if (text === 'select server_status()') {
    const batch: Batch = { rows: 1, columns: [f64Vector(Float64Array.of(1))] };
    return rows('server_status()', [batch]);
  }
  if (text === 'endless') {
    return { kind: 'rows', columns: wideColumns, precision: 'ms', batches: endless() };
  }
  if (text === 'breaking') return rows('n', breaking());
  const count = /^rows (\d+)$/u.exec(text);
  if (count !== null) return rows('n', [batchOf(Number(count[1]))]);
  if (text === 'bug') throw new Error('a bug');
  if (text.startsWith('slow')) await new Promise((resolve) => setImmediate(resolve));
  if (text.startsWith('insert') || text.startsWith('slow')) return { kind: 'affected', rows: 3 };
  throw syntaxError(`near "${text}\n" ü`, 7);
}

const service: SqlService = {
  execute(sql: Uint8Array, context: RequestContext) {
    const text = Buffer.from(sql).toString().trim();
    seen.push({ sql: text, db: context.pathDb });
    return run(text);
  },
  async authenticate(user: string, password: string) {
    if (user !== 'root') throw new TaosError(ErrorCode.MND_INVALID_USER);
    if (password !== 'taosdata') throw new TaosError(ErrorCode.RPC_AUTH_FAILURE);
    return { name: user, privilege: 'super' as const };
  },
};

const options: RestOptions = {
  service,
  logger: { ...silentLogger, info: (_module, text) => void recordedSql.push(text) },
  recordSql: true,
  zone: timeZone('UTC'),
  rowLimit: 100_000,
  maxSqlLength: 1_048_576,
  port: 0,
  host: '127.0.0.1',
  maxConnections: 100,
  headTimeoutMs: 300,
  requestTimeoutMs: 600,
};
const server = new RestServer(options);
let port = 0;
beforeAll(async () => {
  port = await server.listen();
});
afterAll(() => server.close());

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

const basic = `Basic ${Buffer.from('root:taosdata').toString('base64')}`;

function ask(
  body: Buffer | string | undefined,
  options: http.RequestOptions = {},
  chunked = false,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { headers = { Authorization: basic }, ...rest } = options;
    const length =
      chunked || body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
    const request = http.request(
      {
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/rest/sql',
        agent: false,
        ...rest,
        headers: { ...length, ...(headers as http.OutgoingHttpHeaders) },
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('aborted', () => reject(new Error('aborted')));
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            body: Buffer.concat(parts),
          }),
        );
      },
    );
    request.on('error', reject);
    if (chunked) request.write('');
    request.end(body);
  });
}

interface Recorded {
  readonly id: string;
  readonly sql?: string;
  readonly sqlHex?: string;
  readonly sqlParts?: readonly [string, number][];
  readonly url?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly auth?: null | { readonly header: string };
  readonly chunked?: boolean;
  readonly httpStatus: number;
  readonly httpHeaders: Record<string, string | null>;
  readonly raw: string;
  readonly bug?: string;
}

const corpus = new URL('../../../conformance/corpus/rest-format.jsonl', import.meta.url);
const recorded = readFileSync(corpus, 'utf8')
  .split('\n')
  .filter((line) => line.includes('"raw"'))
  .map((line) => JSON.parse(line) as Recorded)
  .filter((r) => r.bug === undefined && r.sqlHex === undefined)
  .filter((r) => {
    const sql = r.sql ?? r.sqlParts?.map(([part]) => part).join('') ?? '';
    return ['select server_status()', '', 'x', 'select 1', ';'].includes(sql.trim());
  });

test('the corpus has the cases that need no data', () =>
  expect(recorded.length).toBeGreaterThan(45));

test.each(recorded.map((r) => [r.id, r] as const))('%s', async (_id, r) => {
  const sql = r.sqlParts?.map(([part, times]) => part.repeat(times)).join('') ?? r.sql;
  const headers: Record<string, string> = { ...r.headers };
  const authorization = r.auth === undefined ? basic : r.auth?.header;
  if (authorization !== undefined) headers['Authorization'] = authorization;
  const request = { headers, path: r.url ?? '/rest/sql', method: r.method ?? 'POST' };
  const answer = await ask(sql, request, r.chunked);
  expect(answer.status).toBe(r.httpStatus);
  for (const [name, value] of Object.entries(r.httpHeaders)) {
    expect(answer.headers[name] ?? null, name).toBe(value);
  }
  const packed = answer.headers['content-encoding'] === 'gzip';
  const text = (packed ? gunzipSync(answer.body) : answer.body).toString();
  const plain = r.raw.startsWith('{"status":"succ","code"')
    ? text
    : text.replace('{"status":"succ","code":0,', '{"status":"succ",');
  expect(plain).toBe(r.raw);
});

test('an acknowledgement is one short answer with its length', async () => {
  const { status, headers, body } = await ask('insert');
  expect(status).toBe(200);
  expect(headers['content-length']).toBe(String(body.length));
  expect(body.toString()).toBe(
    '{"status":"succ","code":0,"head":["affected_rows"],"column_meta":[["affected_rows",4,4]],"data":[[3]],"rows":1}',
  );
});

test('what helps comes as a header, harmless', async () => {
  const { status, headers } = await ask('nonsense');
  expect(status).toBe(400);
  expect(headers['x-taos-detail']).toBe('near "nonsense?" ? (at 7)');
});

test('the connection outlives a refusal', async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const ports = new Set<number | undefined>();
  agent.on('free', (socket: net.Socket) => ports.add(socket.localPort));
  for (const sql of ['nonsense', 'insert', 'x'.repeat(1_048_577), 'bug', 'insert']) {
    await ask(sql, { agent });
  }
  await ask('insert', { agent, headers: {} });
  expect((await ask('insert', { agent })).status).toBe(200);
  expect(ports.size).toBe(1);
  agent.destroy();
});

test('recorded statements show no password and are bounded', async () => {
  await ask(`create user u PASS 'secret' ${'x'.repeat(9000)}`);
  expect(recordedSql.at(-1)).toMatch(/^user:root sql:create user u PASS '\*\*\*' x+$/u);
  expect(recordedSql.at(-1)!.length).toBeLessThan(4200);
});

test('401 names the scheme, and a bug is 500', async () => {
  expect((await ask('insert', { headers: {} })).headers['www-authenticate']).toBe('Basic');
  expect((await ask('bug')).status).toBe(500);
});

test('the database of the path reaches the service, the query string does not', async () => {
  await ask('insert 1', { path: '/rest/sql/my%64b/more?x=1' });
  await ask('insert 2', { path: '/rest/sqlt/?x=/a' });
  expect(seen.slice(-2)).toEqual([
    { sql: 'insert 1', db: 'mydb' },
    { sql: 'insert 2', db: undefined },
  ]);
});

test('packed bodies are unpacked; damaged, cut and foreign ones are refused', async () => {
  const headers = { Authorization: basic, 'Content-Encoding': 'gzip' };
  const packed = gzipSync('insert packed');
  expect((await ask(packed, { headers })).status).toBe(200);
  expect(seen.at(-1)?.sql).toBe('insert packed');
  const cut = await ask(packed.subarray(0, 20), { headers });
  expect([cut.status, JSON.parse(cut.body.toString()).code]).toEqual([406, 0x1131]);
  const foreign = { ...headers, 'Content-Encoding': 'br' };
  expect((await ask(packed, { headers: foreign })).status).toBe(406);
});

test('a body beyond 8 MiB is 413, declared, chunked or unpacked', async () => {
  const large = Buffer.alloc(8 * 1024 * 1024 + 1, 32);
  const code = async (answer: Promise<Answer>) => {
    const { status, body } = await answer;
    return [status, JSON.parse(body.toString()).code];
  };
  const headers = { Authorization: basic, 'Content-Encoding': 'gzip' };
  expect(await code(ask(gzipSync(large), { headers }))).toEqual([413, 4356]);
  expect(await code(ask(large))).toEqual([413, 4356]);
  expect(await code(ask(large, {}, true))).toEqual([413, 4356]);
});

test('rows beyond the limit are cut and the answer says so', async () => {
  const { body } = await ask('rows 100001');
  const { data, rows, truncated } = JSON.parse(body.toString());
  expect([data.length, rows, truncated]).toEqual([100_000, 100_000, true]);
  const whole = JSON.parse((await ask('rows 100000')).body.toString());
  expect([whole.data.at(-1), whole.rows, whole.truncated]).toEqual([[99_999], 100_000, undefined]);
});

test('long answers are packed when asked for', async () => {
  const headers = { Authorization: basic, 'Accept-Encoding': 'deflate, gzip;q=0.5' };
  const answer = await ask('rows 50000', { headers });
  expect(answer.headers['content-encoding']).toBe('gzip');
  expect(JSON.parse(gunzipSync(answer.body).toString()).rows).toBe(50_000);
  const refused = { Authorization: basic, 'Accept-Encoding': 'gzip;q=0' };
  expect((await ask('rows 1', { headers: refused })).headers['content-encoding']).toBeUndefined();
});

test('an error in mid-stream breaks the answer', async () => {
  await expect(ask('breaking')).rejects.toThrow();
});

function connect(): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', reject);
  });
}

function until(socket: net.Socket, done: (text: string) => boolean): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (part) => {
      text += part.toString('latin1');
      if (done(text)) resolve(text);
    });
    socket.on('close', () => resolve(text));
  });
}

const post = (sql: string): string =>
  `POST /rest/sql HTTP/1.1\r\nHost: h\r\nAuthorization: ${basic}\r\nContent-Length: ${sql.length}\r\n\r\n${sql}`;

test('pipelined requests run in their order on one connection', async () => {
  const socket = await connect();
  const names = ['slow 1', 'insert 2', 'slow 3', 'insert 4'];
  socket.write(names.map(post).join(''));
  await until(socket, (text) => text.split('affected_rows"],').length > names.length);
  expect(seen.slice(-4).map(({ sql }) => sql)).toEqual(names);
  socket.destroy();
});

test('half a request is answered 408 and closed', async () => {
  const socket = await connect();
  socket.write('POST /rest/sql HTTP/1.1\r\nHost:');
  expect(await until(socket, () => false)).toMatch(/^HTTP\/1\.1 408/u);
});

test('half a body is answered 408 and closed', async () => {
  const socket = await connect();
  socket.write(post('insert').slice(0, -3));
  expect(await until(socket, () => false)).toMatch(/^HTTP\/1\.1 408/u);
});

/** A server whose statements wait for `release`; `isReached` when one has come in. */
async function slowServer(): Promise<{
  server: RestServer;
  port: number;
  isReached: Promise<void>;
  release: () => void;
}> {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  let reached = (): void => {};
  const isReached = new Promise<void>((resolve) => (reached = resolve));
  const slowService: SqlService = {
    ...service,
    execute: async () => {
      reached();
      await held;
      return { kind: 'affected', rows: 1 };
    },
  };
  const slow = new RestServer({ ...options, service: slowService });
  const slowPort = await slow.listen();
  return { server: slow, port: slowPort, isReached, release };
}

test('a stop lets the running statement answer and takes no new connection', async () => {
  const other = await slowServer();
  const answer = ask('insert', { port: other.port });
  await other.isReached;
  const closed = other.server.close();
  await expect(ask('insert', { port: other.port })).rejects.toThrow('ECONNREFUSED');
  other.release();
  expect((await answer).headers.connection).toBe('close');
  await closed;
});

test('a stop waits for no client that would keep its connection', async () => {
  const other = await slowServer();
  const agent = new http.Agent({ keepAlive: true });
  const answer = ask('insert', { port: other.port, agent });
  await other.isReached;
  const closed = other.server.close();
  other.release();
  expect((await answer).headers.connection).toBe('close');
  await closed;
  agent.destroy();
});

test('a connection beyond maxConnections is closed, those within stay', async () => {
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (_: string, text: string) => void warnings.push(text) };
  const small = new RestServer({ ...options, logger, maxConnections: 2 });
  const smallPort = await small.listen();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
  await Promise.all([1, 2].map((i) => ask(`insert ${i}`, { port: smallPort, agent })));
  await expect(ask('insert 3', { port: smallPort })).rejects.toThrow();
  expect((await ask('insert 4', { port: smallPort, agent })).status).toBe(200);
  expect(warnings).toEqual(['too many connections, one refused']);
  agent.destroy();
  await small.close();
});

test('a client that takes nothing of its answer is dropped', async () => {
  let wasDropped = (): void => {};
  const dropped = new Promise<void>((resolve) => (wasDropped = resolve));
  const watched: SqlService = {
    ...service,
    execute: (sql, context) => {
      context.signal?.addEventListener('abort', wasDropped);
      return service.execute(sql, context);
    },
  };
  const impatient = new RestServer({ ...options, service: watched, stallTimeoutMs: 50 });
  const socket = net.connect(await impatient.listen(), '127.0.0.1');
  socket.on('error', () => {}); // cut off
  socket.pause();
  socket.write(post('endless'));
  await dropped;
  socket.destroy();
  await impatient.close();
});

test('a connection with too many requests waiting is closed', async () => {
  let executed = 0;
  const held: SqlService = {
    ...service,
    execute: () => {
      executed++;
      return new Promise(() => {});
    },
  };
  const busy = new RestServer({ ...options, service: held });
  const socket = net.connect(await busy.listen(), '127.0.0.1');
  socket.on('error', () => {}); // cut off
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.write(post('insert').repeat(1002)); // one in work, 1000 waiting, one too many
  await closed;
  expect(executed).toBe(1);
  await busy.close();
});

test('a statement beyond maxSQLLength is 537, one of that length is not', async () => {
  const long = await ask('x'.repeat(options.maxSqlLength + 1));
  expect([long.status, JSON.parse(long.body.toString()).code]).toEqual([400, 537]);
  const fitting = await ask('x'.repeat(options.maxSqlLength));
  expect(JSON.parse(fitting.body.toString()).code).toBe(534);
});

test('what is not HTTP is answered 400 and closed', async () => {
  const socket = await connect();
  socket.write('hello\r\n\r\n');
  expect(await until(socket, () => false)).toMatch(/^HTTP\/1\.1 400/u);
});

test('a client that stops reading stops the query, and its going ends it', async () => {
  const socket = await connect();
  socket.pause();
  drawn = 0;
  socket.write(post('endless'));
  const settled = async (before: number): Promise<number> => {
    for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
    return drawn === before && drawn > 0 ? drawn : settled(drawn);
  };
  expect(await settled(0)).toBeLessThan(25); // the limit of rows would be reached at 25
  socket.destroy();
});
