/**
 * One request from its URL to its answer: the only implementation of the REST door's behaviour, whether a
 * request came past the framework (statements) or through it (everything else).
 *
 * Order: URL, Authorization, password and body at the same time, unpacking, limits, statement. The body of a client that is
 * not known is never unpacked nor parsed.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger, TimeZone } from '@tdnode/common';
import { ErrorCode, TaosError } from '@tdnode/common';
import type { SqlService } from '@tdnode/taosc';
import { asTaosError, sendError, sendText } from './answer.ts';
import { discardBody, readBody, unpackBody } from './body.ts';
import { BufferPool } from './buffer-pool.ts';
import { ClientContext } from './client-context.ts';
import type { Credentials } from './credentials.ts';
import { CredentialReader } from './credentials.ts';
import { affectedAnswer, noticeAnswer } from './json/envelope.ts';
import type { RowsResult } from './row-stream.ts';
import { RowStream } from './row-stream.ts';
import { encodeToken } from './taosd-token.ts';
import type { Target } from './target.ts';
import { parseTarget } from './target.ts';

/** What the door needs to know. */
export interface DoorOptions {
  readonly service: SqlService;
  readonly logger: Logger;
  /** Of printed times. */
  readonly zone: TimeZone;
  /** restfulRowLimit. */
  readonly rowLimit: number;
  /** maxSQLLength, bytes. */
  readonly maxSqlLength: number;
  /** httpEnableRecordSql: statements go to the log. */
  readonly recordSql?: boolean;
  /** How long a client may take nothing of its answer, ms. */
  readonly stallTimeoutMs?: number;
}

/** As long as a whole request may take to arrive. */
const STALL_TIMEOUT_MS = 120_000;

/** Bytes of a statement that go to the log. */
const MAX_RECORDED_BYTES = 4096;

type SqlTarget = Extract<Target, { kind: 'sql' }>;

/** Answers requests; keeps nothing between them but caches. */
export class Door {
  readonly #options: DoorOptions;
  readonly #credentials = new CredentialReader();
  readonly #pool = new BufferPool();

  constructor(options: DoorOptions) {
    this.#options = options;
  }

  /** Answers one request, whatever happens; never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (request.method === 'OPTIONS') {
        sendText(response, 200, noticeAnswer('process options request success'));
        return;
      }
      const target = parseTarget(request.url ?? '/');
      if (target.kind === 'sql') await this.#runSql(request, response, target);
      else if (target.kind === 'login') await this.#login(request, response, target);
      else throw new TaosError(target.code);
    } catch (error) {
      this.#fail(request, response, error);
    }
  }

  async #runSql(
    request: IncomingMessage,
    response: ServerResponse,
    target: SqlTarget,
  ): Promise<void> {
    const { service } = this.#options;
    const who = this.#credentials.read(request.headers.authorization);
    const [body] = await Promise.all([
      readBody(request),
      service.authenticate(who.user, who.password),
    ]);
    const unpacked = unpackBody(request, body);
    const sql = unpacked instanceof Promise ? await unpacked : unpacked;
    this.#checkLength(sql);
    if (this.#options.recordSql === true) this.#record(who, sql);
    const result = await service.execute(sql, new ClientContext(who, target.db, response));
    if (result.kind === 'rows') await this.#sendRows(request, response, target, result);
    else sendText(response, 200, affectedAnswer(result.rows, result.columns));
  }

  /** Throws unless the request's credentials are a user's: for pages that are no statements. */
  async authenticate(request: IncomingMessage): Promise<void> {
    const who = this.#credentials.read(request.headers.authorization);
    await this.#options.service.authenticate(who.user, who.password);
  }

  #checkLength(sql: Buffer): void {
    const { maxSqlLength } = this.#options;
    if (sql.length === 0) throw new TaosError(ErrorCode.HTTP_NO_SQL_INPUT);
    if (sql.length <= maxSqlLength) return;
    const detail = `${sql.length} bytes, maxSQLLength is ${maxSqlLength}`;
    throw new TaosError(ErrorCode.TSC_EXCEED_SQL_LIMIT, undefined, { detail });
  }

  async #sendRows(
    request: IncomingMessage,
    response: ServerResponse,
    target: SqlTarget,
    result: RowsResult,
  ): Promise<void> {
    const { zone, rowLimit, stallTimeoutMs = STALL_TIMEOUT_MS } = this.#options;
    const gzip = wantsGzip(request.headers['accept-encoding']);
    const how = { form: target.form, zone, rowLimit, gzip, stallTimeoutMs };
    const stream = new RowStream(response, this.#pool, how);
    try {
      await stream.send(result);
    } catch (error) {
      if (!stream.hasBegun) throw error;
      this.#options.logger.error('HTP', `an answer broke in the middle: ${describe(error)}`);
      response.destroy();
    }
  }

  /** The path's user and password, or the header's where the path has none. */
  async #login(
    request: IncomingMessage,
    response: ServerResponse,
    { user, password }: Extract<Target, { kind: 'login' }>,
  ): Promise<void> {
    discardBody(request);
    const who =
      user !== undefined && password !== undefined
        ? { user, password }
        : this.#credentials.read(request.headers.authorization);
    await this.#options.service.authenticate(who.user, who.password);
    sendText(response, 200, noticeAnswer(encodeToken(who.user, who.password)));
  }

  #fail(request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
    discardBody(request);
    const error = asTaosError(thrown);
    if (error.code === ErrorCode.RPC_APP_ERROR && !request.destroyed) {
      this.#options.logger.error('HTP', `a request failed unexpectedly: ${describe(thrown)}`);
    }
    if (response.headersSent) response.destroy();
    else if (!response.destroyed) sendError(response, error);
  }

  #record(who: Credentials, sql: Buffer): void {
    const text = sql.toString('utf8', 0, MAX_RECORDED_BYTES);
    const safe = text.replaceAll(/\b(pass\s*)('[^']*'?|"[^"]*"?)/giu, "$1'***'");
    this.#options.logger.info('HTP', `user:${who.user} sql:${safe}`);
  }
}

/** Whether `Accept-Encoding` names gzip and does not refuse it. */
function wantsGzip(header: string | string[] | undefined): boolean {
  if (header === undefined) return false;
  return /(^|,)\s*(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*(,|$))|,|$)/iu.test(String(header));
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
