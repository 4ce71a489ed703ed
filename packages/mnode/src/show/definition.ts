/** `describe`, `show create table`, `show create stable`. */
import {
  ErrorCode,
  SqlType,
  TaosError,
  isStringType,
  typeName,
  type Column,
  type TagValue,
} from '@tdnode/common';
import type { AdminResult, Session, TableMeta } from '@tdnode/rpc';
import type { Describe, ShowCreateTable } from '@tdnode/sql';
import { requireTable } from '../catalog/tables.ts';
import { requireDb, type Context } from '../context.ts';
import { int, rowsResult, text } from './rows.ts';

const describeColumns = [text('Field', 64), text('Type', 20), int('Length'), text('Note', 8)];

export function describe(context: Context, statement: Describe, session: Session): AdminResult {
  const db = requireDb(context, statement.table.db, session);
  const { schema } = requireTable(db, statement.table.name);
  return rowsResult(describeColumns, [
    ...schema.columns.map((column) => [column.name, typeName(column.type), column.bytes, '']),
    ...schema.tags.map((tag) => [tag.name, typeName(tag.type), tag.bytes, 'TAG']),
  ]);
}

export async function showCreateTable(
  context: Context,
  statement: ShowCreateTable,
  session: Session,
): Promise<AdminResult> {
  const db = requireDb(context, statement.table.db, session);
  const table = requireTable(db, statement.table.name);
  if (statement.stable && table.kind !== 'stable') {
    throw new TaosError(ErrorCode.TSC_INVALID_VALUE, undefined, {
      detail: `${table.name} is not a stable`,
    });
  }
  const sql = table.kind === 'child' ? await childSql(context, table) : tableSql(table);
  return rowsResult(
    [text('Table', 64), text('Create Table', Buffer.byteLength(sql))],
    [[table.name, sql]],
  );
}

function tableSql({ name, schema }: TableMeta): string {
  const tags = schema.tags.length === 0 ? '' : ` TAGS (${schema.tags.map(columnSql).join(',')})`;
  return `create table ${name} (${schema.columns.map(columnSql).join(',')})${tags}`;
}

function columnSql({ name, type, bytes }: Column): string {
  return `${name} ${typeName(type)}${isStringType(type) ? `(${bytes})` : ''}`;
}

async function childSql(context: Context, table: TableMeta): Promise<string> {
  await context.outbox.attempted(table.db);
  const values = await context.vnodes.tags(table.vgId, table.uid);
  const tags = table.schema.tags.map((tag, i) => tagSql(tag, values?.[i] ?? null));
  return `CREATE TABLE ${table.name} USING ${table.stableName} TAGS (${tags.join(',')})`;
}

const decoder = new TextDecoder();

function tagSql(tag: Column, value: TagValue): string {
  if (value === null) return 'NULL';
  if (value instanceof Uint8Array) return `"${decoder.decode(value)}"`;
  if (tag.type === SqlType.BOOL) return value === 0 ? 'false' : 'true';
  if (tag.type === SqlType.FLOAT) return Number(value).toFixed(5);
  return tag.type === SqlType.DOUBLE ? Number(value).toFixed(9) : String(value);
}
