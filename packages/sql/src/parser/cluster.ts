/** Productions for dnodes, settings of the running server, and running work. */
import type * as ast from '../ast/admin.ts';
import { TokenKind } from '../lexer/token-kind.ts';
import type { Cursor } from './cursor.ts';
import { parseLiteral, parseName, parseWord } from './name.ts';

/** createDnode ::= word */
export function parseCreateDnode(cursor: Cursor, start: number): ast.CreateDnode {
  const endPoint = parseWord(cursor, 'an end point').text;
  return { kind: 'createDnode', endPoint, start, end: cursor.previousEnd };
}

/** dropDnode ::= word */
export function parseDropDnode(cursor: Cursor, start: number): ast.DropDnode {
  const dnode = parseWord(cursor, 'an end point or the id of a dnode').text;
  return { kind: 'dropDnode', dnode, start, end: cursor.previousEnd };
}

/** alterDnode ::= word name word? */
export function parseAlterDnode(cursor: Cursor, start: number): ast.AlterDnode {
  const dnode = parseWord(cursor, 'an end point or the id of a dnode').text;
  const name = parseName(cursor, 'the name of a setting');
  const value = cursor.atName() ? parseWord(cursor) : undefined;
  return { kind: 'alterDnode', dnode, name, value, start, end: cursor.previousEnd };
}

/** alterLocal ::= name word? */
export function parseAlterLocal(cursor: Cursor, start: number): ast.AlterLocal {
  const name = parseName(cursor, 'the name of a setting');
  const value = cursor.atName() ? parseWord(cursor) : undefined;
  return { kind: 'alterLocal', name, value, start, end: cursor.previousEnd };
}

/** reset ::= 'reset' 'query' 'cache' */
export function parseReset(cursor: Cursor): ast.ResetQueryCache {
  const start = cursor.start;
  cursor.expectKeyword('reset');
  cursor.expectKeyword('query');
  cursor.expectKeyword('cache');
  return { kind: 'resetQueryCache', start, end: cursor.previousEnd };
}

/** kill ::= 'kill' ('connection' INTEGER | ('query' | 'stream') INTEGER ':' INTEGER) */
export function parseKill(cursor: Cursor): ast.Kill {
  const start = cursor.start;
  cursor.expectKeyword('kill');
  const what = parseKillWhat(cursor);
  let id = parseId(cursor);
  if (what !== 'connection') {
    cursor.expect(TokenKind.COLON, ':');
    id += `:${parseId(cursor)}`;
  }
  return { kind: 'kill', what, id, start, end: cursor.previousEnd };
}

function parseKillWhat(cursor: Cursor): ast.Kill['what'] {
  if (cursor.optionalKeyword('connection')) return 'connection';
  if (cursor.optionalKeyword('query')) return 'query';
  if (cursor.optionalKeyword('stream')) return 'stream';
  return cursor.fail('connection, query or stream');
}

function parseId(cursor: Cursor): string {
  const text = cursor.text();
  cursor.expect(TokenKind.INTEGER, 'an id');
  return text;
}

/** compact ::= 'compact' 'vnodes' 'in' '(' literal (',' literal)* ')' */
export function parseCompact(cursor: Cursor): ast.CompactVnodes {
  const start = cursor.start;
  cursor.next();
  cursor.expectKeyword('vnodes');
  cursor.expectKeyword('in');
  const vgIds = cursor.listInParens(parseLiteral);
  return { kind: 'compactVnodes', vgIds, start, end: cursor.previousEnd };
}
