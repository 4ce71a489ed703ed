/**
 * Productions for expressions, loosest binding first:
 * or, and, equality (= <> is like between in), comparison (< <= > >=), sum (+ -), product (* / %), primary.
 *
 * Operators group to the left, but for `and` and `or`, whose runs become balanced trees. A sign stands before numbers and durations only.
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

/** expression ::= conjunction ('or' conjunction)* */
export function parseExpression(cursor: Cursor): Expression {
  return parseLogical(cursor, 'or', parseConjunction);
}

/** conjunction ::= equality ('and' equality)* */
function parseConjunction(cursor: Cursor): Expression {
  return parseLogical(cursor, 'and', parseEquality);
}

/**
 * operand (op operand)* — the operands, those of parenthesised runs of the same operator among them, as a
 * balanced tree: `and` and `or` do not mind how they are grouped, and a list of conditions may be long.
 */
function parseLogical(
  cursor: Cursor,
  op: 'and' | 'or',
  parseOperand: (cursor: Cursor) => Expression,
): Expression {
  const first = parseOperand(cursor);
  if (!cursor.atKeyword(op)) return first;
  const operands = collectOperands(first, op, []);
  let height = cursor.height;
  let end = first.end;
  while (cursor.optionalKeyword(op)) {
    const operand = parseOperand(cursor);
    collectOperands(operand, op, operands);
    height = Math.max(height, cursor.height);
    end = operand.end;
  }
  cursor.setHeight(height + Math.ceil(Math.log2(operands.length)));
  return { ...balance(op, operands, 0, operands.length), start: first.start, end };
}

/** Appends the operands of a run of `op`, or the expression itself when it is none. */
function collectOperands(
  expression: Expression,
  op: 'and' | 'or',
  into: Expression[],
): Expression[] {
  if (expression.kind !== 'binary' || expression.op !== op) into.push(expression);
  else {
    collectOperands(expression.left, op, into);
    collectOperands(expression.right, op, into);
  }
  return into;
}

/** `operands[from, to)` joined by `op`, the longer half to the left. */
function balance(
  op: 'and' | 'or',
  operands: readonly Expression[],
  from: number,
  to: number,
): Expression {
  if (to - from === 1) return operands[from]!;
  const middle = (from + to + 1) >>> 1;
  return binary(op, balance(op, operands, from, middle), balance(op, operands, middle, to));
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

/** operand (operator operand)*, grouped to the left */
function parseRun(
  cursor: Cursor,
  parseOperand: (cursor: Cursor) => Expression,
  operatorOf: (kind: number) => BinaryOperator | undefined,
): Expression {
  let left = parseOperand(cursor);
  for (;;) {
    const op = operatorOf(cursor.kind);
    if (op === undefined) return left;
    const height = cursor.height;
    cursor.next();
    left = binary(op, left, parseOperand(cursor));
    cursor.setHeight(Math.max(height, cursor.height) + 1);
  }
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
    const height = cursor.height;
    const next = parseEqualityTail(cursor, left);
    if (next === undefined) return left;
    left = next;
    cursor.setHeight(Math.max(height, cursor.height) + 1);
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
  const height = cursor.height;
  cursor.expectKeyword('and');
  const high = parseSum(cursor);
  cursor.height = Math.max(height, cursor.height);
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
  let height = 0;
  const parseArgument = (): Expression => {
    const argument = parseExpression(cursor);
    height = Math.max(height, cursor.height);
    return argument;
  };
  const items = cursor.nested((inner) => inner.list(parseArgument));
  cursor.expect(TokenKind.RIGHT_PAREN, ')');
  cursor.setHeight(height + 1);
  return items;
}

/** primary ::= '(' expression ')' | ('+' | '-')? number | STRING | BOOL | 'null' | 'now' | reference | call */
function parsePrimary(cursor: Cursor): Expression {
  const { kind, start, end } = cursor;
  cursor.height = 0;
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
  const inner = cursor.nested(parseExpression);
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
