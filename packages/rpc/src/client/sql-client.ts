/**
 * A user's connection to the cluster by `/rpc/sql`, for the taos shell and the tools. It has a database in use, a zone
 * and a line in `show connections`; all of that lives here and travels with each statement, so that another dnode goes
 * on where one went away.
 *
 * Statements may run side by side. One is asked of another dnode only if it surely did not arrive, or only reads.
 */
import { randomBytes } from 'node:crypto';
import { ErrorCode, TaosError, decodeBatch, type Batch } from '@tdnode/common';
import type { TlsOptions } from '../auth/tls.ts';
import { decode, encode } from '../codec/encode.ts';
import { malformed } from '../codec/shape.ts';
import { NetworkError, errorOf, failureShape } from '../messages/failure.ts';
import {
  SQL_HELLO_PATH,
  SQL_PATH,
  sqlHead,
  sqlHello,
  sqlRequest,
  sqlWelcome,
  type SqlConnection,
  type SqlWelcome,
} from '../messages/sql.ts';
import { FrameKind, type Frame } from '../messages/stream-frame.ts';
import type { SqlAnswer } from '../server/sql-handler.ts';
import { Connections } from './connections.ts';
import { networkFailure } from './network-failure.ts';
import { framesOf } from './remote-stream.ts';

/** Where and as whom. */
export interface SqlClientOptions {
  /** `fqdn:serverPort` of any dnode. */
  readonly endPoint: string;
  readonly user: string;
  readonly password: string;
  readonly tls?: TlsOptions | undefined;
  /** As `show connections` names it. Default `taos`. */
  readonly program?: string;
  /** In use from the beginning. */
  readonly db?: string;
  /** The client's zone: of literals without one, and of calendar windows. Default: the server's. */
  readonly timezone?: string;
}

/** What holds for one statement. */
export interface SqlSettings {
  /** Instead of the database in use. */
  readonly db?: string;
  readonly timezone?: string;
  /** Gives the statement up with `Query terminated`; the server cancels it. */
  readonly signal?: AbortSignal;
}

type Body = AsyncIterable<Uint8Array> & { arrayBuffer(): Promise<ArrayBuffer> };

/** How often a connection says that it is still there; silent for a minute, it is no longer listed. */
const HELLO_MS = 20_000;
/** How long a connection waits for a sign of life. */
const HELLO_DEADLINE_MS = 5_000;

/** Statements that may come twice. */
const READS = /^\s*(select|show|describe|desc|explain|use)\b/i;

