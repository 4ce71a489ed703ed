/** Productions for SHOW. */
import type * as ast from '../ast/admin.ts';
import { Keyword } from '../lexer/keyword.ts';
import { TokenKind } from '../lexer/token-kind.ts';
import type { Cursor } from './cursor.ts';
import { parseName, parsePattern, parseTableName, parseWord } from './name.ts';

const kinds: readonly ast.ShowWhat[] = [
  'accounts',
  'connections',
  'databases',
  'dnodes',
  'grants',
  'mnodes',
  'modules',
  'queries',
  'scores',
  'stables',
  'streams',
  'tables',
  'topics',
  'users',
  'variables',
  'vgroups',
  'vnodes',
];
const showByKind: ReadonlyMap<number, ast.ShowWhat> = new Map(
  kinds.map((what) => [Keyword[what], what]),
);

type ShowStatement = ast.Show | ast.ShowCreateDatabase | ast.ShowCreateTable;

/** show ::= 'show' (create | what | (name '.')? ofDatabase) */
export function parseShow(cursor: Cursor): ShowStatement {
  const start = cursor.start;
  cursor.expectKeyword('show');
  if (cursor.optionalKeyword('create')) return parseShowCreate(cursor, start);
  let db: string | undefined;
  if (cursor.atName()) {
    db = parseName(cursor);
    cursor.expect(TokenKind.DOT, '.');
  }
  const what = showByKind.get(cursor.kind);
  if (what === undefined) return cursor.fail('tables, databases, dnodes or another list');
  if (db !== undefined && !belongsToDatabase(what)) cursor.fail('tables, stables or vgroups');
  cursor.next();
  const like = parseLike(cursor, what);
  const isBare = cursor.kind !== TokenKind.STRING;
  const takesArgument = what === 'vgroups' || (what === 'vnodes' && isBare);
  const argument = takesArgument && cursor.atName() ? parseWord(cursor) : undefined;
  return { kind: 'show', what, db, like, argument, start, end: cursor.previousEnd };
}

function belongsToDatabase(what: ast.ShowWhat): boolean {
  return what === 'tables' || what === 'stables' || what === 'vgroups';
}

/** ofDatabase ::= ('tables' | 'stables') ('like' pattern)? | 'vgroups' word? | 'vnodes' (bare word)? */
function parseLike(cursor: Cursor, what: ast.ShowWhat): ast.Show['like'] {
  if (what !== 'tables' && what !== 'stables') return undefined;
  return cursor.optionalKeyword('like') ? parsePattern(cursor) : undefined;
}

/** create ::= 'create' ('database' name | ('table' | 'stable') tableName) */
function parseShowCreate(cursor: Cursor, start: number): ShowStatement {
  if (cursor.optionalKeyword('database')) {
    const name = parseName(cursor, 'a database name');
    return { kind: 'showCreateDatabase', name, start, end: cursor.previousEnd };
  }
  const stable = cursor.optionalKeyword('stable');
  if (!stable) cursor.expect(Keyword.table, 'database, table or stable');
  const table = parseTableName(cursor);
  return { kind: 'showCreateTable', stable, table, start, end: cursor.previousEnd };
}
