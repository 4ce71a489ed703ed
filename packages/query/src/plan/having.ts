/**
 * The having clause: conditions on results of functions, whether the select list has them or not. It becomes
 * one condition whose columns are the results of the aggregate's calls.
 */
import { invalidOperation, isStringType, notSupportedYet, SqlType } from '@tdnode/common';
import type { Between, Binary, Call, Expression, IsNull, SelectItem } from '@tdnode/sql';
import type { BindContext, BoundCall } from './bound-item.ts';
import { bindCall } from './call.ts';
import { betweenTest, comparisonTest } from './comparison.ts';
import type { Comparison } from './comparison.ts';
import { foldNumber } from './constant.ts';
import type { Condition, Test } from './fragment.ts';

/** Conditions on calls; `index` counts in `calls`. */
export interface Having {
  readonly calls: readonly BoundCall[];
  readonly condition: Condition;
}

interface HavingContext extends BindContext {
  readonly calls: BoundCall[];
  /** Number of the first call of the clause among all calls of the query. */
  readonly base: number;
}

const COMPARISONS = new Set(['=', '<>', '<', '<=', '>', '>=', 'like']);

/** Binds the clause; its calls are numbered from `base` on. Undefined without a clause. */
export function bindHaving(
  having: Expression | undefined,
  context: BindContext,
  base: number,
): Having | undefined {
  if (having === undefined) return undefined;
  const calls: BoundCall[] = [];
  const condition = bindCondition(having, { ...context, calls, base });
  return { calls, condition };
}

function bindCondition(expression: Expression, context: HavingContext): Condition {
  switch (expression.kind) {
    case 'binary':
      if (expression.op === 'and' || expression.op === 'or') {
        const parts = [expression.left, expression.right].map((side) =>
          bindCondition(side, context),
        );
        return { kind: expression.op, parts };
      }
      return bindComparison(expression, context);
    case 'between':
      return bindBetween(expression, context);
    case 'isNull':
      return bindIsNull(expression, context);
    case 'call':
      throw invalidOperation('invalid expression in having clause', 'a comparison is wanted');
    default:
      throw invalidClause();
  }
}

function bindComparison(expression: Binary, context: HavingContext): Condition {
  const { left, right, op } = expression;
  if (!COMPARISONS.has(op) || left.kind !== 'call' || !isLiteral(right)) throw invalidClause();
  const { index, type } = addCall(left, context);
  const isTextual = op === '=' || op === '<>' || op === 'like';
  if (isStringType(type) && !isTextual) {
    throw invalidOperation('invalid operator for binary column in having clause');
  }
  return testOf(index, comparisonTest(type, op as Comparison, right, context.environment));
}

function bindBetween(expression: Between, context: HavingContext): Condition {
  const { operand, low, high } = expression;
  if (operand.kind !== 'call' || !isLiteral(low) || !isLiteral(high)) throw invalidClause();
  const { index, type } = addCall(operand, context);
  return testOf(index, betweenTest(type, { low, high }, context.environment));
}

function bindIsNull(expression: IsNull, context: HavingContext): Condition {
  if (expression.operand.kind !== 'call') throw invalidClause();
  const { index } = addCall(expression.operand, context);
  return testOf(index, { kind: 'null', negated: expression.negated });
}

function testOf(index: number, test: Test): Condition {
  return { kind: 'test', operand: { source: 'column', index }, test };
}

/** Numbers are compared as doubles whatever they are: `having sum(i) > 1.5` means what it says. */
function addCall(
  call: Call,
  context: HavingContext,
): { readonly index: number; readonly type: SqlType } {
  const { start, end } = call;
  const item: SelectItem = { expression: call, alias: undefined, text: call.name, start, end };
  const [bound, ...more] = bindCall(item, call, context);
  if (bound?.kind !== 'call' || more.length > 0) throw invalidClause();
  const { type } = bound.head;
  if (type === SqlType.TIMESTAMP && context.environment.precision === 'ns')
    throw notSupportedYet('having on a time in nanoseconds');
  const isNumber = !isStringType(type) && type !== SqlType.BOOL && type !== SqlType.TIMESTAMP;
  const index = context.base + context.calls.push(bound.call) - 1;
  return { index, type: isNumber ? SqlType.DOUBLE : type };
}

function isLiteral(expression: Expression): boolean {
  switch (expression.kind) {
    case 'string':
    case 'bool':
    case 'now':
      return true;
    case 'binary':
      return expression.left.kind === 'now' || foldNumber(expression) !== undefined;
    default:
      return foldNumber(expression) !== undefined;
  }
}

function invalidClause(): Error {
  return invalidOperation('invalid having clause', 'a function is compared with a literal');
}
