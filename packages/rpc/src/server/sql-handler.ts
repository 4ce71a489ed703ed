/**
 * `POST /rpc/sql`: a user's statement, for the taos shell and the tools. `authorization: Basic` as in HTTP; the
 * password is checked before the body is read.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ErrorCode, TaosError, encodeBatch, type Batch, type Precision } from '@tdnode/common';
import { decode, encode } from '../codec/encode.ts';
import { failureOf, failureShape } from '../messages/failure.ts';
import {
  MAX_SQL_REQUEST_BYTES,
  SQL_PATH,
  sqlHead,
  sqlRequest,
  type SqlHead,
} from '../messages/sql.ts';
import type { ResultColumn } from '../services/mnode-service.ts';
import { sendStream } from './answer-stream.ts';
import { readBody } from './request-body.ts';
import type { RpcServer } from './rpc-server.ts';

/** What the coordinator is asked; its `SqlService` is one of these. */
export interface SqlBackend {
  execute(
    sql: Uint8Array,
    context: {
      readonly user: string;
      readonly password: string;
      readonly pathDb: string | undefined;
      readonly timezone?: string;
      readonly signal: AbortSignal | undefined;
      readonly clientAddress: string;
    },
  ): Promise<SqlAnswer>;
  /** Throws TaosError on a wrong password. */
  authenticate(user: string, password: string): Promise<unknown>;
}

/** A statement's answer. */
export type SqlAnswer =
  | { readonly kind: 'affected'; readonly rows: number; readonly columns?: readonly ResultColumn[] }
  | {
      readonly kind: 'rows';
      readonly columns: readonly ResultColumn[];
      readonly precision: Precision;
      readonly batches: AsyncIterable<Batch> | Iterable<Batch>;
    };

/** Opens the shell's door. */
export function registerSqlCalls(server: RpcServer, service: SqlBackend): void {
  server.handleRaw(SQL_PATH, (request, response) => serveSql(request, response, service));
}

async function serveSql(
  request: IncomingMessage,
  response: ServerResponse,
  service: SqlBackend,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const { user, password } = credentials(request);
    await service.authenticate(user, password);
    const body = await readBody(request, MAX_SQL_REQUEST_BYTES);
    const { sql, db, timezone } = decode(sqlRequest, body);
    const answer = await service.execute(sql, {
      user,
      password,
      pathDb: db,
      ...(timezone === undefined ? {} : { timezone }),
      signal: gone.signal,
      clientAddress: request.socket.remoteAddress ?? '',
    });
    if (response.destroyed) return;
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    await sendAnswer(response, answer);
  } catch (error) {
    fail(request, response, error);
  }
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
  response.writeHead(isUnknown ? 401 : 422, {
    'content-type': 'application/octet-stream',
    'content-length': body.length,
  });
  response.end(body);
}
