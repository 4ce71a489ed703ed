/**
 * The members of a join: each item after `from` with its columns numbered anew, so that a column of the joined
 * rows has one number whatever table it comes from. Tags and names are columns like others there.
 */
import { SqlType } from '@tdnode/common';
import type { Column } from '@tdnode/common';
import type { ColumnReference, FromItem, FromTable } from '@tdnode/sql';
import type { PlanEnvironment, PlanTable } from './metadata.ts';
import { nestedMember } from './plan-nested.ts';
import type { Planning } from './plan-nested.ts';
import { findTable, TBNAME_BYTES } from './scope.ts';
import type { Resolved, ScopeMember } from './scope.ts';

export interface JoinMember extends ScopeMember {
  readonly from: FromItem;
  readonly kind: 'stable' | 'table' | 'rows';
  /** Undefined: rows without time. */
  readonly time: Column | undefined;
  /** What the member itself calls the column with this number. */
  readonly columns: ReadonlyMap<number, MemberColumn>;
}

export interface MemberColumn {
  readonly reference: ColumnReference;
  readonly column: Column;
  readonly isTag: boolean;
}

/** All members in their order. */
export function joinMembers(from: readonly FromItem[], planning: Planning): JoinMember[] {
  let base = 0;
  return from.map((item) => {
    const member =
      item.kind === 'table'
        ? tableOf(item, findTable(item, planning.environment), base)
        : rowsOf(item, planning, base);
    base += member.columns.size;
    return member;
  });
}

/** Whether a table is named twice. */
export function isSelfJoin(from: readonly FromItem[], environment: PlanEnvironment): boolean {
  const names = from.flatMap((item) =>
    item.kind === 'table' ? [`${item.db ?? environment.db ?? ''}.${item.name}`] : [],
  );
  return new Set(names).size < names.length;
}

function tableOf(from: FromTable, table: PlanTable, base: number): JoinMember {
  const qualifier = from.alias ?? from.name;
  const own = {
    columns: table.schema.columns,
    tags: table.kind === 'normal' ? [] : table.schema.tags,
  };
  const names = new Map<string, Resolved>();
  const columns = new Map<number, MemberColumn>();
  const add = (source: Column, isTag: boolean): Resolved => {
    const column = { ...source, colId: base + columns.size + 1 };
    const kind = columns.size === 0 ? 'time' : 'column';
    const name = isTag && source.name.endsWith('.tbname') ? 'tbname' : source.name;
    columns.set(column.colId, { reference: referenceOf(from, qualifier, name), column, isTag });
    names.set(name, { kind, column });
    return { kind, column };
  };
  const star = own.columns.map((column) => add(column, false));
  const tags = own.tags.map((tag) => add(tag, true));
  if (table.kind !== 'normal') add(nameColumn(qualifier), true);
  names.set('_c0', star[0]!);
  const time = own.columns[0]!;
  return {
    from,
    qualifier,
    kind: table.kind === 'stable' ? 'stable' : 'table',
    names,
    star: table.kind === 'stable' ? [...star, ...tags] : star,
    time: { ...time, colId: base + 1 },
    columns,
  };
}

/** The name of the table as a column, headed as it is written. */
function nameColumn(qualifier: string): Column {
  return { name: `${qualifier}.tbname`, type: SqlType.BINARY, bytes: TBNAME_BYTES, colId: 0 };
}

function rowsOf(
  from: Extract<FromItem, { kind: 'subquery' }>,
  planning: Planning,
  base: number,
): JoinMember {
  const heads = planning.select(from.select).columns;
  const { qualifier, names, star } = nestedMember(heads, from.alias, base);
  const columns = new Map<number, MemberColumn>();
  let time: Column | undefined;
  for (const resolved of star) {
    if (resolved.kind === 'tbname') continue;
    const { column } = resolved;
    if (resolved.kind === 'time') time = column;
    columns.set(column.colId, {
      reference: referenceOf(from, qualifier, column.name.toLowerCase()),
      column,
      isTag: false,
    });
  }
  const own = new Map([...names].filter(([name]) => name !== 'tbname'));
  return { from, qualifier, kind: 'rows', names: own, star, time, columns };
}

function referenceOf(from: FromItem, table: string | undefined, name: string): ColumnReference {
  return { kind: 'column', table, name, start: from.start, end: from.end };
}
