/**
 * What the insert parser must know of tables, asked by the bytes of their names: no string and no object a
 * table. Tables and databases are dense ordinals of the catalog's own.
 */
import type { Precision, Schema, TagValue } from '@tdnode/common';

/** A schema as a catalog shares it between the child tables of a stable. Replaced, never changed. */
export interface TableSchema {
  /** Dense, small, and another one for another version of the schema. */
  readonly ordinal: number;
  /** The stable's uid for child tables, else the table's own. */
  readonly schemaUid: number;
  readonly schema: Schema;
  /** The database's. */
  readonly precision: Precision;
  /** Ordinal of the database. */
  readonly database: number;
}

/** What the parser asks about names; answers come at once, -1 for what is not known here yet. */
export interface InsertCatalog {
  /** The database of that name, or -1 while it is not known. */
  findDatabase(sql: Uint8Array, from: number, to: number): number;
  /** The table or stable of that name, or -1 while it is not known. */
  findTable(database: number, sql: Uint8Array, from: number, to: number): number;
  databaseName(database: number): string;
  isStable(table: number): boolean;
  uid(table: number): number;
  vgId(table: number): number;
  schema(table: number): TableSchema;
}

/** What the caller must fetch or create before it parses the statement again. Names are lower-case. */
export interface InsertNeeds {
  readonly databases: readonly string[];
  readonly tables: readonly { readonly db: string; readonly name: string }[];
  /** Child tables to create where they do not exist. */
  readonly children: readonly ChildTable[];
}

/** A child table to be made, and of what. */
export interface ChildTable {
  readonly db: string;
  readonly stable: string;
  readonly name: string;
  /** One value a tag of the stable, in the schema's order. */
  readonly tags: readonly TagValue[];
}
