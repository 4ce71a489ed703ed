/** Productions for names, words, literals, column lists: the leaves that statements share. */
import { ErrorCode, TaosError, invalidOperation } from '@tdnode/common';
import type { ColumnDefinition, Literal, TableName, Word } from '../ast/name.ts';
import { dequote, unescape } from '../lexer/quoted.ts';
import { TokenKind } from '../lexer/token-kind.ts';
import type { Cursor } from './cursor.ts';

/** name ::= ID | STRING | fallback keyword — lower-cased */
export function parseName(cursor: Cursor, what = 'a name'): string {
  if (!cursor.atName()) cursor.fail(what);
  const text = cursor.text();
  const name = cursor.kind === TokenKind.STRING ? dequote(text) : text;
  cursor.next();
  return name.toLowerCase();
}

/** word ::= name — case kept, quotes remembered, escapes undone */
export function parseWord(cursor: Cursor, what = 'a word'): Word {
  if (!cursor.atName()) cursor.fail(what);
  const { start, end } = cursor;
  const quoted = cursor.kind === TokenKind.STRING;
  const text = quoted ? unescape(cursor.text()) : cursor.text();
  cursor.next();
  return { kind: 'word', text, quoted, start, end };
}

/** pattern ::= name — as `parseWord`, but backslashes stay: `like` reads them */
export function parsePattern(cursor: Cursor): Word {
  if (!cursor.atName()) cursor.fail('a pattern');
  const { start, end } = cursor;
  const quoted = cursor.kind === TokenKind.STRING;
  const text = quoted ? dequote(cursor.text()) : cursor.text();
  cursor.next();
  return { kind: 'word', text, quoted, start, end };
}

/** tableName ::= name ('.' name)? */
export function parseTableName(cursor: Cursor): TableName {
  const start = cursor.start;
  const first = parseName(cursor, 'a table name');
  if (cursor.kind !== TokenKind.DOT) {
    return { kind: 'tableName', db: undefined, name: first, start, end: cursor.previousEnd };
  }
  const name = parseAfterDot(cursor);
  return { kind: 'tableName', db: first, name, start, end: cursor.previousEnd };
}

/** '.' name — blanks around the dot parse, but name no table in 2.1.2: 512 behind it, 866 before it */
export function parseAfterDot(cursor: Cursor): string {
  const blankBefore = cursor.start > cursor.previousEnd;
  cursor.expect(TokenKind.DOT, '.');
  const blankBehind = cursor.start > cursor.previousEnd;
  const name = parseName(cursor, 'a table name');
  if (blankBefore) throw new TaosError(ErrorCode.MND_INVALID_TABLE_NAME);
  if (blankBehind) throw invalidOperation('invalid table name', 'no blank may follow the dot');
  return name;
}

/** ifExists ::= ('if' 'exists')? */
export function parseIfExists(cursor: Cursor): boolean {
  if (!cursor.optionalKeyword('if')) return false;
  cursor.expectKeyword('exists');
  return true;
}

/** ifNotExists ::= ('if' 'not' 'exists')? */
export function parseIfNotExists(cursor: Cursor): boolean {
  if (!cursor.optionalKeyword('if')) return false;
  cursor.expectKeyword('not');
  cursor.expectKeyword('exists');
  return true;
}

/** literal ::= ('+' | '-')? (INTEGER | FLOAT) | STRING | BOOL | 'null' */
export function parseLiteral(cursor: Cursor): Literal {
  const start = cursor.start;
  const minus = cursor.kind === TokenKind.MINUS;
  const signed = minus || cursor.kind === TokenKind.PLUS;
  if (signed) cursor.next();
  const form = literalForm(cursor, signed);
  if (form === undefined) return cursor.fail('a value');
  const text = literalText(cursor, form);
  const end = cursor.end;
  cursor.next();
  return { kind: 'literal', form, text: minus ? `-${text}` : text, start, end };
}

function literalForm(cursor: Cursor, signed: boolean): Literal['form'] | undefined {
  if (cursor.kind === TokenKind.INTEGER) return 'integer';
  if (cursor.kind === TokenKind.FLOAT) return 'float';
  if (signed) return undefined;
  if (cursor.kind === TokenKind.STRING) return 'string';
  if (cursor.kind === TokenKind.BOOL) return 'bool';
  return cursor.atKeyword('null') ? 'null' : undefined;
}

function literalText(cursor: Cursor, form: Literal['form']): string {
  const text = cursor.text();
  if (form === 'string') return unescape(text);
  return form === 'bool' || form === 'null' ? text.toLowerCase() : text;
}

/** Where integers saturate, as 64-bit ones do. */
const MAX_INTEGER = 2 ** 63;

/** The value of a run of digits, at most 2⁶³. */
export function integerOf(digits: string): number {
  return Math.min(Number(digits), MAX_INTEGER);
}

/** signed ::= ('+' | '-')? INTEGER */
export function parseSigned(cursor: Cursor): number {
  const minus = cursor.kind === TokenKind.MINUS;
  if (minus || cursor.kind === TokenKind.PLUS) cursor.next();
  const value = integerOf(cursor.text());
  cursor.expect(TokenKind.INTEGER, 'an integer');
  return minus ? 0 - value : value;
}

/** columns ::= '(' column (',' column)* ')' */
export function parseColumnList(cursor: Cursor): ColumnDefinition[] {
  return cursor.listInParens(parseColumn);
}

/** column ::= name name ('(' signed ')' | 'unsigned')? */
export function parseColumn(cursor: Cursor): ColumnDefinition {
  const start = cursor.start;
  const name = parseName(cursor, 'a column name');
  let type = parseName(cursor, 'a type');
  let length: number | undefined;
  if (cursor.optional(TokenKind.LEFT_PAREN)) {
    length = parseSigned(cursor);
    cursor.expect(TokenKind.RIGHT_PAREN, ')');
  } else if (cursor.optionalKeyword('unsigned')) {
    type += ' unsigned';
  }
  return { kind: 'columnDefinition', name, type, length, start, end: cursor.previousEnd };
}
