/**
 * The where clause: the time range apart, the rest as one condition over tags, names and columns. Refuses
 * what TDengine refuses, with its words; evaluates the rest as it is written (where the original loses
 * rows to `or` across columns, we do not).
 */
import { invalidOperation, isStringType, nextTime, SqlType } from '@tdnode/common';
import type {
  Between,
  Binary,
  BinaryOperator,
  ColumnReference,
  Expression,
  InList,
  IsNull,
} from '@tdnode/sql';
import { betweenTest, comparisonTest } from './comparison.ts';
import type { Comparison } from './comparison.ts';
import type { Condition, Operand, Test } from './fragment.ts';
import type { PlanEnvironment } from './metadata.ts';
import { bareInvalid } from './refuse.ts';
import type { Resolved, Scope } from './scope.ts';
import { timeValue } from './time-value.ts';

/** What a where clause asks. */
export interface Where {
  /** Stored times, both ends included; `from > to`: no time at all. */
  readonly from: number;
  readonly to: number;
  readonly condition: Condition | undefined;
  readonly testsColumns: boolean;
}

/** What `where` needs to know: names, literals' context, and where columns are read from. */
export interface WhereContext {
  readonly scope: Scope;
  readonly environment: PlanEnvironment;
  /** Index of a column in the fragment's scan, adding it there. */
  readonly scanIndex: (resolved: Extract<Resolved, { kind: 'column' }>) => number;
}

export const MIN_TIME = Number.MIN_SAFE_INTEGER;
export const MAX_TIME = Number.MAX_SAFE_INTEGER;

/** What a part of the clause is about. */
type Subject = 'time' | 'column' | 'tag' | 'tbname' | 'mixed';

interface Part {
  readonly subject: Subject;
  readonly from: number;
  readonly to: number;
  readonly condition: Condition | undefined;
}

const DIFFERENT_COLUMNS = "query condition between different columns must use 'AND'";

/** Binds the where clause; undefined asks for everything. */
export function bindWhere(where: Expression | undefined, context: WhereContext): Where {
  if (where === undefined)
    return { from: MIN_TIME, to: MAX_TIME, condition: undefined, testsColumns: false };
  const part = bindPart(where, context);
  const { from, to, condition } = part;
  return { from, to, condition, testsColumns: mentionsColumns(condition) };
}

function mentionsColumns(condition: Condition | undefined): boolean {
  if (condition === undefined || condition.kind === 'constant') return false;
  if (condition.kind === 'test') return condition.operand.source === 'column';
  return condition.parts.some(mentionsColumns);
}

function bindPart(expression: Expression, context: WhereContext): Part {
  switch (expression.kind) {
    case 'binary':
      if (expression.op === 'and') return bindAnd(expression, context);
      if (expression.op === 'or') return bindOr(expression, context);
      return bindComparison(expression, context);
    case 'between':
      return bindBetween(expression, context);
    case 'in':
      return bindIn(expression, context);
    case 'isNull':
      return bindIsNull(expression, context);
    default:
      throw invalidOperation('invalid expression', 'where wants comparisons');
  }
}

function bindAnd(expression: Binary, context: WhereContext): Part {
  const left = bindPart(expression.left, context);
  const right = bindPart(expression.right, context);
  return {
    subject: left.subject === right.subject ? left.subject : 'mixed',
    from: Math.max(left.from, right.from),
    to: Math.min(left.to, right.to),
    condition: join('and', left.condition, right.condition),
  };
}

function bindOr(expression: Binary, context: WhereContext): Part {
  const left = bindPart(expression.left, context);
  const right = bindPart(expression.right, context);
  if (left.subject === 'time' && right.subject === 'time') {
    throw invalidOperation('only one query time range allowed');
  }
  const isMixed = left.subject === 'mixed' && right.subject === 'mixed';
  if ((left.subject !== right.subject && !isMixed) || isBounded(left) || isBounded(right)) {
    throw invalidOperation(DIFFERENT_COLUMNS);
  }
  return { ...left, condition: join('or', left.condition, right.condition) };
}

function isBounded(part: Part): boolean {
  return part.from !== MIN_TIME || part.to !== MAX_TIME;
}

function join(
  kind: 'and' | 'or',
  left: Condition | undefined,
  right: Condition | undefined,
): Condition | undefined {
  if (left === undefined || right === undefined) {
    // A side without condition passes everything.
    return kind === 'and' ? (left ?? right) : undefined;
  }
  const partsOf = (side: Condition): readonly Condition[] =>
    side.kind === kind ? side.parts : [side];
  const parts = [...partsOf(left), ...partsOf(right)];
  return { kind, parts: kind === 'and' ? mergeTests(parts) : parts };
}

