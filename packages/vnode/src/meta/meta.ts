/**
 * What a vnode knows of its tables: schemas with versions, tables, tags. A state machine over changes
 * (docs/format/change.md): `apply` is deterministic and repeatable, so that a retried or replayed change
 * does nothing new.
 *
 * Invariants: a tid is allotted in log order; a table's schema number is that of a living schema; a stable's
 * list of children may name tables that were dropped, never lack one that lives.
 */
import { ErrorCode, TaosError, type Column, type Schema, type TagValue } from '@tdnode/common';
import type { Change } from '@tdnode/rpc';
import { TableMap } from './table-map.ts';
import { encodeTags, findTag, replaceTag } from './tag-codec.ts';
import { TidList } from './tid-list.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A stable or a normal table as the vnode keeps it. */
export interface MetaSchema {
  /** Number within this vnode, from 1. */
  readonly number: number;
  readonly uid: number;
  name: string;
  readonly isStable: boolean;
  schema: Schema;
  /** Type of each column, by colId; 0: no such column. */
  typeOf: Uint8Array;
  /** Child tables of a stable, or the one normal table. */
  readonly tids: TidList;
}

/** See the head of this file. */
export class Meta {
  readonly tables = new TableMap();
  readonly #schemas = new Map<number, MetaSchema>();
  #byNumber: (MetaSchema | undefined)[] = [undefined];

  /** The schemas, in the order they were made. */
  schemas(): Iterable<MetaSchema> {
    return this.#schemas.values();
  }

  /** The schema of a stable or a normal table. */
  schema(uid: number): MetaSchema | undefined {
    return this.#schemas.get(uid);
  }

  /** The schema of a table, undefined when the table is no more. */
  schemaOf(tid: number): MetaSchema | undefined {
    return this.tables.has(tid) ? this.#byNumber[this.tables.schema(tid)] : undefined;
  }

  /** The columns a table has now, undefined when the table is no more. */
  columnsOf(tid: number): readonly Column[] | undefined {
    return this.schemaOf(tid)?.schema.columns;
  }

  name(tid: number): string {
    return decoder.decode(this.tables.name(tid));
  }

  tag(tid: number, colId: number): TagValue {
    return findTag(this.tables.tags(tid), colId);
  }

  /** All tag values of a child table, in its schema's order; undefined when there is no such table. */
  tagsOf(uid: number): TagValue[] | undefined {
    const tid = this.tables.find(uid);
    return this.schemaOf(tid)?.schema.tags.map(({ colId }) => this.tag(tid, colId));
  }

  /** Refuses changes that cannot be applied: of a stable or a table that this vnode does not have. */
  check(changes: readonly Change[]): void {
    const made = new Set<number>();
    for (const change of changes) {
      if (change.kind === 'putSchema') made.add(change.uid);
      if (change.kind === 'createTables') {
        if (!made.has(change.schemaUid) && !this.#schemas.has(change.schemaUid))
          throw unknownTable(change.schemaUid);
        for (const table of change.tables) made.add(table.uid);
      }
      if (change.kind === 'setTag' && !made.has(change.uid) && this.tables.find(change.uid) === 0) {
        throw unknownTable(change.uid);
      }
    }
  }

  /** Applies one change; returns the tids of tables that are no more. */
  apply(change: Change): number[] {
    switch (change.kind) {
      case 'putSchema':
        this.#putSchema(change);
        return [];
      case 'createTables':
        for (const table of change.tables) this.#createTable(change.schemaUid, table);
        return [];
      case 'dropTables':
        return change.uids.flatMap((uid) => this.#dropTable(uid));
      case 'dropStable':
        return this.#dropStable(change.uid);
      case 'deleteRows':
        // Rows are the store's.
        return [];
      case 'setTag': {
        const tid = this.tables.find(change.uid);
        if (tid !== 0)
          this.tables.setTags(tid, replaceTag(this.tables.tags(tid), change.colId, change.value));
        return [];
      }
    }
  }

  #putSchema(change: Extract<Change, { kind: 'putSchema' }>): void {
    const { uid, name, isStable, schema } = change;
    const known = this.#schemas.get(uid);
    const typeOf = typesByColId(schema);
    if (known !== undefined) {
      if (schema.version < known.schema.version) return;
      known.name = name;
      known.schema = schema;
      known.typeOf = typeOf;
      return;
    }
    const number = this.#byNumber.length;
    const made: MetaSchema = { number, uid, name, isStable, schema, typeOf, tids: new TidList() };
    this.#schemas.set(uid, made);
    this.#byNumber.push(made);
  }

  #createTable(
    schemaUid: number,
    table: { readonly uid: number; readonly name: string; readonly tags: readonly TagValue[] },
  ): void {
    const schema = this.#schemas.get(schemaUid);
    if (schema === undefined || this.tables.find(table.uid) !== 0) return;
    const tags = encodeTags(schema.schema.tags, table.tags);
    this.restoreTable(schema, { uid: table.uid, name: encoder.encode(table.name), tags });
  }

  /** Adds a table as it stands in a checkpoint, under its old tid, or a new one under the next. */
  restoreTable(
    schema: MetaSchema,
    table: {
      readonly uid: number;
      readonly name: Uint8Array;
      readonly tags: Uint8Array;
      readonly tid?: number;
    },
  ): void {
    schema.tids.add(this.tables.add({ ...table, schema: schema.number }, table.tid));
  }

  #dropTable(uid: number): number[] {
    const tid = this.tables.find(uid);
    if (tid === 0) return [];
    const schema = this.#byNumber[this.tables.schema(tid)]!;
    this.tables.remove(tid);
    if (!schema.isStable) this.#forget(schema);
    else schema.tids.noteRemoved((kept) => this.tables.has(kept));
    return [tid];
  }

  #dropStable(uid: number): number[] {
    const schema = this.#schemas.get(uid);
    if (schema === undefined) return [];
    const gone: number[] = [];
    for (const tid of schema.tids) {
      if (!this.tables.has(tid)) continue;
      this.tables.remove(tid);
      gone.push(tid);
    }
    this.#forget(schema);
    return gone;
  }

  #forget(schema: MetaSchema): void {
    this.#schemas.delete(schema.uid);
    this.#byNumber[schema.number] = undefined;
  }
}

function typesByColId(schema: Schema): Uint8Array {
  let highest = 0;
  for (const { colId } of schema.columns) highest = Math.max(highest, colId);
  const types = new Uint8Array(highest + 1);
  for (const { colId, type } of schema.columns) types[colId] = type;
  return types;
}

/** Refusal of something about a table that this vnode does not have. */
export function unknownTable(uid: number): TaosError {
  return new TaosError(ErrorCode.TDB_INVALID_TABLE_ID, undefined, {
    detail: `this vnode has no table with uid ${uid}; it was dropped, or not made yet`,
  });
}
