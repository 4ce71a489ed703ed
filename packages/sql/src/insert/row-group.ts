/**
 * Rows of one statement that go into one group of a submit payload: one vgroup, one schema, one list of
 * columns. Rows are appended as they are read, in segments of one table each; `settle` brings them into the
 * payload's order: a table once, its rows strictly ascending in time, of equal times the first one. Rows
 * that already are so (the normal case) are not touched.
 */
import { invalidOperation } from '@tdnode/common';
import type { TableSchema } from './catalog.ts';
import { ColumnBuffer } from './column-buffer.ts';

/** Columns of a group, in the order of the values in the text. */
export interface Layout {
  /** Dense and small; one a schema and list of columns. */
  readonly id: number;
  readonly schema: TableSchema;
  /** Their indexes in the schema. */
  readonly bound: readonly number[];
}

/** Cells that lists of columns may leave NULL in one statement: text is no bound for them. */
const MAX_UNBOUND_CELLS = 1 << 24;

/** Rows of one schema, list of columns and vgroup while they are parsed. */
export class RowGroup {
  readonly layout: Layout;
  readonly vgId: number;
  /** The time column first. */
  readonly columns: readonly ColumnBuffer[];
  /** The columns in the order of the values in the text. */
  targets: readonly ColumnBuffer[];
  /** Columns that get NULL in each row. */
  unbound: readonly ColumnBuffer[] = [];
  readonly time: ColumnBuffer;
  /** The number of the statement that it holds rows of. */
  statement = 0;
  rows = 0;
  capacity = 0;
  segments = 0;
  uids = new Float64Array(8);
  rowFrom = new Uint32Array(9);
  /** Rows in payload order where they are not the rows as they came; `rows` long. */
  order: Uint32Array | undefined;
  /** A segment is out of order, or a table has several. */
  #unsettled = false;
  /** The next row whose time is to be compared with the row before. */
  #unchecked = 0;

  constructor(layout: Layout, vgId: number) {
    this.layout = layout;
    this.vgId = vgId;
    const { schema, precision } = layout.schema;
    const buffer = (index: number): ColumnBuffer =>
      new ColumnBuffer(schema.columns[index]!, index === 0, precision);
    this.targets = layout.bound.map(buffer);
    this.time = this.targets[layout.bound.indexOf(0)]!;
    this.columns = [this.time, ...this.targets.filter((column) => column !== this.time)];
    this.grow(64);
  }

  get byteSize(): number {
    let size = this.uids.byteLength + this.rowFrom.byteLength;
    for (const column of this.columns) size += column.byteSize;
    return size;
  }

  /** Forgets the rows of an earlier statement. */
  begin(statement: number): void {
    this.statement = statement;
    this.rows = 0;
    this.segments = 0;
    this.order = undefined;
    this.#unsettled = false;
    for (const column of this.columns) column.reset();
    if (this.unbound.length > 0) this.bind(this.layout.bound);
  }

  /** The next values in the text are for these columns only (of a group of all columns). */
  bind(bound: readonly number[]): void {
    this.targets = bound.map((index) => this.columns[index]!);
    this.unbound = this.columns.filter((column) => !this.targets.includes(column));
  }

  grow(capacity: number): void {
    if (this.unbound.length > 0 && capacity * this.columns.length > MAX_UNBOUND_CELLS) {
      throw invalidOperation('too many rows of one table with several lists of columns');
    }
    this.capacity = capacity;
    for (const column of this.columns) column.reserve(capacity);
  }

  /** Begins a segment; a table that follows itself goes on with its last one. */
  openSegment(uid: number): void {
    const last = this.segments - 1;
    this.#unchecked = this.rows;
    if (last >= 0 && this.uids[last] === uid) return;
    this.#unchecked++;
    if (this.segments === this.uids.length) {
      const uids = new Float64Array(this.segments * 2);
      uids.set(this.uids);
      this.uids = uids;
      const rowFrom = new Uint32Array(this.segments * 2 + 1);
      rowFrom.set(this.rowFrom);
      this.rowFrom = rowFrom;
    }
    this.uids[this.segments] = uid;
    this.rowFrom[this.segments] = this.rows;
    this.segments++;
  }

  /** Ends a segment: looks whether it is in order. */
  closeSegment(): void {
    const { rows } = this;
    this.rowFrom[this.segments] = rows;
    if (this.#unsettled) return;
    const times = this.time.f64;
    for (let row = this.#unchecked; row < rows; row++) {
      if (!(times[row]! > times[row - 1]!)) {
        this.#unsettled = true;
        return;
      }
    }
  }

  /** A table came back after another one. */
  noteRepeat(): void {
    this.#unsettled = true;
  }

  /** Brings the rows into the payload's order. */
  settle(): void {
    if (this.#unsettled) this.#sort();
  }

  #sort(): void {
    const times = this.time.f64;
    const tableOf = this.#tables();
    const order = new Uint32Array(this.rows);
    for (let row = 0; row < order.length; row++) order[row] = row;
    order.sort((a, b) => tableOf[a]! - tableOf[b]! || times[a]! - times[b]! || a - b);
    let kept = 0;
    let segments = 0;
    let table = -1;
    const uids = this.uids.slice();
    for (const row of order) {
      const isNext = tableOf[row] !== table;
      if (!isNext && times[row] === times[order[kept - 1]!]) continue;
      if (isNext) {
        table = tableOf[row]!;
        this.uids[segments] = uids[table]!;
        this.rowFrom[segments++] = kept;
      }
      order[kept++] = row;
    }
    this.rowFrom[segments] = kept;
    this.segments = segments;
    this.rows = kept;
    this.order = order.subarray(0, kept);
  }

  /** Of each row, the first segment of its table. */
  #tables(): Uint32Array {
    const first = new Map<number, number>();
    const tableOf = new Uint32Array(this.rows);
    for (let segment = 0; segment < this.segments; segment++) {
      const uid = this.uids[segment]!;
      const table = first.get(uid) ?? segment;
      first.set(uid, table);
      tableOf.fill(table, this.rowFrom[segment], this.rowFrom[segment + 1]);
    }
    return tableOf;
  }
}
