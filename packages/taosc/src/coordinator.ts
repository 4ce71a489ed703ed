/**
 * The coordinator of one dnode: takes statements from the doors, runs inserts and selects against the
 * vnodes, sends everything else to the mnode.
 *
 * It keeps no state but caches: what `use` said, and the catalog.
 */
import {
  ErrorCode,
  TaosError,
  syntaxError,
  timeZone,
  type Clock,
  type TimeZone,
} from '@tdnode/common';
import type {
  MnodeService,
  Session,
  SqlBackend,
  SqlCaller,
  SqlWelcome,
  UserMeta,
  VnodeService,
} from '@tdnode/rpc';
import { parseStatement, type Explain, type SelectStatement, type Statement } from '@tdnode/sql';
import { CatalogCache } from './catalog-cache.ts';
import { executeDelete } from './delete.ts';
import { Inserter } from './insert.ts';
import { killable } from './killable.ts';
import { codeOf, observed, type StatementObserver } from './observe.ts';
import { RunningWork, type Client } from './running-work.ts';
import { executeExplain, executeSelect, type SelectEnvironment } from './select.ts';
import type { RequestContext, SqlResult, SqlService } from './sql-service.ts';
import { isInsert, statementKind } from './statement-kind.ts';
import { completeStream } from './streams/create-stream.ts';
import { UseMemory } from './use-memory.ts';

/** What a coordinator is made of. */
export interface CoordinatorOptions {
  readonly mnode: MnodeService;
  readonly vnodes: VnodeService;
  readonly clock: Clock;
  /** The server's zone; a request may bring its own. */
  readonly timezone: string;
  /** What `server_version()` answers. */
  readonly version: string;
  readonly maxSqlLength: number;
  readonly keepColumnName: boolean;
  readonly queryMemoryBytes: number;
  /** Where running queries are listed. */
  readonly work?: RunningWork;
  /** `alter local`: changes a setting of this program. */
  readonly setVariable?: (name: string, value: string | undefined) => void;
  /** serverPorts of the cluster's dnodes. */
  readonly endPoints?: () => readonly string[];
  /** Hears of every statement that is over. */
  readonly observer?: StatementObserver;
}

const decoder = new TextDecoder();

/** What answers the statements of both doors. */
export class Coordinator implements SqlService, SqlBackend {
  readonly #options: CoordinatorOptions;
  readonly #inserter: Inserter;
  readonly #use: UseMemory;
  readonly #zone: TimeZone;
  readonly #select: SelectEnvironment;
  readonly #work: RunningWork;