/**
 * Joins tests of one column: two ranges become one that is tested in one pass. Of two patterns the later
 * counts, as in TDengine.
 */
function mergeTests(parts: readonly Condition[]): Condition[] {
  const merged: Condition[] = [];
  for (const part of parts) {
    const at = merged.findIndex((other) => mergeTwo(other, part) !== undefined);
    if (at < 0) merged.push(part);
    else merged[at] = mergeTwo(merged[at]!, part)!;
  }
  return merged;
}

function mergeTwo(a: Condition, b: Condition): Condition | undefined {
  if (a.kind !== 'test' || b.kind !== 'test') return undefined;
  if (a.operand.source !== 'column' || b.operand.source !== 'column') return undefined;
  if (a.operand.index !== b.operand.index) return undefined;
  if (a.test.kind === 'like' && b.test.kind === 'like') return b;
  if (a.test.kind !== 'range' || b.test.kind !== 'range' || a.test.negated || b.test.negated)
    return undefined;
  const low = a.test.low > b.test.low ? a.test.low : b.test.low;
  const high = a.test.high < b.test.high ? a.test.high : b.test.high;
  return { ...a, test: { kind: 'range', low, high, negated: false } };
}

const MIRRORED: { readonly [op: string]: Comparison } = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function bindComparison(expression: Binary, context: WhereContext): Part {
  const { left, right } = expression;
  const op = expression.op as BinaryOperator & Comparison;
  if (left.kind === 'column' && !mentions(right, 'column'))
    return compare(left, op, right, context);
  if (right.kind === 'column' && !mentions(left, 'column') && op !== 'like') {
    return compare(right, MIRRORED[op] ?? op, left, context);
  }
  if (mentions(left, 'call') || mentions(right, 'call'))
    throw bareInvalid('functions do not stand in where');
  if (countColumns(left) + countColumns(right) > 1) {
    throw invalidOperation(
      'not support ordinary column join',
      'a column is compared with a literal',
    );
  }
  throw bareInvalid('one side of a comparison is a column, the other a literal');
}

function mentions(expression: Expression, kind: 'column' | 'call'): boolean {
  if (expression.kind === kind) return true;
  if (expression.kind === 'binary')
    return mentions(expression.left, kind) || mentions(expression.right, kind);
  return expression.kind === 'unary' && mentions(expression.operand, kind);
}

function countColumns(expression: Expression): number {
  if (expression.kind === 'column') return 1;
  if (expression.kind === 'binary')
    return countColumns(expression.left) + countColumns(expression.right);
  return expression.kind === 'unary' ? countColumns(expression.operand) : 0;
}

function compare(
  reference: ColumnReference,
  op: Comparison,
  literal: Expression,
  context: WhereContext,
): Part {
  const resolved = resolveFiltered(reference, context);
  if (mentions(literal, 'call')) throw bareInvalid('functions do not stand in where');
  if (resolved.kind === 'time') return compareTime(op, literal, context.environment);
  if (resolved.kind === 'tbname') return compareName(op, literal);
  if (!isLiteral(literal, resolved.column.type)) throw bareInvalid('not a literal of the column');
  const test = comparisonTest(resolved.column.type, op, literal, context.environment);
  return testPart(resolved, test, context);
}

/** Whether the expression can be a literal for a column of this type: durations need a time. */
function isLiteral(expression: Expression, type: SqlType): boolean {
  switch (expression.kind) {
    case 'duration':
      return false;
    case 'now':
      return type === SqlType.TIMESTAMP;
    case 'binary':
      if (type === SqlType.TIMESTAMP) return true;
      return isLiteral(expression.left, type) && isLiteral(expression.right, type);
    default:
      return true;
  }
}

function resolveFiltered(reference: ColumnReference, context: WhereContext): Resolved {
  const resolved = context.scope.resolve(reference, 'illegal column name');
  if (resolved.kind === 'tag' && !context.scope.isStable) {
    throw invalidOperation('filter on tag not supported for normal table');
  }
  return resolved;
}

function testPart(resolved: Resolved, test: Test, context: WhereContext): Part {
  return testedPart(operandOf(resolved, context), test);
}

function testedPart(operand: Operand, test: Test): Part {
  const subject: Subject = operand.source;
  return { subject, from: MIN_TIME, to: MAX_TIME, condition: { kind: 'test', operand, test } };
}

