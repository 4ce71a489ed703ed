/** Productions for `alter table` and `alter stable`. */
import type * as ast from '../ast/table.ts';
import type { ColumnDefinition } from '../ast/name.ts';
import { Keyword } from '../lexer/keyword.ts';
import { TokenKind } from '../lexer/token-kind.ts';
import type { Cursor } from './cursor.ts';
import { parseColumn, parseLiteral, parseName, parseTableName } from './name.ts';

/** alterTable ::= tableName action */
export function parseAlterTable(cursor: Cursor, start: number, stable: boolean): ast.AlterTable {
  const table = parseTableName(cursor);
  const action = parseAction(cursor);
  return { kind: 'alterTable', stable, table, action, start, end: cursor.previousEnd };
}

/** action ::= add | drop | modify | change | set */
function parseAction(cursor: Cursor): ast.AlterTableAction {
  const start = cursor.start;
  switch (cursor.kind) {
    case Keyword.add:
      return parseDefinition(cursor, start, ['addColumn', 'addTag']);
    case Keyword.modify:
      return parseDefinition(cursor, start, ['modifyColumn', 'modifyTag']);
    case Keyword.drop:
      return parseDrop(cursor, start);
    case Keyword.change:
      return parseChange(cursor, start);
    case Keyword.set:
      return parseSet(cursor, start);
    default:
      return cursor.fail('add, drop, modify, change or set');
  }
}

type Definition = ast.AddColumn | ast.AddTag | ast.ModifyColumn | ast.ModifyTag;

/** add ::= 'add' ('column' | 'tag') column (',' column)*    modify ::= 'modify' … */
function parseDefinition<C extends Definition['kind'], T extends Definition['kind']>(
  cursor: Cursor,
  start: number,
  kinds: readonly [column: C, tag: T],
): { kind: C | T; columns: ColumnDefinition[]; start: number; end: number } {
  cursor.next();
  const kind = kinds[parseColumnOrTag(cursor)];
  const columns = cursor.list(parseColumn);
  return { kind, columns, start, end: cursor.previousEnd };
}

/** drop ::= 'drop' ('column' | 'tag') name */
function parseDrop(cursor: Cursor, start: number): ast.DropColumn | ast.DropTag {
  cursor.next();
  const kind = parseColumnOrTag(cursor) === 0 ? 'dropColumn' : 'dropTag';
  const name = parseName(cursor, 'a column name');
  return { kind, name, start, end: cursor.previousEnd };
}

/** 'column' | 'tag': 0 or 1 */
function parseColumnOrTag(cursor: Cursor): 0 | 1 {
  if (cursor.optionalKeyword('column')) return 0;
  cursor.expect(Keyword.tag, 'column or tag');
  return 1;
}

/** change ::= 'change' 'tag' name name */
function parseChange(cursor: Cursor, start: number): ast.RenameTag {
  cursor.next();
  cursor.expectKeyword('tag');
  const name = parseName(cursor, 'a tag name');
  const newName = parseName(cursor, 'the new tag name');
  return { kind: 'renameTag', name, newName, start, end: cursor.previousEnd };
}

/** set ::= 'set' 'tag' name '=' literal */
function parseSet(cursor: Cursor, start: number): ast.SetTag {
  cursor.next();
  cursor.expectKeyword('tag');
  const name = parseName(cursor, 'a tag name');
  cursor.expect(TokenKind.EQUAL, '=');
  const value = parseLiteral(cursor);
  return { kind: 'setTag', name, value, start, end: cursor.previousEnd };
}
