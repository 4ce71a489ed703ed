/**
 * Nested selects: the inner one is planned by itself; the outer one is planned over a table that has the
 * inner one's columns, and its fragment runs at the coordinator over the inner one's rows.
 */
import { invalidOperation, SqlType } from '@tdnode/common';
import type { Column } from '@tdnode/common';
import type { FromSelect, SelectBranch, SelectStatement } from '@tdnode/sql';
import type { AggregateFragment, Fragment, ScanPart } from './fragment.ts';
import type { LocalRows, PlanColumn, PlanEnvironment, QueryPlan, RowSource } from './metadata.ts';
import { Scope, TBNAME_BYTES } from './scope.ts';
import type { Resolved, ScopeMember } from './scope.ts';
import { MAX_TIME, MIN_TIME } from './where.ts';

/** The rest of planning, which selects inside selects need again. */
export interface Planning {
  readonly environment: PlanEnvironment;
  readonly select: (select: SelectStatement) => QueryPlan;
  /** Plans a branch whose names are known. */
  readonly over: (branch: SelectBranch, scope: Scope) => QueryPlan;
}

/** Plans `select … from (select …)`. */
export function planNested(branch: SelectBranch, from: FromSelect, planning: Planning): QueryPlan {
  const plan = planning.select(from.select);
  const member = nestedMember(plan.columns, from.alias, 0);
  const scope = derivedScope([member], planning.environment);
  if (branch.window !== undefined && !scope.hasTime) {
    throw invalidOperation(
      'interval query not supported, since the result of sub query not include valid timestamp column',
    );
  }
  const timeAt = timeColumnOf(plan.columns);
  return localPlan(planning.over(branch, scope), branch, { kind: 'plan', plan, timeAt });
}

/** The number of the column that times the rows: the first timestamp. */
export function timeColumnOf(columns: readonly PlanColumn[]): number | undefined {
  const at = columns.findIndex((column) => column.type === SqlType.TIMESTAMP);
  return at < 0 ? undefined : at;
}

/** The names of an inner select's answer. Its columns are numbered from `base` + 1. */
export function nestedMember(
  heads: readonly PlanColumn[],
  qualifier: string | undefined,
  base: number,
): ScopeMember {
  const timeAt = timeColumnOf(heads);
  const star = heads.map(({ name, type, bytes }, i): Resolved => {
    // The time column that `diff` brings along has no name outside of it.
    const column: Column = {
      name: name === 'ts_dummy' ? '' : name,
      type,
      bytes,
      colId: base + i + 1,
    };
    return { kind: i === timeAt ? 'time' : 'column', column };
  });
  const names = new Map<string, Resolved>([['tbname', NAMELESS]]);
  if (timeAt !== undefined) names.set('_c0', star[timeAt]!);
  for (const resolved of [...star].reverse()) {
    if (resolved.kind !== 'tbname') names.set(resolved.column.name.toLowerCase(), resolved);
  }
  return { qualifier, names, star };
}

/** Rows of a select belong to no table: their `tbname` is NULL, once. */
const NAMELESS: Resolved = {
  kind: 'tag',
  column: { name: 'tbname', type: SqlType.BINARY, bytes: TBNAME_BYTES, colId: 0 },
};

/** The scope over rows that no table has. */
export function derivedScope(members: readonly ScopeMember[], environment: PlanEnvironment): Scope {
  const columns = members.flatMap((member) =>
    member.star.flatMap((resolved) => (resolved.kind === 'tbname' ? [] : [resolved.column])),
  );
  const table = {
    uid: 0,
    db: environment.db ?? '',
    name: 'the inner select',
    kind: 'normal' as const,
    vgId: 0,
    schema: { version: 0, columns, tags: [] },
  };
  return new Scope(table, members);
}

/** The outer plan with its fragment at the coordinator. */
export function localPlan(outer: QueryPlan, branch: SelectBranch, source: RowSource): QueryPlan {
  const fragment = outer.targets[0]?.fragment;
  if (fragment === undefined) return outer;
  return { ...outer, targets: [], local: localRows(fragment, branch, source) };
}

/** Rows keep the inner order unless the outer select asks for one; aggregates want time order. */
function localRows(fragment: Fragment, branch: SelectBranch, source: RowSource): LocalRows {
  if (fragment.kind === 'tags' || fragment.kind === 'count-tables') {
    return { fragment, source, order: 'none', from: MIN_TIME, to: MAX_TIME };
  }
  const { from, to } = fragment.scan;
  if (fragment.kind === 'diff') return { fragment, source, order: 'ascending', from, to };
  if (fragment.kind === 'aggregate' && fragment.interp !== undefined) {
    // Looks at the neighbours of its point of time.
    return { fragment, source, order: 'ascending', from: MIN_TIME, to: MAX_TIME };
  }
  if (fragment.kind === 'aggregate') {
    const order = isOrderFree(fragment) ? 'none' : 'ascending';
    const local = order === 'none' ? { ...fragment, scan: allTimes(fragment.scan) } : fragment;
    return { fragment: local, source, order, from, to };
  }
  const isOrdered = branch.orderBy[0]?.expression.kind === 'column';
  const order = !isOrdered ? 'none' : fragment.descending ? 'descending' : 'ascending';
  // The rows come in the order asked for, and only those of the time range.
  const scan = allTimes(fragment.scan);
  return { fragment: { ...fragment, scan, descending: false }, source, order, from, to };
}

function allTimes(scan: ScanPart): ScanPart {
  return { ...scan, from: MIN_TIME, to: MAX_TIME };
}

const ORDER_FREE = new Set([
  'count',
  'sum',
  'avg',
  'min',
  'max',
  'spread',
  'stddev',
  'apercentile',
]);

/** Whether the aggregate is the same in whatever order its rows come. */
function isOrderFree(fragment: AggregateFragment): boolean {
  return (
    fragment.window === undefined &&
    fragment.companionOf < 0 &&
    fragment.functions.every((call) => ORDER_FREE.has(call.name))
  );
}
