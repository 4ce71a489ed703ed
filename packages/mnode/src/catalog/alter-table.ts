/** `alter table`, `alter stable`: columns, tags, tag values. */
import {
  ErrorCode,
  SqlType,
  TaosError,
  invalidOperation,
  isStringType,
  type Column,
  type Schema,
} from '@tdnode/common';
import { encodeChanges, type AdminResult, type Session, type TableMeta } from '@tdnode/rpc';
import type { AlterTable, AlterTableAction, ColumnDefinition, SetTag } from '@tdnode/sql';
import {
  commit,
  putSchemaChange,
  requireDb,
  requireWriteRight,
  toAllVgroups,
  type Context,
} from '../context.ts';
import type { DbState, SchemaState } from '../sdb/state.ts';
import {
  COLUMNS_MAX,
  ROW_BYTES_MAX,
  TAGS_MAX,
  declaredLength,
  defineTag,
  isColumnName,
  rowBytes,
  typeOf,
  widthInRow,
} from './column.ts';
import { done } from './databases.ts';
import { requireTable } from './tables.ts';
import { convertTag } from './tag-literal.ts';

/** A schema before and after, and the columns that head the answer. */
interface SchemaChange {
  readonly columns: readonly Column[];
  readonly tags: readonly Column[];
  readonly nextColId: number;
  readonly nextTagId: number;
  readonly head: readonly Column[];
}

export async function alterTable(
  context: Context,
  statement: AlterTable,
  session: Session,
): Promise<AdminResult> {
  const db = requireDb(context, statement.table.db, session);
  const table = requireTable(db, statement.table.name);
  const { action } = statement;
  if (statement.stable && table.kind !== 'stable')
    throw invalidOperation('table is not super table', table.name);
  checkTarget(action, table);
  if (action.kind === 'setTag') return setTag(context, db, table, action, session);
  const entry = db.schemaByUid.get(table.schemaUid)!;
  const change = changeSchema(action, entry);
  requireWriteRight(context, session);
  await replaceSchema(context, db, entry, change);
  return {
    kind: 'affected',
    rows: 0,
    columns: change.head.map(({ name, type, bytes }) => ({ name, type, bytes })),
  };
}

/** Which kinds of tables an action is for. */
function checkTarget(action: AlterTableAction, table: TableMeta): void {
  switch (action.kind) {
    case 'addTag':
    case 'dropTag':
    case 'renameTag':
    case 'modifyTag':
      if (table.kind !== 'stable')
        throw invalidOperation('manipulation of tag available for super table', table.name);
      return;
    case 'setTag':
      if (table.kind === 'stable')
        throw invalidOperation('set tag value only available for table', table.name);
      return;
    default:
      if (table.kind === 'child')
        throw invalidOperation('column can only be modified by super table', table.name);
  }
}

async function replaceSchema(
  context: Context,
  db: DbState,
  entry: SchemaState,
  change: SchemaChange,
): Promise<void> {
  const schema: Schema = {
    version: entry.schema.version + 1,
    columns: change.columns,
    tags: change.tags,
  };
  const { uid, name, isStable, created } = entry;
  const { nextColId, nextTagId } = change;
  const record = {
    kind: 'putSchema' as const,
    db: db.name,
    uid,
    name,
    isStable,
    created,
    nextColId,
    nextTagId,
    schema,
  };
  try {
    await commit(context, db.name, [record], schemaDeliveries(db, entry, schema));
  } finally {
    context.notify({ db: db.name, table: isStable ? undefined : name });
  }
}

/** A stable's schema goes to every vgroup; a normal table's to its own. */
function schemaDeliveries(
  db: DbState,
  entry: SchemaState,
  schema: Schema,
): ReturnType<typeof toAllVgroups> {
  const all = toAllVgroups(db, [putSchemaChange(entry, schema)]);
  if (entry.isStable) return all;
  const { vgId } = requireTable(db, entry.name);
  return all.filter((delivery) => delivery.kind === 'change' && delivery.vgId === vgId);
}

