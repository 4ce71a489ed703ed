/**
 * Sockets to other dnodes: two pools an end point, so that heartbeats and commands never queue behind data. undici
 * is loaded by the first request, so that engine threads, which import this package for its codecs, do not carry it.
 * A name is resolved again for every new socket.
 */
import type * as Undici from 'undici';
import type { TlsOptions } from '../auth/tls.ts';
import {
  CLIENT_IDLE_MS,
  CONNECT_TIMEOUT_MS,
  MAX_CONTROL_SOCKETS,
  MAX_DATA_SOCKETS,
  MAX_HEADER_BYTES,
} from '../limits/limits.ts';

/** Which sockets a request takes. */
export type Lane = 'control' | 'data';

/** See the head of this file. */
export class Connections {
  readonly #tls: TlsOptions | undefined;
  readonly #pools = new Map<string, Undici.Pool>();
  #loading: Promise<typeof Undici> | undefined;
  #isClosed = false;

  constructor(tls: TlsOptions | undefined) {
    this.#tls = tls;
  }

  /** Sends one request to `fqdn:port`. Timeouts are the caller's, by the signal. */
  async request(
    endPoint: string,
    lane: Lane,
    options: Undici.Dispatcher.RequestOptions,
  ): Promise<Undici.Dispatcher.ResponseData> {
    this.#loading ??= import('undici');
    const undici = await this.#loading;
    if (this.#isClosed) throw new Error('the client is closed');
    return this.#pool(undici, endPoint, lane).request(options);
  }

  /** Breaks all sockets to an end point: what waits for it fails at once, later requests connect anew. */
  drop(endPoint: string, reason: Error): void {
    for (const lane of ['control', 'data'] as const) {
      const key = `${lane} ${endPoint}`;
      const pool = this.#pools.get(key);
      this.#pools.delete(key);
      pool?.destroy(reason).catch(() => undefined);
    }
  }

  /** Breaks all sockets. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy(new Error('the client is closed'))));
  }

  #pool(undici: typeof Undici, endPoint: string, lane: Lane): Undici.Pool {
    const key = `${lane} ${endPoint}`;
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      const scheme = this.#tls === undefined ? 'http' : 'https';
      pool = new undici.Pool(`${scheme}://${endPoint}`, {
        connections: lane === 'control' ? MAX_CONTROL_SOCKETS : MAX_DATA_SOCKETS,
        pipelining: 1,
        keepAliveTimeout: CLIENT_IDLE_MS,
        keepAliveMaxTimeout: CLIENT_IDLE_MS,
        headersTimeout: 0,
        bodyTimeout: 0,
        maxHeaderSize: MAX_HEADER_BYTES,
        connect: {
          timeout: CONNECT_TIMEOUT_MS,
          ...(this.#tls === undefined
            ? {}
            : {
                minVersion: 'TLSv1.2' as const,
                ...(this.#tls.ca === undefined ? {} : { ca: this.#tls.ca }),
              }),
        },
      });
      this.#pools.set(key, pool);
    }
    return pool;
  }
}
