/**
 * The row groups of the statement at hand, and their memory for the next one. A table's clause finds its
 * group by the schema, the list of columns and the vgroup.
 */
import { assert, invalidOperation } from '@tdnode/common';
import type { InsertCatalog, TableSchema } from './catalog.ts';
import { readColumnList } from './column-list.ts';
import type { PayloadWriter, SubmitPart } from './payload-writer.ts';
import { RowGroup, type Layout } from './row-group.ts';

/** Thrown when a table comes back with other columns: the statement is parsed again with all columns. */
export const RepeatedTable = Symbol('a table with two lists of columns');

/** Layouts and groups kept; when there are more, all are forgotten and made again. */
const MAX_LAYOUTS = 1024;
const MAX_GROUPS = 4096;
/** Bytes of groups that may stay behind. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;
/** vgIds below this make small keys. */
const VG_IDS = 2 ** 20;

/** Finds and keeps row groups; belongs to one parser. */
export class GroupPool {
  readonly #catalog: InsertCatalog;
  /** Groups that hold rows of this statement, in the order of their first row. */
  readonly used: RowGroup[] = [];
  #groups = new Map<number, RowGroup>();
  #layouts = 0;
  /** Layout of all columns, by the schema's ordinal. */
  #whole: Layout[] = [];
  #listed = new Map<string, Layout>();
  #last: RowGroup | undefined;
  #statement = 0;
  #allColumns = false;
  /** By table: the statement that it was seen in last, and the layout that it had there. */
  #seenIn = new Uint32Array(64);
  #seenAs = new Uint32Array(64);

  constructor(catalog: InsertCatalog) {
    this.#catalog = catalog;
  }

  /** Begins a statement. `allColumns`: lists of columns share one group, with NULL where they have nothing. */
  begin(allColumns: boolean): void {
    this.#dropExcess();
    this.used.length = 0;
    this.#allColumns = allColumns;
    this.#statement++;
    if (this.#statement === 2 ** 32) {
      this.#statement = 1;
      this.#seenIn.fill(0);
    }
  }

  /** The group of a clause, with a segment open for its table. `columns`: where the list stands, or 0. */
  open(table: number, sql: Uint8Array, columns: number, end: number): RowGroup {
    const schema = this.#catalog.schema(table);
    const vgId = this.#catalog.vgId(table);
    const whole = this.#wholeLayout(schema);
    const layout = columns === 0 ? whole : this.#listedLayout(schema, sql, columns, end);
    const group = this.#groupOf(this.#allColumns ? whole : layout, vgId);
    if (group.statement !== this.#statement) {
      group.begin(this.#statement);
      this.used.push(group);
    }
    if (this.#allColumns) group.bind(layout.bound);
    this.#noteTable(table, group);
    group.openSegment(this.#catalog.uid(table));
    return group;
  }

  /** Writes the used groups, those of a vgroup together. */
  writeParts(writer: PayloadWriter): SubmitPart[] {
    const parts: SubmitPart[] = [];
    const { used } = this;
    const done = new Set<number>();
    for (let i = 0; i < used.length; i++) {
      const { vgId } = used[i]!;
      if (used.length > 1) {
        if (done.has(vgId)) continue;
        done.add(vgId);
      }
      const from = writer.position;
      let rows = 0;
      let tsMin = Infinity;
      let tsMax = -Infinity;
      for (let j = i; j < used.length; j++) {
        const group = used[j]!;
        if (group.vgId !== vgId) continue;
        writer.write(group);
        rows += group.rows;
        tsMin = Math.min(tsMin, writer.tsMin);
        tsMax = Math.max(tsMax, writer.tsMax);
      }
      const { database } = used[i]!.layout.schema;
      parts.push({
        vgId,
        rows,
        tsMin,
        tsMax,
        database,
        payload: writer.view(from, writer.position),
      });
    }
    return parts;
  }

  #groupOf(layout: Layout, vgId: number): RowGroup {
    const last = this.#last;
    if (last !== undefined && last.layout === layout && last.vgId === vgId) return last;
    assert(vgId < VG_IDS, 'vgId within its bounds');
    const key = layout.id * VG_IDS + vgId;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = new RowGroup(layout, vgId);
      this.#groups.set(key, group);
    }
    this.#last = group;
    return group;
  }

  #wholeLayout(schema: TableSchema): Layout {
    const known = this.#whole[schema.ordinal];
    if (known !== undefined && known.schema === schema) return known;
    const layout: Layout = {
      id: this.#layouts++,
      schema,
      bound: schema.schema.columns.map((_, i) => i),
    };
    this.#whole[schema.ordinal] = layout;
    return layout;
  }

  #listedLayout(schema: TableSchema, sql: Uint8Array, pos: number, end: number): Layout {
    const bound = readColumnList(schema.schema.columns, sql, pos, end);
    if (!bound.includes(0)) throw invalidOperation('primary timestamp column can not be null');
    const key = `${schema.ordinal}:${bound.join()}`;
    const known = this.#listed.get(key);
    if (known !== undefined && known.schema === schema) return known;
    const layout: Layout = { id: this.#layouts++, schema, bound };
    this.#listed.set(key, layout);
    return layout;
  }

  #noteTable(table: number, group: RowGroup): void {
    if (table >= this.#seenIn.length) this.#growSeen(table + 1);
    if (this.#seenIn[table] === this.#statement) {
      if (this.#seenAs[table] !== group.layout.id) throw RepeatedTable;
      group.noteRepeat();
    }
    this.#seenIn[table] = this.#statement;
    this.#seenAs[table] = group.layout.id;
  }

  #growSeen(tables: number): void {
    const seenIn = new Uint32Array(tables * 2);
    seenIn.set(this.#seenIn);
    this.#seenIn = seenIn;
    const seenAs = new Uint32Array(tables * 2);
    seenAs.set(this.#seenAs);
    this.#seenAs = seenAs;
  }

  #dropExcess(): void {
    let kept = 0;
    for (let i = 0; i < this.used.length; i++) kept += this.used[i]!.byteSize;
    if (this.#layouts < MAX_LAYOUTS && this.#groups.size < MAX_GROUPS && kept < MAX_KEPT_BYTES)
      return;
    this.#groups = new Map();
    this.#layouts = 0;
    this.#whole = [];
    this.#listed = new Map();
    this.#last = undefined;
  }
}
