import { expect, test } from 'vitest';
import type { Expression } from '../ast/expression.ts';
import { Cursor } from './cursor.ts';
import { parseExpression } from './expression.ts';

/** The tree with a pair of parentheses around every operation. */
function shape(expression: Expression): string {
  switch (expression.kind) {
    case 'binary':
      return `(${shape(expression.left)} ${expression.op} ${shape(expression.right)})`;
    case 'unary':
      return `(${expression.op}${shape(expression.operand)})`;
    case 'between':
      return `(${shape(expression.operand)} in ${shape(expression.low)}..${shape(expression.high)})`;
    case 'in':
      return `(${shape(expression.operand)} in [${expression.items.map(shape).join(' ')}])`;
    case 'isNull':
      return `(${shape(expression.operand)} ${expression.negated ? 'is not' : 'is'} null)`;
    case 'call':
      return `${expression.name}[${expression.args.map(shape).join(' ')}]`;
    case 'number':
      return expression.text;
    case 'string':
      return `'${expression.value}'`;
    case 'duration':
      return `${expression.amount}${expression.unit}`;
    case 'column':
      return expression.table === undefined
        ? expression.name
        : `${expression.table}.${expression.name}`;
    case 'star':
      return expression.table === undefined ? '*' : `${expression.table}.*`;
    case 'bool':
      return String(expression.value);
    default:
      return expression.kind;
  }
}

function parse(sql: string): string {
  return shape(parseExpression(new Cursor(sql)));
}

test.each([
  ['a + b * c', '(a + (b * c))'],
  ['a - b - c', '((a - b) - c)'],
  ['(a + b) * c % 2', '(((a + b) * c) % 2)'],
  ['a or b and c', '(a or (b and c))'],
  ['a and (b and c) and d', '((a and b) and (c and d))'],
  ['a or b or c', '((a or b) or c)'],
  ['(a or b) and (c or d) and e', '(((a or b) and (c or d)) and e)'],
  ['a = 1 and b <> 2 or c like "x%"', `(((a = 1) and (b <> 2)) or (c like 'x%'))`],
  ['a + 1 >= b and c == 2', '(((a + 1) >= b) and (c = 2))'],
  ['a between 1 and 2 and b between -1 and 1+1', '((a in 1..2) and (b in (-1)..(1 + 1)))'],
  ['a is null or T.A is not null', '((a is null) or (t.a is not null))'],
  ['tbname in ("a", "b") and c in ()', `((tbname in ['a' 'b']) and (c in []))`],
  ['ts > now - 1D + 5s', '(ts > ((now - 1d) + 5s))'],
  ['i - -1', '(i - (-1))'],
  ['i -1', '(i - 1)'],
  ['COUNT(*) + last(a, b) * f()', '(count[*] + (last[a b] * f[]))'],
  ['true = FALSE', '(true = false)'],
  ['desc + tbname', '(desc + tbname)'],
  ['t."A"', 't."a"'],
])('%s', (sql, tree) => {
  expect(parse(sql)).toBe(tree);
});

test('a span takes in the parentheses around it', () => {
  const sql = ' ((a) + b) * 2 ';
  const tree = parseExpression(new Cursor(sql));
  expect(sql.slice(tree.start, tree.end)).toBe('((a) + b) * 2');
  if (tree.kind !== 'binary') throw new Error('a product was expected');
  expect(sql.slice(tree.left.start, tree.left.end)).toBe('((a) + b)');
});
