/** Statements by `/rest/sql` of all dnodes, serverPort + 11. A dnode that does not answer is passed over. */
import { Agent, request } from 'node:http';
import { ErrorCode, TaosError, type SqlType } from '@tdnode/common';
import type { AnswerRows, AnswerValue } from '@tdnode/rpc';
import type { Connection } from '../job.ts';
import type { Door } from './door.ts';

/** REST's distance from serverPort. */
const REST_OFFSET = 11;
const ROUNDS = 20;
const PAUSE_MS = 250;
const IDLE_SOCKETS = 1000;

/** What `/rest/sql` answers. */
interface RestAnswer {
  readonly status: 'succ' | 'error';
  readonly code?: number;
  readonly desc?: string;
  readonly column_meta?: readonly (readonly [string, SqlType, number])[];
  readonly data?: readonly (readonly AnswerValue[])[];
}

/** See the head of this file. */
export class RestDoor implements Door {
  readonly #endPoints: readonly string[];
  readonly #authorization: string;
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: IDLE_SOCKETS });

  /** `endPoints` are serverPorts. */
  constructor(endPoints: readonly string[], { user, password }: Connection) {
    this.#endPoints = endPoints;
    this.#authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }

  async change(sql: string | Uint8Array, turn: number): Promise<number> {
    const { data } = await this.#ask(sql, turn, '/rest/sql');
    return Number(data?.[0]?.[0] ?? 0);
  }

  async rows(
    sql: string,
    { turn, db }: { readonly turn: number; readonly db?: string },
  ): Promise<AnswerRows> {
    const path = db === undefined ? '/rest/sqlt' : `/rest/sqlt/${db}`;
    const { column_meta: meta = [], data = [] } = await this.#ask(sql, turn, path);
    return { columns: meta.map(([name, type, bytes]) => ({ name, type, bytes })), rows: data };
  }

  close(): Promise<void> {
    this.#agent.destroy();
    return Promise.resolve();
  }

  /** Asks one dnode after the other until one answers. */
  async #ask(sql: string | Uint8Array, turn: number, path: string): Promise<RestAnswer> {
    let failure: unknown;
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < this.#endPoints.length; i++) {
        const endPoint = this.#endPoints[(turn + i) % this.#endPoints.length]!;
        try {
          return checked(await this.#post(endPoint, path, sql));
        } catch (error) {
          if (error instanceof TaosError) throw error;
          failure = error;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    throw new TaosError(ErrorCode.RPC_NETWORK_UNAVAIL, undefined, {
      detail: `no dnode answers REST: ${String(failure)}`,
    });
  }

  #post(endPoint: string, path: string, body: string | Uint8Array): Promise<Buffer> {
    const colon = endPoint.lastIndexOf(':');
    return new Promise((resolve, reject) => {
      const call = request(
        {
          host: endPoint.slice(0, colon),
          port: Number(endPoint.slice(colon + 1)) + REST_OFFSET,
          path,
          method: 'POST',
          agent: this.#agent,
          headers: {
            authorization: this.#authorization,
            'content-length': Buffer.byteLength(body),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('end', () => resolve(Buffer.concat(chunks)));
          response.once('error', reject);
        },
      );
      call.once('error', reject);
      call.end(body);
    });
  }
}

/** The answer; throws what the server refused. */
function checked(body: Buffer): RestAnswer {
  const answer = JSON.parse(body.toString('utf8')) as RestAnswer;
  if (answer.status === 'succ') return answer;
  throw new TaosError(answer.code ?? ErrorCode.RPC_APP_ERROR, answer.desc);
}