function operandOf(resolved: Resolved, context: WhereContext): Operand {
  if (resolved.kind === 'column') return { source: 'column', index: context.scanIndex(resolved) };
  if (resolved.kind === 'tag') return { source: 'tag', colId: resolved.column.colId };
  return { source: 'tbname' };
}

function timePart(from: number, to: number): Part {
  return { subject: 'time', from, to, condition: undefined };
}

function compareTime(op: Comparison, literal: Expression, environment: PlanEnvironment): Part {
  if (literal.kind === 'null') throw invalidOperation('only support is [not] null');
  if (op === 'like') throw invalidOperation('illegal column name', 'like takes strings only');
  const ticks = timeValue(literal, environment);
  switch (op) {
    case '=':
      return timePart(ticks, ticks);
    case '<>':
      // TDengine takes it and does not look at it.
      return timePart(MIN_TIME, MAX_TIME);
    case '<':
      return timePart(MIN_TIME, neighbour(ticks, -1, environment));
    case '<=':
      return timePart(MIN_TIME, ticks);
    case '>':
      return timePart(neighbour(ticks, 1, environment), MAX_TIME);
    case '>=':
      return timePart(ticks, MAX_TIME);
  }
}

/** The tick next to a stored time. */
function neighbour(time: number, direction: 1 | -1, { precision }: PlanEnvironment): number {
  return precision === 'ns' ? nextTime(time, direction) : time + direction;
}

function compareName(op: Comparison, literal: Expression): Part {
  if (op !== 'like') throw invalidOperation('only in/like allowed in filter table name');
  return testedPart(
    { source: 'tbname' },
    comparisonTest(SqlType.BINARY, 'like', literal, NO_ENVIRONMENT),
  );
}

/** Strings are compared without looking at clock or zone. */
const NO_ENVIRONMENT = {} as PlanEnvironment;

function bindBetween(expression: Between, context: WhereContext): Part {
  if (expression.operand.kind !== 'column') throw bareInvalid('between wants a column before it');
  const { low, high } = expression;
  if (mentions(low, 'column') || mentions(high, 'column')) {
    throw invalidOperation('not support ordinary column join');
  }
  const resolved = resolveFiltered(expression.operand, context);
  if (resolved.kind === 'time') {
    return timePart(timeValue(low, context.environment), timeValue(high, context.environment));
  }
  if (resolved.kind === 'tbname')
    throw invalidOperation('only in/like allowed in filter table name');
  if (resolved.kind === 'tag' && isStringType(resolved.column.type)) {
    // TDengine takes it for string tags and finds nothing.
    return {
      ...timePart(MIN_TIME, MAX_TIME),
      subject: 'tag',
      condition: { kind: 'constant', value: false },
    };
  }
  return testPart(
    resolved,
    betweenTest(resolved.column.type, { low, high }, context.environment),
    context,
  );
}

function bindIn(expression: InList, context: WhereContext): Part {
  if (expression.operand.kind !== 'column') throw bareInvalid('in wants tbname before it');
  const resolved = resolveFiltered(expression.operand, context);
  switch (resolved.kind) {
    case 'time':
      throw invalidOperation('invalid timestamp', 'in takes tbname only');
    case 'tag':
      throw invalidOperation('not support filter expression', 'in takes tbname only');
    case 'column': {
      const { type } = resolved.column;
      if (isStringType(type)) throw invalidOperation('binary column not support this operator');
      if (type === SqlType.BOOL) throw invalidOperation('bool column not support this operator');
      throw invalidOperation('not supported filter condition', 'in takes tbname only');
    }
    case 'tbname': {
      if (!context.scope.isStable)
        throw invalidOperation('filter on tag not supported for normal table');
      const names = expression.items.map((item) => {
        if (item.kind !== 'string') throw invalidOperation('invalid table name list');
        return item.value.toLowerCase();
      });
      return testedPart({ source: 'tbname' }, { kind: 'names', names });
    }
  }
}

function bindIsNull(expression: IsNull, context: WhereContext): Part {
  if (expression.operand.kind !== 'column') throw bareInvalid('is null wants a column before it');
  const resolved = resolveFiltered(expression.operand, context);
  if (resolved.kind === 'time') return timePart(MIN_TIME, MAX_TIME);
  if (resolved.kind === 'tbname')
    throw invalidOperation('only in/like allowed in filter table name');
  return testPart(resolved, { kind: 'null', negated: expression.negated }, context);
}
