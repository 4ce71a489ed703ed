/**
 * The shell's way in: a user's statement on serverPort, authorized by name and password, answered by a head frame
 * and batches of columns. Cluster signatures play no part here.
 *
 * The server keeps nothing for a connection but its line in `show connections`: the database in use and the zone come
 * with each statement, so that any dnode may answer the next one.
 */
import type { Precision } from '@tdnode/common';
import { endPoint, name, precision, resultColumns } from '../codec/service-shapes.ts';
import {
  blob,
  bool,
  count,
  list,
  optional,
  struct,
  text,
  union,
  type Shape,
} from '../codec/shape.ts';
import { MAX_SQL_BYTES } from '../limits/limits.ts';
import type { ResultColumn } from '../services/mnode-service.ts';

/** Where it is asked. */
export const SQL_PATH = '/rpc/sql';
/** Where a connection says that it is there, still there, or leaves. */
export const SQL_HELLO_PATH = '/rpc/sql/hello';
/** The body: statement and frame. */
export const MAX_SQL_REQUEST_BYTES = MAX_SQL_BYTES + 1024;

const TOKEN_BYTES = 64;
const PROGRAM_BYTES = 64;
const ZONE_BYTES = 256;
const MAX_DNODES = 1024;

/** A program's connection, as `show connections` lists it. */
export interface SqlConnection {
  /** Random, the same for all requests of a connection. */
  readonly token: string;
  readonly program: string;
  readonly pid: number;
}

/** A statement. */
export interface SqlRequest {
  readonly sql: Uint8Array;
  /** The database of bare names, for this request only. */
  readonly db: string | undefined;
  /** The client's zone; undefined: the server's. */
  readonly timezone: string | undefined;
  /** undefined: a single request, which shares what `use` said with all others of its user and password. */
  readonly connection: SqlConnection | undefined;
}

/** A sign of life. */
export interface SqlHello {
  readonly connection: SqlConnection;
  readonly isLeaving: boolean;
}

/** Whom a connection has reached. */
export interface SqlWelcome {
  /** What `server_version()` answers. */
  readonly version: string;
  /** The server's zone, as its taos.cfg has it. */
  readonly timezone: string;
  /** serverPorts of all dnodes. */
  readonly endPoints: readonly string[];
}

type Affected = {
  readonly rows: number;
  readonly columns?: readonly ResultColumn[];
  /** The statement was `use`, and chose this database. */
  readonly db?: string;
};

/** What comes before the batches. */
export type SqlHead =
  | ({ readonly kind: 'affected' } & Affected)
  | {
      readonly kind: 'rows';
      readonly columns: readonly ResultColumn[];
      readonly precision: Precision;
    };

const connection = struct<SqlConnection>({
  token: text(TOKEN_BYTES),
  program: text(PROGRAM_BYTES),
  pid: count,
});

export const sqlRequest: Shape<SqlRequest> = struct<SqlRequest>({
  sql: blob(MAX_SQL_BYTES),
  db: optional(name) as Shape<string | undefined>,
  timezone: optional(text(ZONE_BYTES)) as Shape<string | undefined>,
  connection: optional(connection) as Shape<SqlConnection | undefined>,
});

export const sqlHello = struct<SqlHello>({ connection, isLeaving: bool });

export const sqlWelcome = struct<SqlWelcome>({
  version: text(TOKEN_BYTES),
  timezone: text(ZONE_BYTES),
  endPoints: list(endPoint, MAX_DNODES),
});

export const sqlHead = union<SqlHead>({
  affected: struct<Affected>({
    rows: count,
    columns: optional(resultColumns),
    db: optional(name),
  }),
  rows: struct<{ columns: readonly ResultColumn[]; precision: Precision }>({
    columns: resultColumns,
    precision,
  }),
});
