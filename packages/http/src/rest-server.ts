/**
 * The REST door's listener. Statements go straight to the door; everything else goes through fastify, which is
 * loaded after the port is open, so that a start does not wait for it. Both end in the same `Door`.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { DoorOptions } from './door.ts';
import { Door } from './door.ts';
import type { ReadyProbe } from './health.ts';
import type { MetricsSource } from './metrics-route.ts';
import { isSqlUrl } from './target.ts';
import { Turns } from './turns.ts';

/** Where to listen and what to bear. */
export interface RestOptions extends DoorOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly host?: string;
  /** Connections at once; more are refused. */
  readonly maxConnections: number;
  /** How long the head of a request may take, ms. */
  readonly headTimeoutMs?: number;
  /** How long a whole request may take to arrive, ms. */
  readonly requestTimeoutMs?: number;
  /** Left out: ready as soon as the port is open. */
  readonly isReady?: ReadyProbe;
  /** The page of `/metrics`; left out: there is none. */
  readonly metrics?: MetricsSource;
}

type RawHandler = (request: IncomingMessage, response: ServerResponse) => void;

const HEAD_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 120_000;
const KEEP_ALIVE_MS = 75_000;
/** How long running statements may go on when the server stops. */
const CLOSE_GRACE_MS = 10_000;

/** An open REST port. */
export class RestServer {
  readonly #options: RestOptions;
  readonly #door: Door;
  readonly #turns: Turns;
  readonly #server: Server;
  #framework: Promise<RawHandler> | undefined;

  constructor(options: RestOptions) {
    this.#options = options;
    this.#door = new Door(options);
    this.#turns = new Turns((request, response) => this.#dispatch(request, response));
    const headersTimeout = options.headTimeoutMs ?? HEAD_TIMEOUT_MS;
    const requestTimeout = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    this.#server = createServer(
      {
        headersTimeout,
        requestTimeout,
        keepAliveTimeout: KEEP_ALIVE_MS,
        connectionsCheckingInterval: Math.min(headersTimeout, 5000),
        noDelay: true,
      },
      (request, response) => this.#turns.enter(request, response),
    );
    this.#server.maxConnections = options.maxConnections;
    this.#server.on('clientError', refuse);
    this.#server.on('drop', () => options.logger.warn('HTP', 'too many connections, one refused'));
  }

  /** Opens the port; rejects when it is taken. Resolves with the port's number. */
  async listen(): Promise<number> {
    const { port, host } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Refuses new connections, lets running requests finish, then closes everything. */
  async close(): Promise<void> {
    this.#turns.end();
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    const grace = setTimeout(() => this.#server.closeAllConnections(), CLOSE_GRACE_MS).unref();
    this.#server.closeIdleConnections();
    await closed;
    clearTimeout(grace);
  }

  #dispatch(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'POST' && isSqlUrl(request.url!)) {
      void this.#door.handle(request, response); // never rejects
      return;
    }
    this.#framework ??= this.#loadFramework();
    this.#framework.then(
      (handler) => handler(request, response),
      () => response.destroy(),
    );
  }

  async #loadFramework(): Promise<RawHandler> {
    const { buildApp } = await import('./app.ts');
    const { isReady = async () => {}, metrics } = this.#options;
    return buildApp(this.#server, this.#door, { isReady, metrics });
  }
}

/** Answers what is not HTTP, or came too slowly, and closes. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const isSlow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const isLong = error.code === 'HPE_HEADER_OVERFLOW';
  const status = isSlow
    ? '408 Request Timeout'
    : isLong
      ? '431 Request Header Fields Too Large'
      : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
    socket.destroy(),
  );
}
