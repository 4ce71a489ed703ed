/** What the names in a select mean: columns, tags and the table name of the one table after `from`. */
import { ErrorCode, invalidOperation, SqlType, TaosError } from '@tdnode/common';
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

export class Scope {
  readonly table: PlanTable;
  readonly #qualifier: string;
  readonly #columns = new Map<string, Resolved>();

  constructor(from: FromTable, environment: PlanEnvironment) {
    const table = environment.table(from.db, from.name);
    if (table === undefined) {
      throw new TaosError(ErrorCode.MND_INVALID_TABLE_NAME, undefined, {
        detail: `there is no table ${from.db === undefined ? '' : `${from.db}.`}${from.name}`,
        position: from.start,
      });
    }
    this.table = table;
    this.#qualifier = from.alias ?? from.name;
    for (const column of table.schema.tags) this.#columns.set(column.name, { kind: 'tag', column });
    if (table.kind === 'normal') this.#columns.clear();
    else this.#columns.set('tbname', { kind: 'tbname' });
    table.schema.columns.forEach((column, i) => {
      this.#columns.set(column.name, { kind: i === 0 ? 'time' : 'column', column });
    });
    this.#columns.set('_c0', { kind: 'time', column: this.time });
  }

  get time(): Column {
    return this.table.schema.columns[0]!;
  }

  get isStable(): boolean {
    return this.table.kind === 'stable';
  }

  /** What the reference means, or undefined. */
  find(reference: ColumnReference): Resolved | undefined {
    if (!this.hasQualifier(reference.table)) return undefined;
    return this.#columns.get(reference.name);
  }

  /** What the reference means; refuses with `reason` when it means nothing. */
  resolve(reference: ColumnReference, reason: string): Resolved {
    const resolved = this.find(reference);
    if (resolved === undefined) {
      throw invalidOperation(reason, `${this.table.name} has no column ${reference.name}`);
    }
    return resolved;
  }

  /** Whether `q.` may stand before names here. */
  hasQualifier(qualifier: string | undefined): boolean {
    return qualifier === undefined || qualifier === this.#qualifier;
  }
}

/** Type and bytes of a resolved name. */
export function typeOf(resolved: Resolved): { readonly type: SqlType; readonly bytes: number } {
  if (resolved.kind === 'tbname') return { type: SqlType.BINARY, bytes: TBNAME_BYTES };
  return { type: resolved.column.type, bytes: resolved.column.bytes };
}
