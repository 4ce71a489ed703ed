/**
 * What a door (REST, the shell's port) asks of the coordinator: run one statement for one
 * client. Doors know nothing of catalogs, vnodes or plans; the coordinator knows nothing of HTTP.
 */
import type { Batch, Precision } from '@tdnode/common';
import type { ResultColumn, SqlConnection, UserMeta } from '@tdnode/rpc';

/** Who asks, and how. One object a request; the service may keep nothing of it after its answer ended. */
export interface RequestContext {
  readonly user: string;
  /** With `user` the key of the memory that `use` has. Checked before the service is called. */
  readonly password: string;
  /** The database of `/rest/sql/{db}`: holds for this request only and never changes what `use` set. */
  readonly pathDb: string | undefined;
  /** The client's own zone; left out: the server's. */
  readonly timezone?: string;
  /** Aborted when the client went away: a running query may stop. */
  readonly signal: AbortSignal | undefined;
  /** For `show connections` and the log. */
  readonly clientAddress: string;
  /** A connection keeps what `use` said by itself; without one it is kept here, by user and password. */
  readonly connection?: SqlConnection;
}

/**
 * A statement's answer. Rows come as batches of columns in the order of `columns`; a batch is the
 * caller's until it asks for the next one. Throwing while batches are drawn is an error in mid-stream.
 */
export type SqlResult =
  | {
      readonly kind: 'affected';
      readonly rows: number;
      /** Head the count instead of `affected_rows` (`alter … column` answers with the column's name). */
      readonly columns?: readonly ResultColumn[];
      /** What `use` chose, where the client keeps it. */
      readonly db?: string;
    }
  | {
      readonly kind: 'rows';
      readonly columns: readonly ResultColumn[];
      /** Of TIMESTAMP columns that do not carry their own. */
      readonly precision: Precision;
      readonly batches: AsyncIterable<Batch> | Iterable<Batch>;
    };

/** The coordinator as doors see it. */
export interface SqlService {
  /** Runs the statement in `sql` (the request's bytes, valid until the promise settles); throws TaosError. */
  execute(sql: Uint8Array, context: RequestContext): Promise<SqlResult>;
  /** Checks a password; throws TaosError 3 (wrong password) or 849 (no such user). */
  authenticate(user: string, password: string): Promise<UserMeta>;
}
