/**
 * Productions for expressions, loosest binding first:
 * or, and, equality (= <> is like between in), comparison (< <= > >=), sum (+ -), product (* / %), primary.
 *
 * All operators group to the left. A sign stands before numbers and durations only.
 */
import type {
  BinaryOperator,
  DurationLiteral,
  DurationUnit,
  Expression,
} from '../ast/expression.ts';
import { Keyword, fallsBackToName } from '../lexer/keyword.ts';
import { dequote } from '../lexer/quoted.ts';
import { TokenKind } from '../lexer/token-kind.ts';
import type { Cursor } from './cursor.ts';
import { integerOf } from './name.ts';

/** A whole expression: it counts its operators from nothing. */
export function parseExpression(cursor: Cursor): Expression {
  return cursor.counted(parseDisjunction);
}

/** expression ::= conjunction ('or' conjunction)* */
function parseDisjunction(cursor: Cursor): Expression {
  return parseRun(cursor, parseConjunction, orOperator);
}

/** conjunction ::= equality ('and' equality)* */
function parseConjunction(cursor: Cursor): Expression {
  return parseRun(cursor, parseEquality, andOperator);
}

/** comparison ::= sum (('<' | '<=' | '>' | '>=') sum)* */
function parseComparison(cursor: Cursor): Expression {
  return parseRun(cursor, parseSum, comparisonOperator);
}

/** sum ::= product (('+' | '-') product)* */
function parseSum(cursor: Cursor): Expression {
  return parseRun(cursor, parseProduct, sumOperator);
}

/** product ::= primary (('*' | '/' | '%') primary)* */
function parseProduct(cursor: Cursor): Expression {
  return parseRun(cursor, parsePrimary, productOperator);
}

/** operand (operator operand)* */
function parseRun(
  cursor: Cursor,
  parseOperand: (cursor: Cursor) => Expression,
  operatorOf: (kind: number) => BinaryOperator | undefined,
): Expression {
  let left = parseOperand(cursor);
  for (;;) {
    const op = operatorOf(cursor.kind);
    if (op === undefined) return left;
    cursor.countOperator();
    cursor.next();
    left = binary(op, left, parseOperand(cursor));
  }
}

function orOperator(kind: number): BinaryOperator | undefined {
  return kind === Keyword.or ? 'or' : undefined;
}

function andOperator(kind: number): BinaryOperator | undefined {
  return kind === Keyword.and ? 'and' : undefined;
}

function comparisonOperator(kind: number): BinaryOperator | undefined {
  switch (kind) {
    case TokenKind.LESS:
      return '<';
    case TokenKind.LESS_EQUAL:
      return '<=';
    case TokenKind.GREATER:
      return '>';
    case TokenKind.GREATER_EQUAL:
      return '>=';
    default:
      return undefined;
  }
}

function sumOperator(kind: number): BinaryOperator | undefined {
  if (kind === TokenKind.PLUS) return '+';
  return kind === TokenKind.MINUS ? '-' : undefined;
}

function productOperator(kind: number): BinaryOperator | undefined {
  if (kind === TokenKind.STAR) return '*';
  if (kind === TokenKind.SLASH) return '/';
  return kind === TokenKind.PERCENT ? '%' : undefined;
}

function binary(op: BinaryOperator, left: Expression, right: Expression): Expression {
  return { kind: 'binary', op, left, right, start: left.start, end: right.end };
}

/** equality ::= comparison (('=' | '<>' | 'like') comparison | isNull | between | in)* */
function parseEquality(cursor: Cursor): Expression {
  let left = parseComparison(cursor);
  for (;;) {
    const next = parseEqualityTail(cursor, left);
    if (next === undefined) return left;
    cursor.countOperator();
    left = next;
  }
}

function parseEqualityTail(cursor: Cursor, left: Expression): Expression | undefined {
  switch (cursor.kind) {
    case TokenKind.EQUAL:
      cursor.next();
      return binary('=', left, parseComparison(cursor));
    case TokenKind.NOT_EQUAL:
      cursor.next();
      return binary('<>', left, parseComparison(cursor));
    case Keyword.like:
      cursor.next();
      return binary('like', left, parseComparison(cursor));
    case Keyword.is:
      return parseIsNull(cursor, left);
    case Keyword.between:
      return parseBetween(cursor, left);
    case Keyword.in:
      return parseIn(cursor, left);
    default:
      return undefined;
  }
}

/** isNull ::= 'is' 'not'? 'null' */
function parseIsNull(cursor: Cursor, operand: Expression): Expression {
  cursor.expectKeyword('is');
  const negated = cursor.optionalKeyword('not');
  cursor.expectKeyword('null');
  return { kind: 'isNull', operand, negated, start: operand.start, end: cursor.previousEnd };
}

/** between ::= 'between' sum 'and' sum */
function parseBetween(cursor: Cursor, operand: Expression): Expression {
  cursor.expectKeyword('between');
  const low = parseSum(cursor);
  cursor.expectKeyword('and');
  const high = parseSum(cursor);
  return { kind: 'between', operand, low, high, start: operand.start, end: high.end };
}

