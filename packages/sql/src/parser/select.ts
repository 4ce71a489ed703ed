/** Productions for SELECT and its clauses, in the one order in which 2.1.2 takes them. */
import { invalidOperation } from '@tdnode/common';
import type { ColumnReference, Expression } from '../ast/expression.ts';
import type * as ast from '../ast/select.ts';
import { Keyword } from '../lexer/keyword.ts';
import type { KeywordName } from '../lexer/keyword.ts';
import { dequote, lowerOutsideQuotes } from '../lexer/quoted.ts';
import { TokenKind } from '../lexer/token-kind.ts';
import type { Cursor } from './cursor.ts';
import { parseDuration, parseExpression } from './expression.ts';
import { parseAfterDot, parseName, parseSigned, parseTableName } from './name.ts';

/** union ::= select ('union' 'all' select)* */
export function parseSelectStatement(cursor: Cursor): ast.SelectStatement {
  const start = cursor.start;
  const branches = [parseSelect(cursor)];
  while (cursor.optionalKeyword('union')) {
    cursor.expectKeyword('all');
    branches.push(parseSelect(cursor));
  }
  return { kind: 'select', branches, start, end: cursor.previousEnd };
}

/** select ::= '(' select ')' | branch */
function parseSelect(cursor: Cursor): ast.SelectBranch {
  if (!cursor.optional(TokenKind.LEFT_PAREN)) return parseBranch(cursor);
  const inner = cursor.nested(parseSelect);
  cursor.expect(TokenKind.RIGHT_PAREN, ')');
  return inner;
}

/** branch ::= 'select' 'distinct'? item (',' item)* ('from' from where? window? fill? sliding? group? order? having? slimit? limit?)? */
function parseBranch(cursor: Cursor): ast.SelectBranch {
  const start = cursor.start;
  cursor.expectKeyword('select');
  const distinct = cursor.optionalKeyword('distinct');
  const items = cursor.list(parseItem);
  const tail = cursor.optionalKeyword('from') ? parseTail(cursor) : emptyTail;
  return { distinct, items, ...tail, start, end: cursor.previousEnd };
}

type Tail = Omit<ast.SelectBranch, 'distinct' | 'items' | 'start' | 'end'>;

const emptyTail: Tail = {
  from: [],
  where: undefined,
  window: undefined,
  sliding: undefined,
  fill: undefined,
  groupBy: [],
  having: undefined,
  orderBy: [],
  slimit: undefined,
  limit: undefined,
};

function parseTail(cursor: Cursor): Tail {
  const from = parseFrom(cursor);
  const where = cursor.optionalKeyword('where') ? parseExpression(cursor) : undefined;
  const window = parseWindow(cursor);
  const fill = cursor.atKeyword('fill') ? parseFill(cursor) : undefined;
  const sliding = parseSliding(cursor);
  const groupBy = parseListBy(cursor, 'group', parseReference);
  const orderBy = parseListBy(cursor, 'order', parseOrderItem);
  const having = cursor.optionalKeyword('having') ? parseExpression(cursor) : undefined;
  const slimit = parseLimit(cursor, 'slimit', 'soffset');
  const limit = parseLimit(cursor, 'limit', 'offset');
  return { from, where, window, fill, sliding, groupBy, orderBy, having, slimit, limit };
}

/** item ::= '*' | expression ('as'? alias)? */
function parseItem(cursor: Cursor): ast.SelectItem {
  const { start, end } = cursor;
  if (cursor.optional(TokenKind.STAR)) {
    const expression: Expression = { kind: 'star', table: undefined, start, end };
    return { expression, alias: undefined, text: '*', start, end };
  }
  const expression = parseExpression(cursor);
  const text = headOf(cursor, expression);
  const alias = parseAlias(cursor);
  return { expression, alias, text, start, end: cursor.previousEnd };
}

/** The head of a column without alias: a string's content, any other expression's text in lower case. */
function headOf(cursor: Cursor, expression: Expression): string {
  if (expression.kind === 'string') return expression.value;
  return lowerOutsideQuotes(cursor.slice(expression.start, expression.end));
}

/** alias ::= name — a quoted one keeps its case */
function parseAlias(cursor: Cursor): string | undefined {
  if (!cursor.optionalKeyword('as') && !cursor.atName()) return undefined;
  if (cursor.kind !== TokenKind.STRING) return parseName(cursor, 'an alias');
  const alias = dequote(cursor.text());
  cursor.next();
  return alias;
}

/** from ::= subquery (',' subquery)* | table (',' table)* */
function parseFrom(cursor: Cursor): ast.FromItem[] {
  return cursor.list<ast.FromItem>(
    cursor.kind === TokenKind.LEFT_PAREN ? parseSubquery : parseFromTable,
  );
}

/** subquery ::= '(' union ')' alias? */
function parseSubquery(cursor: Cursor): ast.FromSelect {
  const start = cursor.start;
  cursor.expect(TokenKind.LEFT_PAREN, '(');
  const select = cursor.nested(parseSelectStatement);
  cursor.expect(TokenKind.RIGHT_PAREN, ')');
  const alias = cursor.atName() ? parseName(cursor) : undefined;
  return { kind: 'subquery', select, alias, start, end: cursor.previousEnd };
}

/** table ::= tableName alias? */
function parseFromTable(cursor: Cursor): ast.FromTable {
  const { db, name, start } = parseTableName(cursor);
  const alias = cursor.atName() ? parseName(cursor) : undefined;
  return { kind: 'table', db, name, alias, start, end: cursor.previousEnd };
}

