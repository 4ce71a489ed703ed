/**
 * The tables of one database, child and normal ones: name → uid, vgroup, schema, time of creation, in typed
 * arrays behind a name hash. No object and no string a table: a million of them take about 110 MB at most.
 *
 * Invariants: an ordinal is a row of the arrays; a dropped table's row is used again; `NameMap` values are
 * ordinals. The iteration order is the order of names in the map, not of ordinals.
 */
import { NameMap, assert } from '@tdnode/common';

/** What the index keeps of one table. */
export interface TableRow {
  readonly uid: number;
  readonly vgId: number;
  /** Ordinal of the schema in its database: a stable's, or a normal table's own. */
  readonly schema: number;
  /** Ms since 1970. */
  readonly created: number;
}

const FIRST_CAPACITY = 64;

/** Where a name is encoded to be looked up; names of tables are shorter, longer ones are found nowhere. */
const nameBytes = new Uint8Array(1024);
const encoder = new TextEncoder();

/** Encodes into `nameBytes`; by hand while it is ASCII, which is many times faster for names. */
function encodeName(name: string): number {
  const { length } = name;
  if (length > nameBytes.length) return encoder.encodeInto(name, nameBytes).written;
  for (let i = 0; i < length; i++) {
    const code = name.charCodeAt(i);
    if (code > 127) return encoder.encodeInto(name, nameBytes).written;
    nameBytes[i] = code;
  }
  return length;
}

export class TableIndex {
  readonly #names = new NameMap();
  #uids = new Float64Array(FIRST_CAPACITY);
  #vgIds = new Int32Array(FIRST_CAPACITY);
  #schemas = new Int32Array(FIRST_CAPACITY);
  #created = new Float64Array(FIRST_CAPACITY);
  /** Rows ever used. */
  #rows = 0;
  /** Rows of dropped tables, to be used again. */
  readonly #free: number[] = [];

  /** Number of tables. */
  get size(): number {
    return this.#names.size;
  }

  /** Bytes of memory held. */
  get byteSize(): number {
    return this.#names.byteSize + this.#uids.length * 24 + this.#free.length * 8;
  }

  /** The ordinal of a name, or -1. */
  find(name: Uint8Array): number {
    return this.#names.find(name, 0, name.length);
  }

  /** The ordinal of a name given as a string, or -1. */
  findText(name: string): number {
    const length = encodeName(name);
    return this.#names.find(nameBytes, 0, length);
  }

  /** Adds a table; the name must be new and is copied. */
  add(name: Uint8Array, { uid, vgId, schema, created }: TableRow): void {
    const ordinal = this.#free.pop() ?? this.#rows++;
    if (ordinal >= this.#uids.length) this.#grow(this.#uids.length * 2);
    this.#uids[ordinal] = uid;
    this.#vgIds[ordinal] = vgId;
    this.#schemas[ordinal] = schema;
    this.#created[ordinal] = created;
    const before = this.#names.set(name, 0, name.length, ordinal);
    assert(before < 0, 'a table name is added once');
  }

  /** Forgets a table; false when there is none of that name. */
  remove(name: Uint8Array): boolean {
    const ordinal = this.#names.delete(name, 0, name.length);
    if (ordinal < 0) return false;
    this.#free.push(ordinal);
    return true;
  }

  uid(ordinal: number): number {
    return this.#uids[ordinal]!;
  }

  vgId(ordinal: number): number {
    return this.#vgIds[ordinal]!;
  }

  schema(ordinal: number): number {
    return this.#schemas[ordinal]!;
  }

  created(ordinal: number): number {
    return this.#created[ordinal]!;
  }

  /** Calls `visit` with every table; the name is a view that holds for the call. Tables may be removed meanwhile, not added. */
  forEach(visit: (name: Uint8Array, ordinal: number) => void): void {
    this.#names.forEach(visit);
  }

  #grow(capacity: number): void {
    const wider = <A extends Float64Array | Int32Array>(from: A, into: A): A => {
      into.set(from);
      return into;
    };
    this.#uids = wider(this.#uids, new Float64Array(capacity));
    this.#vgIds = wider(this.#vgIds, new Int32Array(capacity));
    this.#schemas = wider(this.#schemas, new Int32Array(capacity));
    this.#created = wider(this.#created, new Float64Array(capacity));
  }
}