/** in ::= 'in' arguments */
function parseIn(cursor: Cursor, operand: Expression): Expression {
  cursor.expectKeyword('in');
  const items = parseArguments(cursor);
  return { kind: 'in', operand, items, start: operand.start, end: cursor.previousEnd };
}

/** arguments ::= '(' (expression (',' expression)*)? ')' */
function parseArguments(cursor: Cursor): Expression[] {
  cursor.expect(TokenKind.LEFT_PAREN, '(');
  return parseRestOfArguments(cursor);
}

function parseRestOfArguments(cursor: Cursor): Expression[] {
  if (cursor.optional(TokenKind.RIGHT_PAREN)) return [];
  const items = cursor.nested((inner) => inner.list(parseDisjunction));
  cursor.expect(TokenKind.RIGHT_PAREN, ')');
  return items;
}

/** primary ::= '(' expression ')' | ('+' | '-')? number | STRING | BOOL | 'null' | 'now' | reference | call */
function parsePrimary(cursor: Cursor): Expression {
  const { kind, start, end } = cursor;
  switch (kind) {
    case TokenKind.LEFT_PAREN:
      return parseParens(cursor);
    case TokenKind.PLUS:
    case TokenKind.MINUS:
      return parseSignedNumber(cursor);
    case TokenKind.INTEGER:
    case TokenKind.FLOAT:
    case TokenKind.DURATION:
      return parseNumber(cursor);
    case TokenKind.STRING: {
      const value = dequote(cursor.text());
      cursor.next();
      return { kind: 'string', value, start, end };
    }
    case TokenKind.BOOL: {
      const value = end - start === 4;
      cursor.next();
      return { kind: 'bool', value, start, end };
    }
    case Keyword.null:
      cursor.next();
      return { kind: 'null', start, end };
    case Keyword.now:
      cursor.next();
      return { kind: 'now', start, end };
    default:
      return parseReferenceOrCall(cursor);
  }
}

/** '(' expression ')' — the span takes in the parentheses, as column heads do */
function parseParens(cursor: Cursor): Expression {
  const start = cursor.start;
  cursor.next();
  const inner = cursor.nested(parseDisjunction);
  cursor.expect(TokenKind.RIGHT_PAREN, ')');
  return { ...inner, start, end: cursor.previousEnd };
}

/** ('+' | '-') (INTEGER | FLOAT | DURATION) */
function parseSignedNumber(cursor: Cursor): Expression {
  const start = cursor.start;
  const op = cursor.kind === TokenKind.MINUS ? '-' : '+';
  cursor.next();
  const operand = parseNumber(cursor);
  return { kind: 'unary', op, operand, start, end: operand.end };
}

/** INTEGER | FLOAT | DURATION */
function parseNumber(cursor: Cursor): Expression {
  if (cursor.kind === TokenKind.DURATION) return parseDuration(cursor);
  const { kind, start, end } = cursor;
  if (kind !== TokenKind.INTEGER && kind !== TokenKind.FLOAT) cursor.fail('a number');
  const text = cursor.text();
  cursor.next();
  return { kind: 'number', form: kind === TokenKind.FLOAT ? 'float' : 'integer', text, start, end };
}

/** DURATION: digits and a unit */
export function parseDuration(cursor: Cursor): DurationLiteral {
  const { start, end } = cursor;
  const text = cursor.text();
  cursor.expect(TokenKind.DURATION, 'a duration such as 10s');
  const unit = text.slice(-1).toLowerCase() as DurationUnit;
  return { kind: 'duration', amount: integerOf(text.slice(0, -1)), unit, start, end };
}

/** reference ::= ID ('.' (name | '*'))?    call ::= ID '(' '*' ')' | ID arguments */
function parseReferenceOrCall(cursor: Cursor): Expression {
  const { kind, start, end } = cursor;
  if (kind !== TokenKind.ID && !fallsBackToName(kind)) cursor.fail('an expression');
  const name = cursor.text().toLowerCase();
  cursor.next();
  if (cursor.kind === TokenKind.LEFT_PAREN) {
    const args = parseCallArguments(cursor);
    return { kind: 'call', name, args, start, end: cursor.previousEnd };
  }
  if (!cursor.optional(TokenKind.DOT))
    return { kind: 'column', table: undefined, name, start, end };
  if (cursor.optional(TokenKind.STAR))
    return { kind: 'star', table: name, start, end: cursor.previousEnd };
  if (!cursor.atName()) cursor.fail('a column name');
  const column = cursor.text().toLowerCase();
  cursor.next();
  return { kind: 'column', table: name, name: column, start, end: cursor.previousEnd };
}

/** '(' '*' ')' | arguments */
function parseCallArguments(cursor: Cursor): Expression[] {
  cursor.expect(TokenKind.LEFT_PAREN, '(');
  const { start, end } = cursor;
  if (!cursor.optional(TokenKind.STAR)) return parseRestOfArguments(cursor);
  cursor.expect(TokenKind.RIGHT_PAREN, ')');
  return [{ kind: 'star', table: undefined, start, end }];
}
