/** Productions for statements that define tables and stables. */
import type * as ast from '../ast/table.ts';
import { TokenKind } from '../lexer/token-kind.ts';
import type { Cursor } from './cursor.ts';
import {
  parseColumnList,
  parseIfExists,
  parseIfNotExists,
  parseLiteral,
  parseName,
  parseTableName,
} from './name.ts';
import { parseSelectStatement } from './select.ts';

type CreateStatement =
  | ast.CreateStable
  | ast.CreateTable
  | ast.CreateChildTables
  | ast.CreateStream;

/** createTable ::= ifNotExists tableName (columns ('tags' columns)? | columns? stream | using children*) */
export function parseCreateTable(cursor: Cursor, start: number): CreateStatement {
  const entryStart = cursor.start;
  const ifNotExists = parseIfNotExists(cursor);
  const table = parseTableName(cursor);
  if (cursor.atKeyword('using')) {
    const first = parseUsing(cursor, { ifNotExists, table, start: entryStart });
    return parseMoreChildren(cursor, first, start);
  }
  if (cursor.atKeyword('as')) return parseStream(cursor, { ifNotExists, table, start }, undefined);
  const columns = parseColumnList(cursor);
  if (cursor.atKeyword('as')) return parseStream(cursor, { ifNotExists, table, start }, columns);
  if (!cursor.optionalKeyword('tags')) {
    return { kind: 'createTable', ifNotExists, table, columns, start, end: cursor.previousEnd };
  }
  const tags = parseColumnList(cursor);
  return {
    kind: 'createStable',
    ifNotExists,
    table,
    columns,
    tags,
    start,
    end: cursor.previousEnd,
  };
}

/** stream ::= 'as' union */
function parseStream(
  cursor: Cursor,
  head: Pick<ast.CreateStream, 'ifNotExists' | 'table' | 'start'>,
  columns: ast.CreateStream['columns'],
): ast.CreateStream {
  cursor.expectKeyword('as');
  const select = parseSelectStatement(cursor);
  return { kind: 'createStream', ...head, columns, select, end: cursor.previousEnd };
}

/** createStable ::= ifNotExists tableName columns 'tags' columns */
export function parseCreateStable(cursor: Cursor, start: number): ast.CreateStable {
  const ifNotExists = parseIfNotExists(cursor);
  const table = parseTableName(cursor);
  const columns = parseColumnList(cursor);
  cursor.expectKeyword('tags');
  const tags = parseColumnList(cursor);
  return {
    kind: 'createStable',
    ifNotExists,
    table,
    columns,
    tags,
    start,
    end: cursor.previousEnd,
  };
}

/** children ::= (ifNotExists tableName using)* — entries stand side by side, without commas */
function parseMoreChildren(
  cursor: Cursor,
  first: ast.ChildTableEntry,
  start: number,
): ast.CreateChildTables {
  const entries = [first];
  while (cursor.atKeyword('if') || cursor.atName()) {
    const entryStart = cursor.start;
    const ifNotExists = parseIfNotExists(cursor);
    const table = parseTableName(cursor);
    entries.push(parseUsing(cursor, { ifNotExists, table, start: entryStart }));
  }
  return { kind: 'createChildTables', entries, start, end: cursor.previousEnd };
}

/** using ::= 'using' tableName ('(' name (',' name)* ')')? 'tags' '(' literal (',' literal)* ')' */
function parseUsing(
  cursor: Cursor,
  head: Pick<ast.ChildTableEntry, 'ifNotExists' | 'table' | 'start'>,
): ast.ChildTableEntry {
  cursor.expectKeyword('using');
  const stable = parseTableName(cursor);
  const tagNames =
    cursor.kind === TokenKind.LEFT_PAREN ? cursor.listInParens(parseTagName) : undefined;
  cursor.expectKeyword('tags');
  const tagValues = cursor.listInParens(parseLiteral);
  const { ifNotExists, table, start } = head;
  return { ifNotExists, table, stable, tagNames, tagValues, start, end: cursor.previousEnd };
}

function parseTagName(cursor: Cursor): string {
  return parseName(cursor, 'a tag name');
}

/** dropTable ::= ifExists tableName */
export function parseDropTable(cursor: Cursor, start: number, stable: boolean): ast.DropTable {
  const ifExists = parseIfExists(cursor);
  const table = parseTableName(cursor);
  return { kind: 'dropTable', stable, ifExists, table, start, end: cursor.previousEnd };
}

/** describe ::= 'describe' tableName */
export function parseDescribe(cursor: Cursor): ast.Describe {
  const start = cursor.start;
  cursor.expectKeyword('describe');
  const table = parseTableName(cursor);
  return { kind: 'describe', table, start, end: cursor.previousEnd };
}