  constructor(options: CoordinatorOptions) {
    this.#options = options;
    const { mnode, vnodes, clock } = options;
    this.#inserter = new Inserter({ mnode, vnodes, clock, cache: new CatalogCache(mnode) });
    this.#use = new UseMemory(options.clock);
    this.#work = options.work ?? new RunningWork(clock);
    this.#zone = timeZone(options.timezone);
    this.#select = {
      mnode: options.mnode,
      vnodes: options.vnodes,
      version: options.version,
      keepColumnName: options.keepColumnName,
      memoryBudgetBytes: options.queryMemoryBytes,
      clock: options.clock,
    };
  }

  authenticate(user: string, password: string): Promise<UserMeta> {
    return this.#options.mnode.authenticate(user, password);
  }

  greet(caller: SqlCaller): SqlWelcome {
    const { version, timezone, endPoints = () => [] } = this.#options;
    this.#work.seen(clientOf(caller));
    return { version, timezone, endPoints: endPoints() };
  }

  leave(caller: SqlCaller): void {
    this.#work.left(clientOf(caller));
  }

  execute(sql: Uint8Array, context: RequestContext): Promise<SqlResult> {
    if (isInsert(sql)) return this.#insert(sql, context);
    const { observer, clock } = this.#options;
    if (observer === undefined) return this.#run(sql, context);
    const begun = { kind: statementKind(sql), user: context.user, sql };
    return observed(begun, () => this.#run(sql, context), { clock, observer });
  }

  /** Tells its observer by itself: one more promise a statement costs a fifth of the rate of short inserts. */
  async #insert(sql: Uint8Array, context: RequestContext): Promise<SqlResult> {
    const { clock, observer } = this.#options;
    const startedAt = clock.monotonic();
    let code = 0;
    let rows = 0;
    try {
      this.#checkLength(sql);
      const session = this.#session(context);
      if (context.connection !== undefined) this.#work.seen(clientOf(context));
      await this.#requireWritable(context.user);
      rows = await this.#inserter.execute(sql, session);
      return { kind: 'affected', rows };
    } catch (error) {
      code = codeOf(error);
      throw error;
    } finally {
      const elapsedMs = clock.monotonic() - startedAt;
      const createdAt = clock.now() - elapsedMs;
      observer?.({ kind: 'insert', user: context.user, sql, createdAt, elapsedMs, code, rows });
    }
  }

  async #run(sql: Uint8Array, context: RequestContext): Promise<SqlResult> {
    this.#checkLength(sql);
    const session = this.#session(context);
    const text = decoder.decode(sql);
    return this.#executeStatement(parseStatement(text), text, session, context);
  }

  #checkLength(sql: Uint8Array): void {
    const { maxSqlLength } = this.#options;
    if (sql.length <= maxSqlLength) return;
    const detail = `the statement has ${sql.length} bytes, maxSQLLength is ${maxSqlLength}`;
    throw new TaosError(ErrorCode.TSC_EXCEED_SQL_LIMIT, undefined, { detail });
  }

  #session(context: RequestContext): Session & { readonly zone: TimeZone } {
    const zone = context.timezone === undefined ? this.#zone : timeZone(context.timezone);
    const { user, password, pathDb, connection } = context;
    return {
      user,
      db: pathDb ?? (connection === undefined ? this.#use.get(user, password) : undefined),
      timezone: context.timezone ?? this.#options.timezone,
      zone,
    };
  }

  async #executeStatement(
    statement: Statement,
    text: string,
    session: Session & { readonly zone: TimeZone },
    context: RequestContext,
  ): Promise<SqlResult> {
    switch (statement.kind) {
      case 'select':
      case 'explain':
        return this.#executeQuery(statement, text, session, context);
      case 'insert':
        throw syntaxError('insert must be the first word of its statement', statement.start);
      case 'delete': {
        await this.#requireWritable(context.user);
        return { kind: 'affected', rows: await executeDelete(statement, session, this.#select) };
      }
      case 'createStream': {
        const complete = await completeStream(statement, text, session, this.#select);
        return this.#adminResult(await this.#options.mnode.execute(complete, session));
      }
      case 'use': {
        const answer = await this.#options.mnode.execute(text, session);
        const result = this.#adminResult(answer);
        if (context.connection !== undefined && result.kind === 'affected')
          return { ...result, db: statement.name };
        this.#use.set(context.user, context.password, statement.name);
        return result;
      }
      case 'alterLocal': {
        const answer = await this.#options.mnode.execute(text, session);
        this.#options.setVariable?.(statement.name, statement.value?.text);
        return this.#adminResult(answer);
      }
      default:
        this.#work.seen(clientOf(context));
        return this.#adminResult(await this.#options.mnode.execute(text, session));
    }
  }

  /** Runs a query under the eyes of `show queries` and `kill query`; one whose client has gone ends too. */
  async #executeQuery(
    statement: SelectStatement | Explain,
    text: string,
    session: Session & { readonly zone: TimeZone },
    context: RequestContext,
  ): Promise<SqlResult> {
    const query = this.#work.begin(clientOf(context), text);
    const { signal } = query;
    const onGone = (): void => query.kill('the client has gone');
    context.signal?.addEventListener('abort', onGone);
    const onEnd = (): void => {
      context.signal?.removeEventListener('abort', onGone);
      query.end();
    };
    try {
      const result =
        statement.kind === 'select'
          ? await executeSelect(statement, session, this.#select, signal)
          : await executeExplain(statement, session, this.#select, signal);
      return { ...result, batches: killable(result.batches, { signal, onEnd }) };
    } catch (error) {
      onEnd();
      throw error;
    }
  }

  #adminResult(answer: Awaited<ReturnType<MnodeService['execute']>>): SqlResult {
    return answer.kind === 'affected' ? answer : { ...answer, precision: 'ms' };
  }

  async #requireWritable(user: string): Promise<void> {
    const { privilege } = await this.#options.mnode.user(user);
    if (privilege === 'readable') {
      throw new TaosError(ErrorCode.MND_NO_RIGHTS, undefined, {
        detail: `user ${user} may read only: alter user ${user} privilege write`,
      });
    }
  }
}

/** How a socket for both protocols writes the addresses of the older one. */
const MAPPED_IPV4 = /^::ffff:/;

function clientOf({ user, clientAddress, connection }: SqlCaller): Client {
  return { user, address: clientAddress.replace(MAPPED_IPV4, ''), ...connection };
}