/** Where their first word ends. */
const READS_BYTES = 32;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** See the head of this file. */
export class SqlClient {
  readonly #options: SqlClientOptions;
  readonly #connections: Connections;
  readonly #connection: SqlConnection;
  #db: string | undefined;
  /** The dnode in use first; all that are known. */
  #endPoints: readonly string[];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SqlClientOptions) {
    const { endPoint, tls, program = 'taos', db } = options;
    this.#options = options;
    this.#connections = new Connections(tls);
    this.#connection = { token: randomBytes(12).toString('hex'), program, pid: process.pid };
    this.#db = db;
    this.#endPoints = [endPoint];
  }

  /** The database in use: what `use` said last. */
  get db(): string | undefined {
    return this.#db;
  }

  /** serverPorts of the cluster's dnodes as far as they are known, the one in use first. */
  get endPoints(): readonly string[] {
    return this.#endPoints;
  }

  /**
   * Checks user and password, learns the other dnodes, and stays listed in `show connections` until `close`. Not
   * necessary before `execute`, which works without, but knows one dnode only.
   */
  async connect(): Promise<SqlWelcome> {
    const welcome = await this.#hello(false);
    this.#timer ??= setInterval(() => {
      this.#hello(false).catch(() => undefined); // the next statement says what is wrong
    }, HELLO_MS).unref();
    return welcome;
  }

  /**
   * Runs a statement, given as text or as its UTF-8. Batches come as they are drawn; leaving their loop cancels the
   * statement.
   */
  async execute(sql: string | Uint8Array, settings: SqlSettings = {}): Promise<SqlAnswer> {
    const bytes = typeof sql === 'string' ? encoder.encode(sql) : sql;
    const canRepeat = READS.test(decoder.decode(bytes.subarray(0, READS_BYTES)));
    return this.#anywhere(canRepeat, async (endPoint) => {
      const answer = await this.#ask(endPoint, bytes, settings);
      if (answer.kind === 'affected' && answer.db !== undefined) this.#db = answer.db;
      return answer;
    });
  }

  /** Says goodbye and breaks the connection. */
  async close(): Promise<void> {
    const isListed = this.#timer !== undefined;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (isListed) await this.#hello(true).catch(() => undefined); // it is forgotten anyway
    await this.#connections.close();
  }

  /** Asks the dnode in use, and the others while none answers. */
  async #anywhere<T>(canRepeat: boolean, ask: (endPoint: string) => Promise<T>): Promise<T> {
    for (const endPoint of this.#endPoints) {
      try {
        const answer = await ask(endPoint);
        this.#prefer(endPoint);
        return answer;
      } catch (error) {
        const isLast = endPoint === this.#endPoints.at(-1);
        if (!(error instanceof NetworkError) || isLast) throw error;
        if (error.wasSent && !canRepeat) {
          this.#endPoints = [...this.#endPoints.filter((one) => one !== endPoint), endPoint];
          throw error;
        }
      }
    }
    throw malformed('a client without an end point');
  }

  #prefer(endPoint: string): void {
    if (this.#endPoints[0] === endPoint) return;
    this.#endPoints = [endPoint, ...this.#endPoints.filter((one) => one !== endPoint)];
  }

  async #hello(isLeaving: boolean): Promise<SqlWelcome> {
    return this.#anywhere(true, async (endPoint) => {
      const signal = AbortSignal.timeout(HELLO_DEADLINE_MS);
      const request = encode(sqlHello, { connection: this.#connection, isLeaving });
      try {
        const body = await this.#post(endPoint, SQL_HELLO_PATH, { request, signal });
        const welcome = decode(sqlWelcome, new Uint8Array(await body.arrayBuffer()));
        this.#endPoints = [...new Set([endPoint, ...welcome.endPoints])];
        return welcome;
      } catch (error) {
        throw error instanceof TaosError ? error : networkFailure(endPoint, error);
      }
    });
  }

  async #ask(endPoint: string, sql: Uint8Array, settings: SqlSettings): Promise<SqlAnswer> {
    const { db = this.#db, timezone = this.#options.timezone, signal } = settings;
    const ending = new Ending(endPoint, signal);
    const connection = this.#connection;
    const request = encode(sqlRequest, { sql, db, timezone, connection });
    try {
      const body = await this.#post(endPoint, SQL_PATH, { request, signal: ending.signal });
      const frames = framesOf(body);
      const first = await frames.next();
      if (first.done === true || first.value.kind !== FrameKind.head)
        throw malformed('an answer without a head');
      const head = decode(sqlHead, first.value.payload);
      if (head.kind === 'rows') return { ...head, batches: batchesOf(frames, ending) };
      await frames.next();
      ending.done();
      return head;
    } catch (error) {
      throw ending.failure(error);
    }
  }

  /** The body of a good answer; throws what the server answered instead. */
  async #post(
    endPoint: string,
    path: string,
    { request, signal }: { readonly request: Uint8Array; readonly signal: AbortSignal },
  ): Promise<Body> {
    const { user, password } = this.#options;
    const token = Buffer.from(`${user}:${password}`).toString('base64');
    const { statusCode, body } = await this.#connections.request(endPoint, 'data', {
      path,
      method: 'POST',
      headers: { authorization: `Basic ${token}`, 'content-type': 'application/octet-stream' },
      body: request,
      signal,
    });
    if (statusCode === 200) return body;
    throw errorOf(decode(failureShape, new Uint8Array(await body.arrayBuffer())));
  }
}

/** How a statement ends before its answer does. */
class Ending {
  readonly #endPoint: string;
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#controller.abort();

  constructor(endPoint: string, outer: AbortSignal | undefined) {
    this.#endPoint = endPoint;
    this.#outer = outer;
    if (outer?.aborted === true) this.#controller.abort();
    outer?.addEventListener('abort', this.#onAbort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The answer is whole. */
  done(): void {
    this.#outer?.removeEventListener('abort', this.#onAbort);
  }

  /** Breaks the connection: the server cancels. */
  cancel(): void {
    this.done();
    this.#controller.abort();
  }

  /** What a failure is to be told as. */
  failure(error: unknown): TaosError {
    const isGivenUp = this.#outer?.aborted === true;
    this.done();
    if (isGivenUp) return new TaosError(ErrorCode.TSC_QUERY_CANCELLED);
    return error instanceof TaosError ? error : networkFailure(this.#endPoint, error);
  }
}

async function* batchesOf(frames: AsyncGenerator<Frame>, ending: Ending): AsyncGenerator<Batch> {
  let isWhole = false;
  try {
    for await (const { kind, payload } of frames) {
      if (kind === FrameKind.end) isWhole = true;
      else yield decodeBatch(payload);
    }
  } catch (error) {
    isWhole = error instanceof TaosError && !(error instanceof NetworkError);
    throw ending.failure(error);
  } finally {
    if (isWhole) ending.done();
    else ending.cancel();
  }
}
