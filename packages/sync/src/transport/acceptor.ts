/**
 * The port that other dnodes dial: takes WebSocket upgrades that are signed with the cluster's secret, of this
 * cluster, and meant for this dnode; everything else gets one sentence and is closed.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ErrorCode, TaosError } from '@tdnode/common';
import { watchTls, type Authenticator, type TlsOptions } from '@tdnode/rpc';
import type { WebSocket, WebSocketServer } from 'ws';
import { MAX_MESSAGE_BYTES, MAX_SOCKETS } from './limits.ts';

/** Where transports meet; who dials whom is in the query, so that the signature covers it. */
export const SYNC_PATH = '/sync';
const MAX_HEADER_BYTES = 8192;
const HEADERS_TIMEOUT_MS = 5000;

/** Who dialled. */
export interface SyncCaller {
  readonly dnodeId: number;
  readonly clusterId: string;
}

/** What an acceptor stands on. */
export interface AcceptorOptions {
  readonly auth: Authenticator;
  readonly selfId: number;
  readonly clusterId: string;
  readonly tls: TlsOptions | undefined;
  /** Whether frames of this dnode are wanted. */
  readonly isKnown: (dnodeId: number) => boolean;
  readonly onConnection: (caller: SyncCaller, socket: WebSocket, raw: Socket) => void;
  /** Somebody was sent away. */
  readonly onRefused: (address: string, reason: string) => void;
}

/** See the head of this file. */
export class Acceptor {
  readonly #options: AcceptorOptions;
  #server: Server | undefined;
  #upgrader: WebSocketServer | undefined;
  readonly #sockets = new Set<Socket>();

  constructor(options: AcceptorOptions) {
    this.#options = options;
  }

  /** Opens the port and returns its number. */
  async listen({ host, port }: { readonly host?: string; readonly port: number }): Promise<number> {
    const { WebSocketServer: Upgrader } = await import('ws');
    this.#upgrader = new Upgrader({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
      skipUTF8Validation: true,
    });
    const { tls } = this.#options;
    const limits = { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: HEADERS_TIMEOUT_MS };
    const server =
      tls === undefined
        ? (await import('node:http')).createServer(limits)
        : (await import('node:https')).createServer({ ...limits, ...tls, minVersion: 'TLSv1.2' });
    this.#server = server;
    server.maxConnections = MAX_SOCKETS;
    watchTls(server, tls !== undefined, this.#options.onRefused);
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('request', (_request, response) => {
      response.writeHead(426, { connection: 'close' }).end('replication between dnodes only\n');
    });
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    return (server.address() as AddressInfo).port;
  }

  /** Closes the port and what is still open on it. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    let caller: SyncCaller;
    try {
      caller = this.#check(request);
    } catch (error) {
      const reason = error instanceof TaosError ? (error.detail ?? error.message) : String(error);
      this.#options.onRefused(request.socket.remoteAddress ?? '', reason);
      socket.end(
        `HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(reason)}\r\n\r\n${reason}`,
      );
      return;
    }
    this.#upgrader!.handleUpgrade(request, socket, head, (upgraded) =>
      this.#options.onConnection(caller, upgraded, request.socket),
    );
  }

  /** The dialling dnode; throws TaosError with a sentence for both. */
  #check(request: IncomingMessage): SyncCaller {
    const { auth, selfId, clusterId, isKnown } = this.#options;
    const path = request.url ?? '';
    const caller = auth.verify(request.headers, 'GET', path);
    auth.admit(caller, 'any');
    const match = /^\/sync\?from=(\d{1,9})&to=(\d{1,9})$/.exec(path);
    if (match === null)
      throw new TaosError(ErrorCode.RPC_INVALID_MSG_TYPE, undefined, { detail: `no path ${path}` });
    const [from, to] = [Number(match[1]), Number(match[2])];
    const refuse = (detail: string): never => {
      throw new TaosError(ErrorCode.SYN_MISMATCHED_CLUSTERID, undefined, { detail });
    };
    if (clusterId !== '' && caller.clusterId !== clusterId) {
      refuse(
        `dnode ${from} (${caller.from}) belongs to cluster ${caller.clusterId}, this dnode to cluster ${clusterId}`,
      );
    }
    if (to !== selfId)
      refuse(
        `dnode ${from} (${caller.from}) dialled dnode ${to} at ${caller.dialled} and reached dnode ${selfId}`,
      );
    if (!isKnown(from)) refuse(`dnode ${from} (${caller.from}) is not in the list of dnodes here`);
    return { dnodeId: from, clusterId: caller.clusterId };
  }
}
