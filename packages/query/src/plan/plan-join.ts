/**
 * Joins: each member becomes a select of its own (its filter, the columns wanted of it, in time order), which
 * its vnodes run; the coordinator puts rows of equal time and equal keys side by side, and the rest of the
 * statement is planned over the joined rows.
 */
import { invalidOperation } from '@tdnode/common';
import type { Expression, SelectBranch, SelectItem } from '@tdnode/sql';
import { isSelfJoin, joinMembers } from './join-member.ts';
import type { JoinMember } from './join-member.ts';
import { splitJoinWhere } from './join-where.ts';
import type { JoinKey, JoinWhere } from './join-where.ts';
import type { JoinColumn, JoinInput, JoinSource, QueryPlan } from './metadata.ts';
import { derivedScope, localPlan } from './plan-nested.ts';
import type { Planning } from './plan-nested.ts';

/** Plans `select … from a, b where a.ts = b.ts …`. */
export function planJoin(branch: SelectBranch, planning: Planning): QueryPlan {
  if (isSelfJoin(branch.from, planning.environment)) {
    throw invalidOperation('self join not allowed');
  }
  const members = joinMembers(branch.from, planning);
  checkKinds(members);
  const where = splitJoinWhere(branch.where, members);
  checkConnected(members, where);
  if (branch.groupBy.length > 0) throw invalidOperation('join query does not support group by');
  const scope = derivedScope(members, planning.environment);
  const over = overJoin(branch, members, where.time);
  const outer = planning.over(over, scope);
  const fragment = outer.targets[0]?.fragment;
  const hasScan = fragment !== undefined && 'scan' in fragment;
  const wanted = hasScan ? fragment.scan.columns.map((column) => column.colId) : [];
  const descending = fragment?.kind === 'rows' && fragment.descending;
  const source = joinSource({ members, where, wanted, descending }, planning);
  const plan = localPlan(outer, over, source);
  // The joined rows come in time order already, this way or the other.
  return plan.local === undefined ? plan : { ...plan, local: { ...plan.local, order: 'none' } };
}

function checkKinds(members: readonly JoinMember[]): void {
  const stables = members.filter((member) => member.kind === 'stable').length;
  if (stables > 0 && stables < members.length) {
    throw invalidOperation(
      'join table must be the same type(table to table, super table to super table)',
    );
  }
  if (members.some((member) => member.time === undefined)) {
    throw invalidOperation('timestamp join condition missing', 'an inner select gives no times');
  }
}

function checkConnected(members: readonly JoinMember[], where: JoinWhere): void {
  const isStable = members[0]!.kind === 'stable';
  const keyPairs = where.keys.map(([a, b]) => [a.member, b.member] as const);
  if (!isConnected(members.length, where.times)) {
    throw invalidOperation('timestamp join condition missing');
  }
  if (isStable && !isConnected(members.length, keyPairs)) {
    throw invalidOperation('super table join requires tags column');
  }
  if (!isStable && where.keys.length > 0) {
    throw invalidOperation('not support ordinary column join', 'only stables are joined by tags');
  }
}

function isConnected(count: number, pairs: readonly (readonly [number, number])[]): boolean {
  const reached = new Set([0]);
  for (let round = 0; round < count; round++) {
    for (const [a, b] of pairs) {
      if (reached.has(a) || reached.has(b)) reached.add(a).add(b);
    }
  }
  return reached.size === count;
}

/**
 * What is left for the joined rows. As in TDengine, `distinct` of a tag has no effect on a join, and `last` and
 * `last_row` give the earliest joined row.
 */
function overJoin(
  branch: SelectBranch,
  members: readonly JoinMember[],
  time: Expression | undefined,
): SelectBranch {
  const isStable = members[0]!.kind === 'stable';
  const distinct = branch.distinct && !(isStable && branch.items.length === 1);
  const items = branch.window === undefined ? branch.items.map(firstForLast) : branch.items;
  return { ...branch, items, where: time, distinct };
}

function firstForLast(item: SelectItem): SelectItem {
  const { expression } = item;
  if (expression.kind !== 'call') return item;
  const isLast = expression.name === 'last' || expression.name === 'last_row';
  if (!isLast || expression.args[0]?.kind !== 'column') return item;
  return { ...item, expression: { ...expression, name: 'first' } };
}

interface JoinParts {
  readonly members: readonly JoinMember[];
  readonly where: JoinWhere;
  /** Numbers of the columns that the outer fragment reads. */
  readonly wanted: readonly number[];
  readonly descending: boolean;
}

function joinSource(parts: JoinParts, planning: Planning): JoinSource {
  const { members, where, wanted, descending } = parts;
  const classes = keyClasses(where.keys);
  const columns: JoinColumn[] = [];
  const time = members[0]!.time!;
  columns.push({ colId: time.colId, input: 0, index: 0, type: time.type });
  const inputs = members.map((member, input): JoinInput => {
    const colIds = [member.time!.colId];
    const indexOf = (colId: number): number => {
      const known = colIds.indexOf(colId);
      return known >= 0 ? known : colIds.push(colId) - 1;
    };
    const keys = classes.map((one) => {
      const key = one.find((each) => each.member === input);
      return key === undefined ? undefined : indexOf(key.colId);
    });
    for (const colId of wanted) {
      const own = member.columns.get(colId);
      if (own === undefined || colId === time.colId) continue;
      columns.push({ colId, input, index: indexOf(colId), type: own.column.type });
    }
    const select = inputSelect(member, { colIds, where: where.filters[input], descending });
    return { plan: planning.select(select), keys, hasUniqueTimes: member.kind === 'table' };
  });
  return { kind: 'join', inputs, columns, descending };
}

/** Keys that are all equal to each other, each class once. */
function keyClasses(pairs: JoinWhere['keys']): JoinKey[][] {
  const classes: JoinKey[][] = [];
  for (const [a, b] of pairs) {
    const touching = classes.filter((one) => one.some((key) => isSame(key, a) || isSame(key, b)));
    const joined = [...touching.flat(), a, b].filter(
      (key, i, all) => all.findIndex((other) => isSame(other, key)) === i,
    );
    for (const one of touching) classes.splice(classes.indexOf(one), 1);
    classes.push(joined);
  }
  return classes;
}

function isSame(a: JoinKey, b: JoinKey): boolean {
  return a.member === b.member && a.colId === b.colId;
}

/** The select that gives a member's rows: its time first, in time order. */
function inputSelect(
  member: JoinMember,
  parts: {
    readonly colIds: readonly number[];
    readonly where: Expression | undefined;
    readonly descending: boolean;
  },
): {
  readonly kind: 'select';
  readonly branches: readonly SelectBranch[];
  start: number;
  end: number;
} {
  const { start, end } = member.from;
  const items = parts.colIds.map((colId): SelectItem => {
    const expression = member.columns.get(colId)!.reference;
    return { expression, alias: undefined, text: expression.name, start, end };
  });
  const time = items[0]!.expression;
  const branch: SelectBranch = {
    distinct: false,
    items,
    from: [member.from],
    where: parts.where,
    window: undefined,
    sliding: undefined,
    fill: undefined,
    groupBy: [],
    having: undefined,
    orderBy: [{ expression: time, descending: parts.descending, start, end }],
    slimit: undefined,
    limit: undefined,
    start,
    end,
  };
  return { kind: 'select', branches: [branch], start, end };
}
