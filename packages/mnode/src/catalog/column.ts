/**
 * Columns and tags as statements define them: types, lengths, names and the limits of TDengine 2.1.2. A
 * row counts two bytes more for each BINARY and NCHAR, and four bytes a character of NCHAR.
 */
import {
  SqlType,
  TaosError,
  ErrorCode,
  invalidOperation,
  isStringType,
  typeWidth,
  type Column,
} from '@tdnode/common';
import { isIdentifier, type ColumnDefinition } from '@tdnode/sql';

/** Bytes of a row, and of all tags together. */
export const ROW_BYTES_MAX = 16_384;
/** Bytes of one string value with its length. */
const STRING_BYTES_MAX = ROW_BYTES_MAX - 8;
/** Columns and tags of a table together. */
export const COLUMNS_MAX = 1024;
export const TAGS_MAX = 128;
const NAME_BYTES_MAX = 64;

const types: Readonly<Record<string, SqlType>> = {
  bool: SqlType.BOOL,
  tinyint: SqlType.TINYINT,
  smallint: SqlType.SMALLINT,
  int: SqlType.INT,
  bigint: SqlType.BIGINT,
  float: SqlType.FLOAT,
  double: SqlType.DOUBLE,
  binary: SqlType.BINARY,
  timestamp: SqlType.TIMESTAMP,
  nchar: SqlType.NCHAR,
  'tinyint unsigned': SqlType.UTINYINT,
  'smallint unsigned': SqlType.USMALLINT,
  'int unsigned': SqlType.UINT,
  'bigint unsigned': SqlType.UBIGINT,
};

/** The type a definition names, or undefined. */
export function typeOf(definition: ColumnDefinition): SqlType | undefined {
  return Object.hasOwn(types, definition.type) ? types[definition.type] : undefined;
}

/** Declared length: bytes of the type, bytes of BINARY, characters of NCHAR. */
export function declaredLength(definition: ColumnDefinition, type: SqlType): number {
  return isStringType(type) ? (definition.length ?? 0) : typeWidth(type);
}

/** Bytes that a value takes in a row, as limits count it. */
export function widthInRow(type: SqlType, length: number): number {
  if (type === SqlType.BINARY) return length + 2;
  if (type === SqlType.NCHAR) return length * 4 + 2;
  return length;
}

export function rowBytes(columns: readonly Column[]): number {
  return columns.reduce((sum, column) => sum + widthInRow(column.type, column.bytes), 0);
}

/** Whether a word may name a column or a tag: no keyword, letters, digits and _, at most 64 bytes. */
export function isColumnName(name: string): boolean {
  return Buffer.byteLength(name) <= NAME_BYTES_MAX && isIdentifier(name);
}

/** The columns of a new table or stable; ids count from 1. Throws 512. */
export function defineColumns(definitions: readonly ColumnDefinition[]): Column[] {
  if (definitions.length < 2 || definitions.length > COLUMNS_MAX)
    throw invalidOperation('illegal number of columns');
  if (typeOf(definitions[0]!) !== SqlType.TIMESTAMP)
    throw invalidOperation('first column must be timestamp');
  const columns: Column[] = [];
  const names = new Set<string>();
  for (const definition of definitions) {
    const type = typeOf(definition);
    if (type === undefined)
      throw invalidOperation('invalid data type', `${definition.name} ${definition.type}`);
    const bytes = declaredLength(definition, type);
    if (bytes <= 0 || (isStringType(type) && widthInRow(type, bytes) > STRING_BYTES_MAX)) {
      throw invalidOperation('invalid binary/nchar column length', definition.name);
    }
    if (!isColumnName(definition.name))
      throw invalidOperation('invalid column name', definition.name);
    columns.push({ name: definition.name, type, bytes, colId: columns.length + 1 });
    names.add(definition.name);
  }
  if (names.size < columns.length) throw invalidOperation('duplicated column names');
  if (rowBytes(columns) > ROW_BYTES_MAX)
    throw invalidOperation(
      'row length exceeds max length',
      `${rowBytes(columns)} bytes, ${ROW_BYTES_MAX} allowed`,
    );
  return columns;
}

/** The tags of a new stable; ids count from 1. Throws 512, or 878 for one tag that is wider than a row. */
export function defineTags(
  definitions: readonly ColumnDefinition[],
  columns: readonly Column[],
): Column[] {
  if (definitions.length > TAGS_MAX || definitions.length + columns.length > COLUMNS_MAX) {
    throw invalidOperation('invalid number of tag columns');
  }
  const tags: Column[] = [];
  const names = new Set(columns.map((column) => column.name));
  let tooWide: Column | undefined;
  for (const definition of definitions) {
    const tag = defineTag(definition, tags.length + 1);
    if (names.has(tag.name)) throw invalidOperation('duplicated column names', tag.name);
    if (isStringType(tag.type) && widthInRow(tag.type, tag.bytes) > STRING_BYTES_MAX)
      tooWide ??= tag;
    names.add(tag.name);
    tags.push(tag);
  }
  if (tooWide !== undefined) {
    throw new TaosError(ErrorCode.MND_INVALID_CREATE_TABLE_MSG, undefined, {
      detail: `tag ${tooWide.name} is too long`,
    });
  }
  if (rowBytes(tags) > ROW_BYTES_MAX) throw invalidOperation('tag length too long');
  return tags;
}

/** One tag, alone; throws 512. */
export function defineTag(definition: ColumnDefinition, colId: number): Column {
  const type = typeOf(definition);
  if (type === SqlType.TIMESTAMP)
    throw invalidOperation('timestamp not allowed in tags', definition.name);
  if (type === undefined)
    throw invalidOperation('invalid data type in tags', `${definition.name} ${definition.type}`);
  const bytes = declaredLength(definition, type);
  if (bytes <= 0) throw invalidOperation('invalid binary/nchar tag length', definition.name);
  if (!isColumnName(definition.name)) throw invalidOperation('invalid tag name', definition.name);
  return { name: definition.name, type, bytes, colId };
}
