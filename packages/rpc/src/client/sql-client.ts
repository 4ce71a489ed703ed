/** A user's connection to `/rpc/sql` of one dnode, for the taos shell and the tools. */
import { ErrorCode, TaosError, decodeBatch, type Batch } from '@tdnode/common';
import type { TlsOptions } from '../auth/tls.ts';
import { decode, encode } from '../codec/encode.ts';
import { malformed } from '../codec/shape.ts';
import { NetworkError } from '../messages/failure.ts';
import { SQL_PATH, sqlHead, sqlRequest } from '../messages/sql.ts';
import { errorOf, failureShape } from '../messages/failure.ts';
import { FrameKind, type Frame } from '../messages/stream-frame.ts';
import type { SqlAnswer } from '../server/sql-handler.ts';
import { Connections } from './connections.ts';
import { networkFailure } from './network-failure.ts';
import { framesOf } from './remote-stream.ts';

/** Where and as whom. */
export interface SqlClientOptions {
  /** `fqdn:serverPort`. */
  readonly endPoint: string;
  readonly user: string;
  readonly password: string;
  readonly tls?: TlsOptions | undefined;
}

/** What holds for one statement. */
export interface SqlSettings {
  readonly db?: string;
  readonly timezone?: string;
  /** Gives the statement up; the server cancels it. */
  readonly signal?: AbortSignal;
}

const encoder = new TextEncoder();

/** See the head of this file. */
export class SqlClient {
  readonly #options: SqlClientOptions;
  readonly #connections: Connections;

  constructor(options: SqlClientOptions) {
    this.#options = options;
    this.#connections = new Connections(options.tls);
  }

  /** Runs a statement. Batches come as they are drawn; leaving their loop cancels the statement. */
  async execute(sql: string, { db, timezone, signal }: SqlSettings = {}): Promise<SqlAnswer> {
    const { endPoint, user, password } = this.#options;
    const controller = new AbortController();
    signal?.addEventListener('abort', () => controller.abort(), { once: true });
    const token = Buffer.from(`${user}:${password}`).toString('base64');
    try {
      const { statusCode, body } = await this.#connections.request(endPoint, 'data', {
        path: SQL_PATH,
        method: 'POST',
        headers: { authorization: `Basic ${token}`, 'content-type': 'application/octet-stream' },
        body: encode(sqlRequest, { sql: encoder.encode(sql), db, timezone }),
        signal: controller.signal,
      });
      if (statusCode !== 200) {
        const failure = await body.arrayBuffer();
        throw errorOf(decode(failureShape, new Uint8Array(failure)));
      }
      const frames = framesOf(body);
      const first = await frames.next();
      if (first.done === true || first.value.kind !== FrameKind.head)
        throw malformed('an answer without a head');
      const head = decode(sqlHead, first.value.payload);
      if (head.kind === 'rows') return { ...head, batches: batchesOf(frames, controller) };
      await frames.next();
      return head;
    } catch (error) {
      throw error instanceof TaosError ? error : networkFailure(endPoint, error);
    }
  }

  /** Breaks the connection. */
  close(): Promise<void> {
    return this.#connections.close();
  }
}

async function* batchesOf(
  frames: AsyncGenerator<Frame>,
  controller: AbortController,
): AsyncGenerator<Batch> {
  let isWhole = false;
  try {
    for await (const { kind, payload } of frames) {
      if (kind === FrameKind.end) isWhole = true;
      else yield decodeBatch(payload);
    }
  } catch (error) {
    if (error instanceof TaosError) throw error;
    throw new NetworkError(ErrorCode.RPC_NETWORK_UNAVAIL, true, 'the answer broke off', error);
  } finally {
    if (!isWhole) controller.abort();
  }
}