function changeSchema(action: Exclude<AlterTableAction, SetTag>, entry: SchemaState): SchemaChange {
  switch (action.kind) {
    case 'addColumn':
      return addColumn(action.columns, entry);
    case 'dropColumn':
      return dropColumn(action.name, entry);
    case 'modifyColumn':
      return modifyColumn(action.columns, entry);
    case 'addTag':
      return addTag(action.columns, entry);
    case 'dropTag':
      return dropTag(action.name, entry);
    case 'modifyTag':
      return modifyTag(action.columns, entry);
    case 'renameTag':
      return renameTag(action.name, action.newName, entry);
  }
}

function unchanged({ schema, nextColId, nextTagId }: SchemaState): Omit<SchemaChange, 'head'> {
  return { columns: schema.columns, tags: schema.tags, nextColId, nextTagId };
}

function isNamed(schema: Schema, name: string): boolean {
  return schema.columns.some((c) => c.name === name) || schema.tags.some((t) => t.name === name);
}

function addColumn(definitions: readonly ColumnDefinition[], entry: SchemaState): SchemaChange {
  if (definitions.length !== 1) throw invalidOperation('only support add one column');
  const definition = definitions[0]!;
  const { schema } = entry;
  const type = typeOf(definition);
  if (type === undefined) throw invalidOperation('invalid data type', definition.type);
  if (!isColumnName(definition.name))
    throw invalidOperation('invalid column name', definition.name);
  const bytes = declaredLength(definition, type);
  if (bytes <= 0) throw invalidOperation('invalid column length', definition.name);
  if (rowBytes(schema.columns) + widthInRow(type, bytes) > ROW_BYTES_MAX)
    throw invalidOperation('column length too long', definition.name);
  if (isNamed(schema, definition.name))
    throw invalidOperation('duplicated column names', definition.name);
  if (schema.columns.length + schema.tags.length >= COLUMNS_MAX)
    throw invalidOperation('too many columns');
  const column: Column = { name: definition.name, type, bytes, colId: entry.nextColId };
  return {
    ...unchanged(entry),
    columns: [...schema.columns, column],
    nextColId: entry.nextColId + 1,
    head: [column],
  };
}

function dropColumn(name: string, entry: SchemaState): SchemaChange {
  const { schema } = entry;
  if (schema.columns.length <= 2) throw invalidOperation('no columns can be dropped');
  const index = schema.columns.findIndex((column) => column.name === name);
  if (index === 0) throw invalidOperation('primary timestamp column cannot be dropped');
  if (index < 0) {
    if (!isNamed(schema, name)) throw invalidOperation('invalid column name', name);
    throw new TaosError(ErrorCode.MND_FIELD_NOT_EXIST, undefined, { detail: `${name} is a tag` });
  }
  return {
    ...unchanged(entry),
    columns: schema.columns.toSpliced(index, 1),
    head: [plainHead(name)],
  };
}

/** The answer to a drop or a rename heads its count with the name, as INT, whatever the type. */
function plainHead(name: string): Column {
  return { name, type: SqlType.INT, bytes: 4, colId: 0 };
}

function modifyColumn(definitions: readonly ColumnDefinition[], entry: SchemaState): SchemaChange {
  if (definitions.length !== 1) throw invalidOperation('only support one column');
  const { columns } = entry.schema;
  const index = columns.findIndex((column) => column.name === definitions[0]!.name);
  if (index < 0) throw invalidOperation('invalid column name', definitions[0]!.name);
  const column = widened(columns[index]!, definitions[0]!);
  const after = columns.with(index, column);
  if (rowBytes(after) > ROW_BYTES_MAX)
    throw invalidOperation('column length too long', column.name);
  return { ...unchanged(entry), columns: after, head: [column] };
}

