/**
 * The server on serverPort: signed calls of other dnodes and, by a door of its own, the SQL of shells. A call is
 * answered by the handler that `handle` or `handleStream` gave it. Node's own server holds the sockets: a framework would
 * read bodies before the sender is verified on the headers, and costs 16 MiB that a dnode alone has no use for.
 *
 * Pages: docs/protocol/rpc.md.
 */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ErrorCode, TaosError, type Clock, type Logger } from '@tdnode/common';
import { hashOf, sameText, type Authenticator, type Caller } from '../auth/authenticator.ts';
import { watchTls } from '../auth/tls-mismatch.ts';
import type { TlsOptions } from '../auth/tls.ts';
import { decode, encode } from '../codec/encode.ts';
import {
  CLOSE_GRACE_MS,
  HEADERS_TIMEOUT_MS,
  MAX_HEADER_BYTES,
  MAX_SERVER_SOCKETS,
  REQUEST_TIMEOUT_MS,
  SERVER_IDLE_MS,
} from '../limits/limits.ts';
import { RareLog } from '../limits/rare-log.ts';
import type { Call, StreamCall } from '../messages/call.ts';
import { RedirectError, failureOf, failureShape } from '../messages/failure.ts';
import { PROTOCOL_VERSION } from '../messages/protocol-version.ts';
import { sendStream, type CancellableStream } from './answer-stream.ts';
import { readBody } from './request-body.ts';

/** What a server stands on. */
export interface RpcServerOptions {
  readonly auth: Authenticator;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Undefined: plain HTTP. */
  readonly tls?: TlsOptions | undefined;
}

/** What a handler knows besides the request. */
export interface CallContext {
  readonly caller: Caller;
  /** Aborted when the caller went away. */
  readonly signal: AbortSignal;
}

/** A door that does its own authentication; it answers whatever happens. */
export type RawDoor = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface Entry {
  readonly call: Call<unknown, unknown> | StreamCall<unknown>;
  readonly serve: (request: unknown, exchange: Exchange) => Promise<void>;
}

/** A verified request and where its answer goes. */
interface Exchange extends CallContext {
  readonly response: ServerResponse;
}

/** See the head of this file. */
export class RpcServer {
  readonly #options: RpcServerOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #doors = new Map<string, RawDoor>();
  readonly #log: RareLog;
  #server: Server | undefined;
  #running = 0;
  /** Called when nothing runs any more. */
  #onIdle: (() => void) | undefined;

  constructor(options: RpcServerOptions) {
    this.#options = options;
    this.#log = new RareLog(options.logger, 'DND', options.clock);
  }

  /** Answers a call by what `handler` resolves to; a TaosError travels whole. */
  handle<Q, R>(call: Call<Q, R>, handler: (request: Q, context: CallContext) => Promise<R>): void {
    this.#entries.set(`/rpc/${call.name}`, {
      call: call as Call<unknown, unknown>,
      serve: async (request, exchange) => {
        const value = await handler(request as Q, exchange);
        this.#send(exchange.response, 200, encode(call.response, value), exchange.caller);
      },
    });
  }

  /** Answers a call by the frames of a stream, which is cancelled when the caller goes away. */
  handleStream<Q>(
    call: StreamCall<Q>,
    handler: (request: Q, context: CallContext) => CancellableStream,
  ): void {
    this.#entries.set(`/rpc/${call.name}`, {
      call: call as StreamCall<unknown>,
      serve: (request, exchange) => {
        const items = handler(request as Q, exchange);
        const { response, caller } = exchange;
        response.writeHead(200, {
          'content-type': 'application/octet-stream',
          'x-td-proof': this.#proof(caller, 200, 'stream'),
        });
        return sendStream(response, items);
      },
    });
  }

  /** Gives a path to a door of its own. */
  handleRaw(path: string, door: RawDoor): void {
    this.#doors.set(path, door);
  }

  /** Opens the port (0: any) and returns its number. */
  async listen({ host, port }: { readonly host?: string; readonly port: number }): Promise<number> {
    const server = await openServer((request, response) => {
      this.#running++;
      response.once('close', () => {
        if (--this.#running === 0) this.#onIdle?.();
      });
      void this.#serve(request, response);
    }, this.#options.tls);
    this.#server = server;
    watchTls(server, this.#options.tls !== undefined, (address, sentence) =>
      this.#log.warn(`${address} tls`, `a connection from ${address} is refused: ${sentence}`),
    );
    await listenEverywhere(host, (address) => listening(server, port, address));
    return (server.address() as AddressInfo).port;
  }

  /** Closes the port, lets what runs be answered for a moment, and closes every socket. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server?.listening !== true) return;
    const closed = new Promise((resolve) => server.close(resolve));
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      if (this.#running === 0) resolve();
      setTimeout(resolve, CLOSE_GRACE_MS).unref();
    });
    server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined); // 'close' follows, and every exchange listens to that
    if (this.#onIdle !== undefined) response.setHeader('connection', 'close');
    const path = request.url ?? '/';
    const door = this.#doors.get(path);
    if (door !== undefined) return door(request, response);
    let caller: Caller | undefined;
    try {
      const entry = this.#entries.get(path);
      checkRequest(request, entry);
      caller = this.#options.auth.verify(request.headers, 'POST', path);
      this.#options.auth.admit(caller, entry.call.cluster);
      const body = await readBody(request, entry.call.maxBytes);
      if (!sameText(hashOf(body), String(request.headers['x-td-body']))) {
        throw new TaosError(ErrorCode.RPC_AUTH_FAILURE, undefined, {
          detail: `the body of a request of ${caller.from} was changed on the way`,
        });
      }
      const message = decode(entry.call.request, body);
      await entry.serve(message, { caller, response, signal: goneSignal(response) });
    } catch (error) {
      this.#refuse(request, response, error, caller);
    }
  }

  #refuse(
    request: IncomingMessage,
    response: ServerResponse,
    error: unknown,
    caller: Caller | undefined,
  ): void {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const status = statusOf(error);
    const failure = failureOf(error);
    if (status !== 422 && status !== 421) {
      const address = request.socket.remoteAddress ?? '';
      const reason = failure.detail ?? failure.text;
      this.#log.warn(
        `${address} ${failure.code}`,
        `a request from ${address} is refused: ${reason}`,
      );
    } else if (failure.code === ErrorCode.RPC_APP_ERROR) {
      this.#log.warn('bug', `a call failed by a bug: ${String((error as Error).stack ?? error)}`);
    }
    if (!request.complete) {
      response.setHeader('connection', 'close');
      response.once('finish', () => request.destroy()); // the rest of the body is not read
    }
    this.#send(response, status, encode(failureShape, failure), caller);
  }

  #send(
    response: ServerResponse,
    status: number,
    body: Uint8Array,
    caller: Caller | undefined,
  ): void {
    response.writeHead(status, {
      'content-type': 'application/octet-stream',
      'content-length': body.length,
      ...(caller === undefined ? {} : { 'x-td-proof': this.#proof(caller, status, hashOf(body)) }),
    });
    response.end(body);
  }

  /** That this answer was made by one who knows the key, and for this request. */
  #proof(caller: Caller, status: number, body: string): string {
    return this.#options.auth.proof('answer', caller.signature, String(status), body);
  }
}

