/**
 * Expressions as SQL, with parentheses only where the grammar needs them: none inside a run of `and` or `or`,
 * however the tree groups it, because the parser groups it anew.
 */
import type { Binary, Expression } from '../ast/expression.ts';
import { quote } from '../lexer/quoted.ts';

/** How tightly a form binds; `parser/expression.ts` has the same order. */
const Level = {
  OR: 1,
  AND: 2,
  EQUALITY: 3,
  COMPARISON: 4,
  SUM: 5,
  PRODUCT: 6,
  PRIMARY: 7,
} as const;

const levels: { readonly [Op in Binary['op']]: number } = {
  or: Level.OR,
  and: Level.AND,
  '=': Level.EQUALITY,
  '<>': Level.EQUALITY,
  like: Level.EQUALITY,
  '<': Level.COMPARISON,
  '<=': Level.COMPARISON,
  '>': Level.COMPARISON,
  '>=': Level.COMPARISON,
  '+': Level.SUM,
  '-': Level.SUM,
  '*': Level.PRODUCT,
  '/': Level.PRODUCT,
  '%': Level.PRODUCT,
};

/** The expression as SQL that parses to the same tree. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return expression.text;
    case 'string':
      return quote(expression.value);
    case 'bool':
      return String(expression.value);
    case 'null':
    case 'now':
      return expression.kind;
    case 'duration':
      return `${expression.amount}${expression.unit}`;
    case 'column':
      return qualified(expression.table, expression.name);
    case 'star':
      return qualified(expression.table, '*');
    case 'call':
      return `${expression.name}(${printList(expression.args)})`;
    default:
      return printOperation(expression);
  }
}

/** `a, b, …` */
export function printList(expressions: readonly Expression[]): string {
  return expressions.map(printExpression).join(', ');
}

function qualified(table: string | undefined, name: string): string {
  return table === undefined ? name : `${table}.${name}`;
}

type Operation = Extract<Expression, { kind: 'unary' | 'binary' | 'between' | 'in' | 'isNull' }>;

function printOperation(expression: Operation): string {
  switch (expression.kind) {
    case 'unary':
      return expression.op === 'not'
        ? `not ${printAt(expression.operand, Level.PRIMARY)}`
        : `${expression.op}${printAt(expression.operand, Level.PRIMARY)}`;
    case 'binary': {
      const level = levels[expression.op];
      const left = printAt(expression.left, level);
      const right = printAt(expression.right, level <= Level.AND ? level : level + 1);
      return `${left} ${expression.op} ${right}`;
    }
    case 'between': {
      const low = printAt(expression.low, Level.SUM);
      const high = printAt(expression.high, Level.SUM);
      return `${printAt(expression.operand, Level.EQUALITY)} between ${low} and ${high}`;
    }
    case 'in':
      return `${printAt(expression.operand, Level.EQUALITY)} in (${printList(expression.items)})`;
    case 'isNull': {
      const test = expression.negated ? 'is not null' : 'is null';
      return `${printAt(expression.operand, Level.EQUALITY)} ${test}`;
    }
  }
}

/** In parentheses when it binds more loosely than its place allows. */
function printAt(expression: Expression, level: number): string {
  const text = printExpression(expression);
  return levelOf(expression) < level ? `(${text})` : text;
}

function levelOf(expression: Expression): number {
  switch (expression.kind) {
    case 'binary':
      return levels[expression.op];
    case 'between':
    case 'in':
    case 'isNull':
      return Level.EQUALITY;
    default:
      return Level.PRIMARY;
  }
}
