/**
 * SELECT as SQL. A select item prints as its `text`, because that text also heads its column: whoever builds an
 * item keeps `text` and `expression` in step.
 */
import type * as ast from '../ast/select.ts';
import type { ColumnReference, DurationLiteral } from '../ast/expression.ts';
import { isIdentifier } from '../lexer/identifier.ts';
import { quote } from '../lexer/quoted.ts';
import { printExpression, printList } from './expression.ts';
import { printName, printTableName } from './name.ts';

/** SQL of a select with all its branches. */
export function printSelect(select: ast.SelectStatement): string {
  return select.branches.map(printBranch).join(' union all ');
}

function printBranch(branch: ast.SelectBranch): string {
  const head = `select ${branch.distinct ? 'distinct ' : ''}${branch.items.map(printItem).join(', ')}`;
  if (branch.from.length === 0) return head;
  const clauses = [
    head,
    `from ${branch.from.map(printFrom).join(', ')}`,
    branch.where && `where ${printExpression(branch.where)}`,
    branch.window && printWindow(branch.window),
    branch.fill && printFill(branch.fill),
    branch.sliding && `sliding(${printDuration(branch.sliding)})`,
    branch.groupBy.length > 0 && `group by ${branch.groupBy.map(printReference).join(', ')}`,
    branch.orderBy.length > 0 && `order by ${branch.orderBy.map(printOrderItem).join(', ')}`,
    branch.having && `having ${printExpression(branch.having)}`,
    branch.slimit && printLimit('slimit', 'soffset', branch.slimit),
    branch.limit && printLimit('limit', 'offset', branch.limit),
  ];
  return clauses.filter((clause) => typeof clause === 'string').join(' ');
}

function printItem({ expression, text, alias }: ast.SelectItem): string {
  const value = expression.kind === 'string' ? quote(expression.value) : text;
  return alias === undefined ? value : `${value} as ${printAlias(alias)}`;
}

function printAlias(alias: string): string {
  return isIdentifier(alias) && alias === alias.toLowerCase() ? alias : quote(alias);
}

function printFrom(item: ast.FromItem): string {
  const source = item.kind === 'table' ? printTableName(item) : `(${printSelect(item.select)})`;
  return item.alias === undefined ? source : `${source} ${printName(item.alias)}`;
}

function printWindow(window: ast.WindowClause): string {
  switch (window.kind) {
    case 'interval': {
      const offset = window.offset === undefined ? '' : `, ${printDuration(window.offset)}`;
      return `interval(${printDuration(window.width)}${offset})`;
    }
    case 'session':
      return `session(${printReference(window.column)}, ${printDuration(window.gap)})`;
    case 'state':
      return `state_window(${printReference(window.column)})`;
  }
}

function printDuration({ amount, unit }: DurationLiteral): string {
  return `${amount}${unit}`;
}

function printFill({ mode, values }: ast.FillClause): string {
  const name = mode === 'null' ? mode : printName(mode);
  return values.length === 0 ? `fill(${name})` : `fill(${name}, ${printList(values)})`;
}

function printReference({ table, name }: ColumnReference): string {
  return printTableName({ db: table, name });
}

function printOrderItem({ expression, descending }: ast.OrderItem): string {
  const reference =
    expression.kind === 'column' ? printReference(expression) : printExpression(expression);
  return descending ? `${reference} desc` : reference;
}

function printLimit(word: string, offsetWord: string, { limit, offset }: ast.LimitClause): string {
  return offset === 0 ? `${word} ${limit}` : `${word} ${limit} ${offsetWord} ${offset}`;
}