/** window ::= interval? session? state? — more than one parses, and is refused with 512 */
function parseWindow(cursor: Cursor): ast.WindowClause | undefined {
  const windows: ast.WindowClause[] = [];
  if (cursor.atKeyword('interval')) windows.push(parseInterval(cursor));
  if (cursor.atKeyword('session')) windows.push(parseSession(cursor));
  if (cursor.atKeyword('state_window')) windows.push(parseState(cursor));
  if (windows.length > 1) throw invalidOperation('only one type time window allowed');
  return windows[0];
}

/** interval ::= 'interval' '(' DURATION (',' DURATION)? ')' */
function parseInterval(cursor: Cursor): ast.IntervalWindow {
  const start = cursor.start;
  cursor.expectKeyword('interval');
  cursor.expect(TokenKind.LEFT_PAREN, '(');
  const width = parseDuration(cursor);
  const offset = cursor.optional(TokenKind.COMMA) ? parseDuration(cursor) : undefined;
  cursor.expect(TokenKind.RIGHT_PAREN, ')');
  return { kind: 'interval', width, offset, start, end: cursor.previousEnd };
}

/** session ::= 'session' '(' reference ',' DURATION ')' */
function parseSession(cursor: Cursor): ast.SessionWindow {
  const start = cursor.start;
  cursor.expectKeyword('session');
  cursor.expect(TokenKind.LEFT_PAREN, '(');
  const column = parseReference(cursor);
  cursor.expect(TokenKind.COMMA, ',');
  const gap = parseDuration(cursor);
  cursor.expect(TokenKind.RIGHT_PAREN, ')');
  return { kind: 'session', column, gap, start, end: cursor.previousEnd };
}

/** state ::= 'state_window' '(' name ')' */
function parseState(cursor: Cursor): ast.StateWindow {
  const start = cursor.start;
  cursor.expectKeyword('state_window');
  cursor.expect(TokenKind.LEFT_PAREN, '(');
  const at = cursor.start;
  const name = parseName(cursor, 'a column name');
  const column: ColumnReference = {
    kind: 'column',
    table: undefined,
    name,
    start: at,
    end: cursor.previousEnd,
  };
  cursor.expect(TokenKind.RIGHT_PAREN, ')');
  return { kind: 'state', column, start, end: cursor.previousEnd };
}

/** fill ::= 'fill' '(' (name | 'null') (',' value)* ')' */
function parseFill(cursor: Cursor): ast.FillClause {
  const start = cursor.start;
  cursor.expectKeyword('fill');
  cursor.expect(TokenKind.LEFT_PAREN, '(');
  const mode = cursor.optionalKeyword('null') ? 'null' : parseName(cursor, 'a fill mode');
  const values = cursor.optional(TokenKind.COMMA) ? cursor.list(parseFillValue) : [];
  cursor.expect(TokenKind.RIGHT_PAREN, ')');
  return { mode, values, start, end: cursor.previousEnd };
}

/** value ::= ('+' | '-')? (INTEGER | FLOAT) | STRING | BOOL | 'null' */
function parseFillValue(cursor: Cursor): Expression {
  const at = cursor.start;
  const value = parseExpression(cursor);
  const plain = value.kind === 'unary' ? value.operand.kind : value.kind;
  if (plain === 'number' || plain === 'string' || plain === 'bool' || plain === 'null')
    return value;
  return cursor.failAt(at, 'a value');
}

/** sliding ::= 'sliding' '(' DURATION ')' */
function parseSliding(cursor: Cursor): ast.SelectBranch['sliding'] {
  if (!cursor.optionalKeyword('sliding')) return undefined;
  cursor.expect(TokenKind.LEFT_PAREN, '(');
  const width = parseDuration(cursor);
  cursor.expect(TokenKind.RIGHT_PAREN, ')');
  return width;
}

/** ('group' | 'order') 'by' item (',' item)* */
function parseListBy<T>(cursor: Cursor, word: KeywordName, parse: (cursor: Cursor) => T): T[] {
  if (!cursor.optionalKeyword(word)) return [];
  cursor.expectKeyword('by');
  return cursor.list(parse);
}

/** orderItem ::= reference ('asc' | 'desc')? */
function parseOrderItem(cursor: Cursor): ast.OrderItem {
  const expression = parseReference(cursor);
  const descending = cursor.optionalKeyword('desc');
  if (!descending) cursor.optionalKeyword('asc');
  return { expression, descending, start: expression.start, end: cursor.previousEnd };
}

/** reference ::= name ('.' name)? */
function parseReference(cursor: Cursor): ColumnReference {
  const start = cursor.start;
  const first = parseName(cursor, 'a column name');
  if (cursor.kind !== TokenKind.DOT) {
    return { kind: 'column', table: undefined, name: first, start, end: cursor.previousEnd };
  }
  const name = parseAfterDot(cursor);
  return { kind: 'column', table: first, name, start, end: cursor.previousEnd };
}

/** limit ::= 'limit' signed ('offset' signed | ',' signed)? — `limit a, b` is `limit b offset a` */
function parseLimit(
  cursor: Cursor,
  word: KeywordName,
  offsetWord: KeywordName,
): ast.LimitClause | undefined {
  const start = cursor.start;
  if (!cursor.optionalKeyword(word)) return undefined;
  const first = parseSigned(cursor);
  let limit = first;
  let offset = 0;
  if (cursor.optional(Keyword[offsetWord])) offset = parseSigned(cursor);
  else if (cursor.optional(TokenKind.COMMA)) {
    offset = first;
    limit = parseSigned(cursor);
  }
  return { limit, offset, start, end: cursor.previousEnd };
}
