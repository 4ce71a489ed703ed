/**
 * How everybody reaches the metadata, local or on another host. A statement travels as its text: the
 * mnode parses it itself, so that one grammar rules.
 */
import type { Batch, DbOptions, Schema, SqlType, TableKind, TagValue, VgId } from '@tdnode/common';

export interface Session {
  readonly user: string;
  /** The database of a bare name, or undefined. */
  readonly db: string | undefined;
  /** IANA name or POSIX form, for literals and printed times. */
  readonly timezone: string;
}

/** Head of a result column, as `column_meta` prints it. */
export interface ResultColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly bytes: number;
  /** TIMESTAMP only: the precision its numbers are in, where it is not the database's (show: always ms). */
  readonly precision?: 'ms' | 'us' | 'ns';
}

export type AdminResult =
  | {
      readonly kind: 'affected';
      readonly rows: number;
      /** What heads the count instead of `affected_rows`: changes of columns and tags name them there. */
      readonly columns?: readonly ResultColumn[];
    }
  | {
      readonly kind: 'rows';
      readonly columns: readonly ResultColumn[];
      readonly batches: readonly Batch[];
    };

export interface VgroupMeta {
  readonly vgId: VgId;
  /** dnode ids of the replicas; the first is where to ask first. */
  readonly replicas: readonly number[];
}

export interface DbMeta {
  readonly name: string;
  readonly options: DbOptions;
  readonly vgroups: readonly VgroupMeta[];
}

export interface TableMeta {
  readonly uid: number;
  readonly db: string;
  readonly name: string;
  readonly kind: TableKind;
  /** 0 for a stable. */
  readonly vgId: VgId;
  /** The stable's uid for a child table (its rows are written under it); the table's own otherwise. */
  readonly schemaUid: number;
  /** The stable of a child table. */
  readonly stableName: string | undefined;
  /** Shared between the child tables of a stable. */
  readonly schema: Schema;
}

export interface UserMeta {
  readonly name: string;
  readonly privilege: 'super' | 'writable' | 'readable';
}

/**
 * What changed, so that caches forget it. `table` undefined: the whole database; `db` empty: everything, or, with
 * `user`, that user and nothing else.
 */
export interface CatalogChange {
  readonly db: string;
  readonly table: string | undefined;
  readonly user?: string;
}

export interface MnodeService {
  /** Runs a statement that changes or shows metadata; throws TaosError. */
  execute(sql: string, session: Session): Promise<AdminResult>;
  /** Checks a password (scrypt, at most two at once); throws TaosError 3 on a wrong one. */
  authenticate(user: string, password: string): Promise<UserMeta>;
  /** The user by name; throws TaosError when there is none. */
  user(name: string): Promise<UserMeta>;
  /** undefined: no such database. */
  database(name: string): Promise<DbMeta | undefined>;
  /** One answer a name, undefined where there is no such table. Names are lower-case. Throws when there is no such database. */
  tables(db: string, names: readonly string[]): Promise<(TableMeta | undefined)[]>;
  /**
   * As `tables` of one name, at once: undefined where there is no such table, or where only `tables` can tell.
   * A service that has to ask another dnode lacks it.
   */
  readonly peekTable?: (db: string, name: string) => TableMeta | undefined;
  /**
   * Creates child tables that do not exist yet, for `insert … using … tags`; `tags[i]` are literals already
   * converted to the stable's tag types. Returns one TableMeta a name.
   */
  ensureChildTables(
    db: string,
    stable: string,
    tables: readonly { readonly name: string; readonly tags: readonly TagValue[] }[],
    session: Session,
  ): Promise<TableMeta[]>;
  /** Calls back after each change that a cache must know of; returns the way to stop that. */
  onChange(listener: (change: CatalogChange) => void): () => void;
}