function modifyTag(definitions: readonly ColumnDefinition[], entry: SchemaState): SchemaChange {
  if (definitions.length !== 1) throw invalidOperation('only support one tag');
  const { tags } = entry.schema;
  const index = tags.findIndex((tag) => tag.name === definitions[0]!.name);
  if (index < 0) throw invalidOperation('invalid column name', definitions[0]!.name);
  const tag = widened(tags[index]!, definitions[0]!);
  const after = tags.with(index, tag);
  if (rowBytes(after) > ROW_BYTES_MAX) throw invalidOperation('tag length too long', tag.name);
  return { ...unchanged(entry), tags: after, head: [tag] };
}

/** Only BINARY and NCHAR change, and only to greater lengths. */
function widened(column: Column, definition: ColumnDefinition): Column {
  const type = typeOf(definition);
  if (!isStringType(column.type) || type === undefined || !isStringType(type)) {
    throw invalidOperation('only binary/nchar column length could be modified', column.name);
  }
  if (type !== column.type)
    throw invalidOperation('only column length coulbe be modified', column.name);
  const bytes = declaredLength(definition, type);
  if (bytes <= column.bytes)
    throw invalidOperation('new column length should be bigger than old one', column.name);
  return { ...column, bytes };
}

function addTag(definitions: readonly ColumnDefinition[], entry: SchemaState): SchemaChange {
  if (definitions.length !== 1) throw invalidOperation('only support add one tag');
  const { schema } = entry;
  const tag = defineTag(definitions[0]!, entry.nextTagId);
  if (schema.tags.length >= TAGS_MAX) throw invalidOperation('too many tags');
  if (rowBytes(schema.tags) + widthInRow(tag.type, tag.bytes) > ROW_BYTES_MAX)
    throw invalidOperation('tag length too long', tag.name);
  if (isNamed(schema, tag.name)) throw invalidOperation('duplicated column names', tag.name);
  return {
    ...unchanged(entry),
    tags: [...schema.tags, tag],
    nextTagId: entry.nextTagId + 1,
    head: [tag],
  };
}

function dropTag(name: string, entry: SchemaState): SchemaChange {
  const { schema } = entry;
  if (schema.tags.length <= 1) throw invalidOperation('no tags can be dropped');
  if (!isNamed(schema, name)) throw invalidOperation('invalid column name', name);
  const index = schema.tags.findIndex((tag) => tag.name === name);
  if (index < 0) throw invalidOperation('invalid tag name', name);
  return { ...unchanged(entry), tags: schema.tags.toSpliced(index, 1), head: [plainHead(name)] };
}

function renameTag(name: string, newName: string, entry: SchemaState): SchemaChange {
  const { schema } = entry;
  if (!isNamed(schema, name)) throw invalidOperation('invalid column name', name);
  if (isNamed(schema, newName) || !isColumnName(newName))
    throw invalidOperation('invalid new tag name', newName);
  const index = schema.tags.findIndex((tag) => tag.name === name);
  if (index < 0)
    throw new TaosError(ErrorCode.MND_TAG_NOT_EXIST, undefined, { detail: `${name} is no tag` });
  const tags = schema.tags.with(index, { ...schema.tags[index]!, name: newName });
  return { ...unchanged(entry), tags, head: [plainHead(name), plainHead(newName)] };
}

async function setTag(
  context: Context,
  db: DbState,
  table: TableMeta,
  action: SetTag,
  session: Session,
): Promise<AdminResult> {
  const { tags, columns } = table.schema;
  const tag = tags.find((candidate) => candidate.name === action.name);
  if (tag === undefined) {
    const isColumn =
      action.name === 'tbname' || columns.some((column) => column.name === action.name);
    throw invalidOperation(
      isColumn ? 'update normal column not supported' : 'invalid column name',
      action.name,
    );
  }
  const conversion = convertTag(action.value, tag);
  if (!conversion.ok)
    throw invalidOperation(
      conversion.why === 'tooLong' ? 'tag value too long' : 'invalid tag value',
      tag.name,
    );
  requireWriteRight(context, session);
  const payload = encodeChanges([
    { kind: 'setTag', uid: table.uid, colId: tag.colId, value: conversion.value },
  ]);
  await context.outbox.sendOnce(db.name, [{ kind: 'change', vgId: table.vgId, payload }]);
  return done;
}
