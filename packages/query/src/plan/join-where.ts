/**
 * The where clause of a join, taken apart: what joins (times equal, tags equal), and what each member's rows
 * must meet by themselves, which its own select then filters by. A time range holds for all members.
 */
import { invalidOperation } from '@tdnode/common';
import type { Binary, ColumnReference, Expression } from '@tdnode/sql';
import type { JoinMember, MemberColumn } from './join-member.ts';

export interface JoinWhere {
  /** One a member; undefined: all rows. */
  readonly filters: readonly (Expression | undefined)[];
  /** The conditions on time, as they are written. */
  readonly time: Expression | undefined;
  /** Pairs of members whose times must be equal. */
  readonly times: readonly (readonly [number, number])[];
  /** Pairs of columns that must be equal. */
  readonly keys: readonly (readonly [JoinKey, JoinKey])[];
}

export interface JoinKey {
  readonly member: number;
  readonly colId: number;
}

interface Found {
  readonly member: number;
  readonly source: MemberColumn;
  readonly isTime: boolean;
}

/** Takes the clause apart; refuses what is neither. */
export function splitJoinWhere(
  where: Expression | undefined,
  members: readonly JoinMember[],
): JoinWhere {
  if (where === undefined) throw invalidOperation('cross join not supported yet');
  const filters: (Expression | undefined)[] = members.map(() => undefined);
  const times: [number, number][] = [];
  const keys: [JoinKey, JoinKey][] = [];
  let time: Expression | undefined;
  for (const part of conjuncts(where)) {
    const pair = columnPair(part);
    if (pair !== undefined) {
      const [left, right] = [find(pair.left, members), find(pair.right, members)];
      checkPair(left, right, pair.op);
      if (left.isTime) times.push([left.member, right.member]);
      else keys.push([keyOf(left), keyOf(right)]);
      continue;
    }
    const found = columnsOf(part).map((reference) => find(reference, members));
    if (hasColumnPair(part) || found.some((one) => one.member !== found[0]!.member)) {
      throw invalidOperation("query condition between different columns must use 'AND'");
    }
    const isTime = found.length > 0 && found.every((one) => one.isTime);
    if (isTime) time = both(time, part);
    members.forEach((member, i) => {
      if (isTime) filters[i] = both(filters[i], onTimeOf(member, part));
      else if (i === (found[0]?.member ?? 0)) filters[i] = both(filters[i], part);
    });
  }
  return { filters, time, times, keys };
}

function conjuncts(expression: Expression): Expression[] {
  if (expression.kind !== 'binary' || expression.op !== 'and') return [expression];
  return [...conjuncts(expression.left), ...conjuncts(expression.right)];
}

function both(left: Expression | undefined, right: Expression): Expression {
  if (left === undefined) return right;
  return { kind: 'binary', op: 'and', left, right, start: left.start, end: right.end };
}

interface ColumnPair {
  readonly left: ColumnReference;
  readonly right: ColumnReference;
  readonly op: Binary['op'];
}

/** The two columns of `a.x op b.y`. */
function columnPair(expression: Expression): ColumnPair | undefined {
  if (expression.kind !== 'binary') return undefined;
  const { left, right, op } = expression;
  return left.kind === 'column' && right.kind === 'column' ? { left, right, op } : undefined;
}

function hasColumnPair(expression: Expression): boolean {
  if (columnPair(expression) !== undefined) return true;
  if (expression.kind !== 'binary') return false;
  return hasColumnPair(expression.left) || hasColumnPair(expression.right);
}

function columnsOf(expression: Expression): ColumnReference[] {
  switch (expression.kind) {
    case 'column':
      return [expression];
    case 'binary':
      return [...columnsOf(expression.left), ...columnsOf(expression.right)];
    case 'unary':
    case 'between':
    case 'in':
    case 'isNull':
      return columnsOf(expression.operand);
    default:
      return [];
  }
}

function find(reference: ColumnReference, members: readonly JoinMember[]): Found {
  const found = members.flatMap((member, i): Found[] => {
    if (reference.table !== undefined && reference.table !== member.qualifier) return [];
    const resolved = member.names.get(reference.name);
    if (resolved === undefined || resolved.kind === 'tbname') return [];
    const source = member.columns.get(resolved.column.colId)!;
    return [{ member: i, source, isTime: resolved.kind === 'time' }];
  });
  if (found.length === 1) return found[0]!;
  const detail = found.length === 0 ? 'no table has' : 'several tables have';
  throw invalidOperation('illegal column name', `${detail} a column ${reference.name}`);
}

function checkPair(left: Found, right: Found, op: Binary['op']): void {
  const isTimes = left.isTime && right.isTime;
  const isTags = left.source.isTag && right.source.isTag;
  if (left.member === right.member || (!isTimes && !isTags)) {
    throw invalidOperation(
      'not support ordinary column join',
      'tables are joined by their times, stables by tags too',
    );
  }
  if (op !== '=') throw invalidOperation('= is expected in join expression');
  if (left.source.column.type !== right.source.column.type) {
    throw invalidOperation('join column must have same type');
  }
}

function keyOf({ member, source }: Found): JoinKey {
  return { member, colId: source.column.colId };
}

/** The same condition on the time of another member. */
function onTimeOf(member: JoinMember, condition: Expression): Expression {
  const time = member.columns.get(member.time!.colId)!.reference;
  const replace = (part: Expression): Expression => {
    switch (part.kind) {
      case 'column':
        return time;
      case 'binary':
        return { ...part, left: replace(part.left), right: replace(part.right) };
      case 'between':
      case 'in':
      case 'isNull':
        return { ...part, operand: replace(part.operand) };
      default:
        return part;
    }
  };
  return replace(condition);
}
