/**
 * `POST /rpc/sql` and `/rpc/sql/hello`: a user's statements, for the taos shell and the tools. `authorization: Basic`
 * as in HTTP; the password is checked before the body is read.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ErrorCode, TaosError, encodeBatch, type Batch, type Precision } from '@tdnode/common';
import { decode, encode } from '../codec/encode.ts';
import { failureOf, failureShape } from '../messages/failure.ts';
import {
  MAX_SQL_REQUEST_BYTES,
  SQL_HELLO_PATH,
  SQL_PATH,
  sqlHead,
  sqlHello,
  sqlRequest,
  sqlWelcome,
  type SqlConnection,
  type SqlHead,
  type SqlWelcome,
} from '../messages/sql.ts';
import type { ResultColumn } from '../services/mnode-service.ts';
import { sendStream } from './answer-stream.ts';
import { readBody } from './request-body.ts';
import type { RpcServer } from './rpc-server.ts';

/** Who asks. */
export interface SqlCaller {
  readonly user: string;
  /** `ip:port`. */
  readonly clientAddress: string;
  readonly connection?: SqlConnection;
}

/** What the coordinator is asked. */
export interface SqlBackend {
  execute(
    sql: Uint8Array,
    context: SqlCaller & {
      readonly password: string;
      readonly pathDb: string | undefined;
      readonly timezone?: string;
      readonly signal: AbortSignal | undefined;
    },
  ): Promise<SqlAnswer>;
  /** Throws TaosError on a wrong password. */
  authenticate(user: string, password: string): Promise<unknown>;
  /** Lists the caller in `show connections`. */
  greet(caller: SqlCaller): SqlWelcome;
  /** The caller has gone. */
  leave(caller: SqlCaller): void;
}

/** A statement's answer. */
export type SqlAnswer =
  | {
      readonly kind: 'affected';
      readonly rows: number;
      readonly columns?: readonly ResultColumn[];
      /** What `use` chose. */
      readonly db?: string;
    }
  | {
      readonly kind: 'rows';
      readonly columns: readonly ResultColumn[];
      /** Of TIMESTAMP columns that do not carry their own. */
      readonly precision: Precision;
      readonly batches: AsyncIterable<Batch> | Iterable<Batch>;
    };

/** Opens the shell's door. */
export function registerSqlCalls(server: RpcServer, service: SqlBackend): void {
  server.handleRaw(SQL_PATH, (request, response) =>
    guarded(request, response, () => serveSql(request, response, service)),
  );
  server.handleRaw(SQL_HELLO_PATH, (request, response) =>
    guarded(request, response, () => serveHello(request, response, service)),
  );
}

async function serveSql(
  request: IncomingMessage,
  response: ServerResponse,
  service: SqlBackend,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const { user, password } = credentials(request);
  await service.authenticate(user, password);
  const body = await readBody(request, MAX_SQL_REQUEST_BYTES);
  const { sql, db, timezone, connection } = decode(sqlRequest, body);
  const answer = await service.execute(sql, {
    ...callerOf(request, user, connection),
    password,
    pathDb: db,
    ...(timezone === undefined ? {} : { timezone }),
    signal: gone.signal,
  });
  if (response.destroyed) return;
  response.writeHead(200, BINARY);
  await sendAnswer(response, answer);
}

async function serveHello(
  request: IncomingMessage,
  response: ServerResponse,
  service: SqlBackend,
): Promise<void> {
  const { user, password } = credentials(request);
  await service.authenticate(user, password);
  const body = await readBody(request, MAX_SQL_REQUEST_BYTES);
  const { connection, isLeaving } = decode(sqlHello, body);
  const caller = callerOf(request, user, connection);
  const welcome = service.greet(caller);
  if (isLeaving) service.leave(caller);
  const answer = encode(sqlWelcome, welcome);
  response.writeHead(200, { ...BINARY, 'content-length': answer.length });
  response.end(answer);
}

const BINARY = { 'content-type': 'application/octet-stream' };

/** Answers by a failure what `serve` throws. */
async function guarded(
  request: IncomingMessage,
  response: ServerResponse,
  serve: () => Promise<void>,
): Promise<void> {
  try {
    await serve();
  } catch (error) {
    fail(request, response, error);
  }
}

/** How a socket for both protocols writes the addresses of the older one. */
const MAPPED_IPV4 = /^::ffff:/;

function callerOf(
  { socket }: IncomingMessage,
  user: string,
  connection: SqlConnection | undefined,
): SqlCaller {
  const clientAddress = `${(socket.remoteAddress ?? '').replace(MAPPED_IPV4, '')}:${socket.remotePort ?? 0}`;
  return { user, clientAddress, ...(connection === undefined ? {} : { connection }) };
}

function credentials(request: IncomingMessage): { user: string; password: string } {
  const header = request.headers.authorization ?? '';
  const encoded = /^basic ([a-z0-9+/=]{1,1500})$/i.exec(header)?.[1];
  const plain = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = plain.indexOf(':');
  if (request.method !== 'POST' || colon < 1) throw new TaosError(ErrorCode.RPC_AUTH_REQUIRED);
  return { user: plain.slice(0, colon), password: plain.slice(colon + 1) };
}

async function sendAnswer(response: ServerResponse, answer: SqlAnswer): Promise<void> {
  if (answer.kind === 'affected') {
    await sendStream(response, streamOf([]), encode(sqlHead, answer));
    return;
  }
  const { kind, columns, precision, batches } = answer;
  const head: SqlHead = { kind, columns, precision };
  await sendStream(response, streamOf(batches), encode(sqlHead, head));
}

/** Encoded batches; leaving the loop early ends what makes them. */
function streamOf(
  batches: AsyncIterable<Batch> | Iterable<Batch>,
): AsyncIterable<Uint8Array> & { cancel(): void } {
  let isCancelled = false;
  return {
    async *[Symbol.asyncIterator]() {
      for await (const batch of batches) {
        if (isCancelled) return;
        yield encodeBatch(batch);
      }
    },
    cancel() {
      isCancelled = true; // what waits inside a batch is stopped by the request's signal
    },
  };
}

function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = encode(failureShape, failureOf(error));
  const isUnknown =
    error instanceof TaosError &&
    (error.code === ErrorCode.RPC_AUTH_REQUIRED || error.code === ErrorCode.RPC_AUTH_FAILURE);
  if (!request.complete) {
    response.setHeader('connection', 'close');
    response.once('finish', () => request.destroy());
  }
  response.writeHead(isUnknown ? 401 : 422, { ...BINARY, 'content-length': body.length });
  response.end(body);
}
