/** Statements that define tables: create, drop, alter, describe. */
import type { ColumnDefinition, Literal, TableName } from './name.ts';
import type { SelectStatement } from './select.ts';
import type { Span } from './span.ts';

/** `create stable s (…) tags (…)`, also spelt `create table`. */
export interface CreateStable extends Span {
  readonly kind: 'createStable';
  readonly ifNotExists: boolean;
  readonly table: TableName;
  readonly columns: readonly ColumnDefinition[];
  readonly tags: readonly ColumnDefinition[];
}

/** `create table t (…)`: a table without a stable. */
export interface CreateTable extends Span {
  readonly kind: 'createTable';
  readonly ifNotExists: boolean;
  readonly table: TableName;
  readonly columns: readonly ColumnDefinition[];
}

/** `create table c1 using s tags (…) c2 using …`: one entry or many. */
export interface CreateChildTables extends Span {
  readonly kind: 'createChildTables';
  readonly entries: readonly ChildTableEntry[];
}

/** One `[if not exists] [db.]c using [db.]s [(tag names)] tags (values)`. */
export interface ChildTableEntry extends Span {
  readonly ifNotExists: boolean;
  readonly table: TableName;
  readonly stable: TableName;
  /** Undefined: values for all tags in order. */
  readonly tagNames: readonly string[] | undefined;
  readonly tagValues: readonly Literal[];
}

/** `create table t [(columns)] as select …`: a continuous query that writes into `t`. */
export interface CreateStream extends Span {
  readonly kind: 'createStream';
  readonly ifNotExists: boolean;
  readonly table: TableName;
  /** Undefined: named and typed after the results of the select. */
  readonly columns: readonly ColumnDefinition[] | undefined;
  readonly select: SelectStatement;
}

/** `drop table`, `drop stable`. */
export interface DropTable extends Span {
  readonly kind: 'dropTable';
  /** Written `drop stable`. */
  readonly stable: boolean;
  readonly ifExists: boolean;
  readonly table: TableName;
}

/** `alter table`, `alter stable`: one action. */
export interface AlterTable extends Span {
  readonly kind: 'alterTable';
  /** Written `alter stable`. */
  readonly stable: boolean;
  readonly table: TableName;
  readonly action: AlterTableAction;
}

/** What `alter table` does. */
export type AlterTableAction =
  | AddColumn
  | DropColumn
  | ModifyColumn
  | AddTag
  | DropTag
  | ModifyTag
  | RenameTag
  | SetTag;

/** `add column a int[, …]`: more than one parses, and is refused by meaning. */
export interface AddColumn extends Span {
  readonly kind: 'addColumn';
  readonly columns: readonly ColumnDefinition[];
}

/** `drop column name`. */
export interface DropColumn extends Span {
  readonly kind: 'dropColumn';
  readonly name: string;
}

/** `modify column b binary(20)`. */
export interface ModifyColumn extends Span {
  readonly kind: 'modifyColumn';
  readonly columns: readonly ColumnDefinition[];
}

/** `add tag …`. */
export interface AddTag extends Span {
  readonly kind: 'addTag';
  readonly columns: readonly ColumnDefinition[];
}

/** `drop tag name`. */
export interface DropTag extends Span {
  readonly kind: 'dropTag';
  readonly name: string;
}

/** `modify tag …`: a wider string. */
export interface ModifyTag extends Span {
  readonly kind: 'modifyTag';
  readonly columns: readonly ColumnDefinition[];
}

/** `change tag old new`. */
export interface RenameTag extends Span {
  readonly kind: 'renameTag';
  readonly name: string;
  readonly newName: string;
}

/** `set tag name = value`. */
export interface SetTag extends Span {
  readonly kind: 'setTag';
  readonly name: string;
  readonly value: Literal;
}

/** `describe [db.]t`. */
export interface Describe extends Span {
  readonly kind: 'describe';
  readonly table: TableName;
}
