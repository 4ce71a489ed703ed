/**
 * What this coordinator's clients are doing: connections (a user at an address, while he is heard of) and running
 * queries. `show connections` and `show queries` print it, `kill` ends it. Inserts are over before anybody could
 * look and are not kept.
 *
 * Invariants: a query is listed from `begin` to `end`; at most MAX_CONNECTIONS are remembered, the longest unheard
 * of is forgotten first, one with running queries never.
 */
import { ErrorCode, TaosError, type Clock } from '@tdnode/common';

/** One row of `show connections`; times in ms. */
export interface Connection {
  readonly id: number;
  readonly user: string;
  readonly program: string;
  readonly pid: number;
  readonly address: string;
  readonly loginAt: number;
  readonly lastAccessAt: number;
}

/** One row of `show queries`. */
export interface ListedQuery {
  /** `connection:number`. */
  readonly id: string;
  readonly user: string;
  readonly address: string;
  readonly qid: string;
  readonly createdAt: number;
  readonly elapsedUs: number;
  readonly sql: string;
}

/** Who runs a query. */
export interface Client {
  readonly user: string;
  /** `ip:port` of a connection; without one, requests of the same user and `ip` count as one. */
  readonly address: string;
  /** Of a connection. */
  readonly token?: string;
  readonly program?: string;
  readonly pid?: number;
}

interface KnownConnection extends Connection {
  lastAccessAt: number;
  readonly queries: Map<number, RunningQuery>;
}

const MAX_CONNECTIONS = 1000;
/** Connections that say nothing for so long are forgotten: REST clients do not say goodbye. */
const IDLE_MS = 60_000;
/** How much of a statement `show queries` prints. */
const SQL_CHARACTERS = 512;

/** A query that can be killed. */
export class RunningQuery {
  readonly number: number;
  readonly sql: string;
  readonly createdAt: number;
  readonly #abort = new AbortController();
  readonly #connection: KnownConnection;

  constructor(connection: KnownConnection, number: number, parts: { sql: string; now: number }) {
    this.#connection = connection;
    this.number = number;
    this.sql = parts.sql.slice(0, SQL_CHARACTERS);
    this.createdAt = parts.now;
  }

  /** Aborted with the error that the client gets. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Ends the query: its client gets `Query terminated`. */
  kill(reason: string): void {
    const error = new TaosError(ErrorCode.TSC_QUERY_CANCELLED, undefined, { detail: reason });
    this.#abort.abort(error);
  }

  /** Strikes the query from the list. */
  end(): void {
    this.#connection.queries.delete(this.number);
  }
}

/** See the head of this file. */
export class RunningWork {
  readonly #clock: Clock;
  /** By user and address, the longest unheard of first. */
  readonly #connections = new Map<string, KnownConnection>();
  #lastConnection = 0;
  #lastQuery = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Lists a query; whoever began it ends it. */
  begin(client: Client, sql: string): RunningQuery {
    const connection = this.#touch(client);
    const number = ++this.#lastQuery;
    const query = new RunningQuery(connection, number, { sql, now: this.#clock.now() });
    connection.queries.set(number, query);
    return query;
  }

  /** Notes that a client is there. */
  seen(client: Client): void {
    this.#touch(client);
  }

  /** A connection has ended; queries of it that still run stay listed. */
  left(client: Client): void {
    const key = keyOf(client);
    if (this.#connections.get(key)?.queries.size === 0) this.#connections.delete(key);
  }

  connections(): readonly Connection[] {
    this.#forgetIdle();
    return [...this.#connections.values()];
  }

  queries(): readonly ListedQuery[] {
    const now = this.#clock.now();
    return [...this.#connections.values()].flatMap((connection) =>
      [...connection.queries.values()].map(({ number, sql, createdAt }) => ({
        id: `${connection.id}:${number}`,
        user: connection.user,
        address: connection.address,
        qid: `0x${number.toString(16)}`,
        createdAt,
        elapsedUs: (now - createdAt) * 1000,
        sql,
      })),
    );
  }

  /** Ends a query, or all of a connection; false: there is none of that id. */
  kill(what: 'connection' | 'query' | 'stream', id: string): boolean {
    const [connectionId, number] = id.split(':').map(Number);
    const connection = [...this.#connections.entries()].find(([, one]) => one.id === connectionId);
    if (connection === undefined || what === 'stream') return false;
    const [key, { queries }] = connection;
    if (what === 'query') {
      const query = queries.get(number ?? 0);
      query?.kill(`kill query ${id}`);
      return query !== undefined;
    }
    for (const query of queries.values()) query.kill(`kill connection ${id}`);
    this.#connections.delete(key);
    return true;
  }

  #touch(client: Client): KnownConnection {
    const { user, address, program = 'rest', pid = 0 } = client;
    const key = keyOf(client);
    const now = this.#clock.now();
    const known = this.#connections.get(key);
    const connection: KnownConnection = known ?? {
      id: ++this.#lastConnection,
      user,
      program,
      pid,
      address,
      loginAt: now,
      lastAccessAt: now,
      queries: new Map(),
    };
    connection.lastAccessAt = now;
    this.#connections.delete(key);
    this.#connections.set(key, connection);
    if (this.#connections.size > MAX_CONNECTIONS) this.#forgetIdle();
    return connection;
  }

  #forgetIdle(): void {
    const oldest = this.#clock.now() - IDLE_MS;
    for (const [key, connection] of this.#connections) {
      const isOver = this.#connections.size > MAX_CONNECTIONS;
      if (!isOver && connection.lastAccessAt >= oldest) return;
      if (connection.queries.size === 0) this.#connections.delete(key);
    }
  }
}

/** Whoever invents another's token must be the same user to meet his connection. */
function keyOf({ user, address, token }: Client): string {
  return `${user}@${token ?? address}`;
}