/** Listens on `host`; without one on all addresses, of IPv6 and IPv4, or of IPv4 where the host has no IPv6. */
async function listenEverywhere(
  host: string | undefined,
  listen: (host: string) => Promise<unknown>,
): Promise<void> {
  try {
    await listen(host ?? '::');
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (host !== undefined || (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL')) throw error;
    await listen('0.0.0.0');
  }
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Node's servers are loaded here and not before: threads that only know this package's types do without them. */
async function openServer(listener: RequestListener, tls: TlsOptions | undefined): Promise<Server> {
  const options = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: SERVER_IDLE_MS,
    noDelay: true,
  };
  const server =
    tls === undefined
      ? (await import('node:http')).createServer(options, listener)
      : (await import('node:https')).createServer(
          { ...options, ...tls, minVersion: 'TLSv1.2' },
          listener,
        );
  server.maxConnections = MAX_SERVER_SOCKETS;
  return server;
}

function checkRequest(request: IncomingMessage, entry: Entry | undefined): asserts entry {
  const version = request.headers['x-td-protocol'];
  if (entry !== undefined && request.method === 'POST' && version === String(PROTOCOL_VERSION))
    return;
  if (entry === undefined || request.method !== 'POST')
    throw new TaosError(ErrorCode.RPC_INVALID_MSG_TYPE, undefined, {
      detail: 'there is no such call',
    });
  throw new TaosError(ErrorCode.RPC_INVALID_VERSION, undefined, {
    detail: `the asking dnode speaks protocol ${String(version)}, this one ${PROTOCOL_VERSION}: run the same version on all dnodes`,
  });
}

/** HTTP's word for a failure. 422: the handler's own error; 421: ask another dnode. */
function statusOf(error: unknown): number {
  if (error instanceof RedirectError) return 421;
  if (!(error instanceof TaosError)) return 422;
  return STATUS.get(error.code) ?? 422;
}

const STATUS: ReadonlyMap<number, number> = new Map([
  [ErrorCode.RPC_AUTH_REQUIRED, 401],
  [ErrorCode.RPC_AUTH_FAILURE, 401],
  [ErrorCode.RPC_INVALID_TIME_STAMP, 401],
  [ErrorCode.RPC_ALREADY_PROCESSED, 401],
  [ErrorCode.RPC_MAX_SESSIONS, 503],
  [ErrorCode.MND_INVALID_CLUSTER_ID, 403],
  [ErrorCode.RPC_FQDN_ERROR, 403],
  [ErrorCode.RPC_INVALID_MSG_TYPE, 404],
  [ErrorCode.SYN_INVALID_MSGLEN, 413],
  [ErrorCode.RPC_INVALID_VERSION, 426],
  [ErrorCode.RPC_INVALID_VALUE, 400],
]);

function goneSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
