/** `dbs.sql`: databases, stables and normal tables as statements, one a line, which the shell runs as well. */
import { isStringType, typeName } from '@tdnode/common';
import type { ColumnDef } from '../format/cell.ts';
import type { DatabaseDef, TableSchemaDef } from '../format/manifest.ts';

/** All statements for a dump's databases. */
export function schemaSql(databases: readonly DatabaseDef[], withoutProperties: boolean): string {
  const lines = databases.flatMap((database) => [
    `${createDatabase(database, withoutProperties)};`,
    ...database.tables.map((table) => `${createTable(database.name, table)};`),
  ]);
  return lines.map((line) => `${line}\n`).join('');
}

/** `create database …`; without properties only the precision is said, which rows depend on. */
export function createDatabase(
  { name, options, precision }: DatabaseDef,
  withoutProperties: boolean,
): string {
  const words = withoutProperties ? ([['precision', precision]] as const) : options;
  const said = words.map(
    ([word, value]) => `${word} ${typeof value === 'string' ? `'${value}'` : value}`,
  );
  return ['create database if not exists', name, ...said].join(' ');
}

/** `create table …` of a stable or a normal table. */
export function createTable(db: string, { name, columns, tags, kind }: TableSchemaDef): string {
  const tail = kind === 'stable' ? ` tags (${declared(tags)})` : '';
  return `create table if not exists ${db}.${name} (${declared(columns)})${tail}`;
}

function declared(columns: readonly ColumnDef[]): string {
  return columns
    .map(({ name, type, bytes }) => {
      const length = isStringType(type) ? `(${bytes})` : '';
      return `${name} ${typeName(type).toLowerCase()}${length}`;
    })
    .join(', ');
}
