/**
 * The shell's way in: a user's statement on serverPort, authorized by name and password, answered by a head frame
 * and batches of columns. Cluster signatures play no part here.
 */
import type { Precision } from '@tdnode/common';
import { name, precision, resultColumns } from '../codec/service-shapes.ts';
import { blob, count, optional, struct, text, union, type Shape } from '../codec/shape.ts';
import { MAX_SQL_BYTES } from '../limits/limits.ts';
import type { ResultColumn } from '../services/mnode-service.ts';

/** Where it is asked. */
export const SQL_PATH = '/rpc/sql';
/** The body: statement and frame. */
export const MAX_SQL_REQUEST_BYTES = MAX_SQL_BYTES + 1024;

/** A statement. */
export interface SqlRequest {
  readonly sql: Uint8Array;
  /** The database of bare names, for this request only. */
  readonly db: string | undefined;
  /** The client's zone; undefined: the server's. */
  readonly timezone: string | undefined;
}

/** What comes before the batches. */
export type SqlHead =
  | { readonly kind: 'affected'; readonly rows: number; readonly columns?: readonly ResultColumn[] }
  | {
      readonly kind: 'rows';
      readonly columns: readonly ResultColumn[];
      readonly precision: Precision;
    };

export const sqlRequest: Shape<SqlRequest> = struct<SqlRequest>({
  sql: blob(MAX_SQL_BYTES),
  db: optional(name) as Shape<string | undefined>,
  timezone: optional(text(256)) as Shape<string | undefined>,
});

export const sqlHead = union<SqlHead>({
  affected: struct<{ rows: number; columns?: readonly ResultColumn[] }>({
    rows: count,
    columns: optional(resultColumns),
  }),
  rows: struct<{ columns: readonly ResultColumn[]; precision: Precision }>({
    columns: resultColumns,
    precision,
  }),
});
