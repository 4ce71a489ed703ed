/**
 * What this coordinator's clients are doing: connections (a user at an address, while he is heard of) and running
 * queries. `show connections` and `show queries` print it, `kill` ends it. Inserts are over before anybody could
 * look and are not kept.
 *
 * Invariants: a query is listed from `begin` to `end`; at most MAX_CONNECTIONS are remembered, the longest unheard
 * of is forgotten first, one with running queries never.
 */
import { ErrorCode, TaosError, type Clock } from '@tdnode/common';
import type { DnodeWork, ListedConnection, ListedQuery, WorkTarget } from '@tdnode/rpc';

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

interface KnownConnection extends ListedConnection {
  lastAccessAt: number;
  readonly queries: Map<number, RunningQuery>;
}

const MAX_CONNECTIONS = 1000;
/** Numbers of connections begin anew before this; ids in the cluster have no room for more. */
const LAST_NUMBER = 999_999;
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

  /** Ends the query: its client gets `Query terminated`, whenever it looks. It is listed no longer. */
  kill(reason: string): void {
    const error = new TaosError(ErrorCode.TSC_QUERY_CANCELLED, undefined, { detail: reason });
    this.#abort.abort(error);
    this.end();
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

  /** What `show connections` and `show queries` print of this dnode. */
  list(): DnodeWork {
    this.#forgetIdle();
    const now = this.#clock.now();
    const connections: ListedConnection[] = [];
    const queries: ListedQuery[] = [];
    for (const { queries: running, ...connection } of this.#connections.values()) {
      connections.push(connection);
      const { id: connectionId, user, address } = connection;
      for (const { number, sql, createdAt } of running.values()) {
        const elapsedUs = (now - createdAt) * 1000;
        queries.push({ connectionId, number, user, address, createdAt, elapsedUs, sql });
      }
    }
    return { connections, queries };
  }

  /** Ends a query, or all of a connection; false: there is none of that number. */
  kill({ connectionId, query: number }: WorkTarget): boolean {
    const found = [...this.#connections.entries()].find(([, { id }]) => id === connectionId);
    if (found === undefined) return false;
    const [key, { queries }] = found;
    if (number !== undefined) {
      const query = queries.get(number);
      query?.kill(`kill query ${connectionId}:${number}`);
      return query !== undefined;
    }
    for (const query of queries.values()) query.kill(`kill connection ${connectionId}`);
    this.#connections.delete(key);
    return true;
  }

  #touch(client: Client): KnownConnection {
    const { user, address, program = 'rest', pid = 0 } = client;
    const key = keyOf(client);
    const now = this.#clock.now();
    const known = this.#connections.get(key);
    const connection: KnownConnection = known ?? {
      id: this.#nextNumber(),
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

  #nextNumber(): number {
    this.#lastConnection = (this.#lastConnection % LAST_NUMBER) + 1;
    return this.#lastConnection;
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
