/**
 * What the names in a select mean. A scope has one member for each item after `from`: a table with columns,
 * tags and name, or rows made by another select. A name without qualifier must mean one thing only.
 */
import { assert, ErrorCode, invalidOperation, SqlType, TaosError } from '@tdnode/common';
import type { Column } from '@tdnode/common';
import type { ColumnReference, FromTable } from '@tdnode/sql';
import type { PlanEnvironment, PlanTable } from './metadata.ts';

export type Resolved =
  | { readonly kind: 'time'; readonly column: Column }
  | { readonly kind: 'column'; readonly column: Column }
  | { readonly kind: 'tag'; readonly column: Column }
  | { readonly kind: 'tbname' };

/** Bytes of `tbname` as heads print them. */
export const TBNAME_BYTES = 193;

/** What one item after `from` gives to the scope. */
export interface ScopeMember {
  /** What may stand before its names; undefined: nothing. */
  readonly qualifier: string | undefined;
  readonly names: ReadonlyMap<string, Resolved>;
  /** What `*` stands for, in order. */
  readonly star: readonly Resolved[];
}

export class Scope {
  /** The table; for rows that no table has, one with the columns of these rows. */
  readonly table: PlanTable;
  readonly #members: readonly ScopeMember[];

  constructor(table: PlanTable, members: readonly ScopeMember[]) {
    this.table = table;
    this.#members = members;
  }

  /** The time column. */
  get time(): Column {
    const time = this.star(undefined)?.find((resolved) => resolved.kind === 'time');
    assert(time?.kind === 'time', 'the scope has a time column');
    return time.column;
  }

  get hasTime(): boolean {
    return this.star(undefined)?.some((resolved) => resolved.kind === 'time') ?? false;
  }

  get isStable(): boolean {
    return this.table.kind === 'stable';
  }

  /** What the reference means, or undefined. */
  find(reference: ColumnReference): Resolved | undefined {
    const found = this.#qualified(reference.table).flatMap((member) => {
      const resolved = member.names.get(reference.name);
      return resolved === undefined ? [] : [resolved];
    });
    return found.length === 1 ? found[0] : undefined;
  }

  /** What the reference means; refuses with `reason` when it means nothing. */
  resolve(reference: ColumnReference, reason: string): Resolved {
    const resolved = this.find(reference);
    if (resolved === undefined) {
      throw invalidOperation(reason, `${this.table.name} has no column ${reference.name}`);
    }
    return resolved;
  }

  /** What `*` or `q.*` stands for: columns, then tags of a stable; undefined where `q` means nothing. */
  star(qualifier: string | undefined): readonly Resolved[] | undefined {
    const members = this.#qualified(qualifier);
    return members.length === 0 ? undefined : members.flatMap((member) => member.star);
  }

  /** Whether all the columns belong to one item after `from`. */
  isOneMember(columns: readonly Column[]): boolean {
    if (this.#members.length === 1) return true;
    return this.#members.some((member) => columns.every((column) => hasColumn(member, column)));
  }

  #qualified(qualifier: string | undefined): readonly ScopeMember[] {
    if (qualifier === undefined) return this.#members;
    return this.#members.filter((member) => member.qualifier === qualifier);
  }
}

function hasColumn(member: ScopeMember, column: Column): boolean {
  for (const resolved of member.names.values()) {
    if (resolved.kind !== 'tbname' && resolved.column.colId === column.colId) return true;
  }
  return false;
}

/** The table after `from`; 866 when there is none such. */
export function findTable(from: FromTable, environment: PlanEnvironment): PlanTable {
  const table = environment.table(from.db, from.name);
  if (table !== undefined) return table;
  throw new TaosError(ErrorCode.MND_INVALID_TABLE_NAME, undefined, {
    detail: `there is no table ${from.db === undefined ? '' : `${from.db}.`}${from.name}`,
    position: from.start,
  });
}

/** The scope of one table. */
export function tableScope(from: FromTable, environment: PlanEnvironment): Scope {
  const table = findTable(from, environment);
  return new Scope(table, [tableMember(table, from.alias ?? from.name)]);
}

/** The names of one table. */
export function tableMember(table: PlanTable, qualifier: string): ScopeMember {
  const { columns, tags } = table.schema;
  const names = new Map<string, Resolved>();
  const tagNames = tags.map((column): Resolved => ({ kind: 'tag', column }));
  const columnNames = columns.map((column, i): Resolved => ({
    kind: i === 0 ? 'time' : 'column',
    column,
  }));
  if (table.kind !== 'normal') {
    tags.forEach((tag, i) => names.set(tag.name, tagNames[i]!));
    names.set('tbname', { kind: 'tbname' });
  }
  columns.forEach((column, i) => names.set(column.name, columnNames[i]!));
  names.set('_c0', columnNames[0]!);
  const star = table.kind === 'stable' ? [...columnNames, ...tagNames] : columnNames;
  return { qualifier, names, star };
}

/** Type and bytes of a resolved name. */
export function typeOf(resolved: Resolved): { readonly type: SqlType; readonly bytes: number } {
  if (resolved.kind === 'tbname') return { type: SqlType.BINARY, bytes: TBNAME_BYTES };
  return { type: resolved.column.type, bytes: resolved.column.bytes };
}
