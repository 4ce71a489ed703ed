/** How query fragments read a vnode: `Scan` over its tables and its store. */
import { SqlType, type TagValue } from '@tdnode/common';
import type { BlockCursor, Scan, ScanSpec, ScanTable } from '@tdnode/query';
import type { MetaSchema } from './meta/meta.ts';
import type { Vnode } from './vnode.ts';

class VnodeTable implements ScanTable {
  readonly uid: number;
  readonly tid: number;
  readonly #vnode: Vnode;

  constructor(vnode: Vnode, tid: number) {
    this.#vnode = vnode;
    this.tid = tid;
    this.uid = vnode.meta.tables.uid(tid);
  }

  get name(): string {
    return this.#vnode.meta.name(this.tid);
  }

  tag(colId: number): TagValue {
    return this.#vnode.meta.tag(this.tid, colId);
  }
}

/** The rows of a vnode as they are now; tables dropped while a scan runs read as empty. */
export class VnodeScan implements Scan {
  readonly #vnode: Vnode;

  constructor(vnode: Vnode) {
    this.#vnode = vnode;
  }

  table(uid: number): ScanTable | undefined {
    const tid = this.#vnode.meta.tables.find(uid);
    return tid === 0 ? undefined : new VnodeTable(this.#vnode, tid);
  }

  *childTables(stableUid: number): Generator<ScanTable> {
    const { meta } = this.#vnode;
    for (const tid of meta.schema(stableUid)?.tids ?? []) {
      if (meta.tables.has(tid)) yield new VnodeTable(this.#vnode, tid);
    }
  }

  childTableCount(stableUid: number): number {
    return this.#vnode.meta.schema(stableUid)?.tids.size ?? 0;
  }

  open(table: ScanTable, spec: ScanSpec): BlockCursor {
    const schema = this.#vnode.meta.schemaOf(table.tid);
    if (schema === undefined) return { next: () => undefined, close: () => {} };
    const types = spec.colIds.map((colId) => typeOf(schema, colId));
    return this.#vnode.store.cursor(table.tid, { ...spec, types });
  }

  lastRow(table: ScanTable, colIds: readonly number[]): ReturnType<Scan['lastRow']> {
    if (!this.#vnode.meta.tables.has(table.tid)) return null;
    return this.#vnode.store.lastRow(table.tid, colIds);
  }
}

/** Type of a column; one that is not there (any more) reads as NULL of a number. */
function typeOf(schema: MetaSchema, colId: number): SqlType {
  const type = schema.typeOf[colId];
  return type === undefined || type === 0 ? SqlType.DOUBLE : (type as SqlType);
}
