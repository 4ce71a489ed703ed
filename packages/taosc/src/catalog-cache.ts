/**
 * What this coordinator remembers of databases and tables, so that an insert finds a table by the bytes of
 * its name: per database a hash from names to ordinals, and by ordinal plain arrays; no object a table.
 *
 * The mnode's changes make it forget: a table by name, a database whole, a stable together with what is
 * known of its child tables (their schema is marked dead, so that they are looked up again). It is a cache:
 * when it is full it forgets everything, and a vnode that knows better says so (see insert.ts).
 */
import { NameMap } from '@tdnode/common';
import type { CatalogChange, DbMeta, MnodeService, TableMeta } from '@tdnode/rpc';
import type { InsertCatalog, TableSchema } from '@tdnode/sql';

/** Tables known at once: about 60 bytes each and their names. */
const MAX_TABLES = 2_000_000;
/** Schemas, dead ones included. */
const MAX_SCHEMAS = 65_536;

interface Database {
  readonly meta: DbMeta;
  readonly tables: NameMap;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What the coordinator knows of databases and tables; everything in it may be out of date, and vnodes say so. */
export class CatalogCache implements InsertCatalog {
  #databases: (Database | undefined)[] = [];
  #databaseNames = new NameMap();
  #uids = new Float64Array(64);
  #vgIds = new Int32Array(64);
  #schemaOf = new Uint32Array(64);
  #stables = new Uint8Array(64);
  #tables = 0;
  /** undefined: dead; the tables that point to it are unknown. */
  #schemas: (TableSchema | undefined)[] = [];
  #schemaByUid = new Map<number, number>();
  /** `db.stable` to its schema's uid. */
  #uidByStable = new Map<string, number>();
  #generation = 0;
  #forgetting = false;
  readonly #mnode: MnodeService;
  readonly #stop: () => void;

  constructor(mnode: MnodeService) {
    this.#mnode = mnode;
    this.#stop = mnode.onChange((change) => this.#forget(change));
  }

  /** Stops listening to the mnode. */
  close(): void {
    this.#stop();
  }

  /** Grows with everything that is forgotten: what was asked before may be stale by now. */
  get generation(): number {
    return this.#generation;
  }

  get size(): number {
    return this.#tables;
  }

  findDatabase(sql: Uint8Array, from: number, to: number): number {
    return this.#databaseNames.find(sql, from, to);
  }

  /** As `findDatabase`, of a string. */
  databaseOrdinal(name: string): number {
    const bytes = encoder.encode(name);
    return this.#databaseNames.find(bytes, 0, bytes.length);
  }

  findTable(database: number, sql: Uint8Array, from: number, to: number): number {
    const names = this.#databases[database]?.tables;
    if (names === undefined) return -1;
    if (this.#forgetting) {
      names.delete(sql, from, to);
      return -1;
    }
    const table = names.find(sql, from, to);
    if (table >= 0 && this.#schemas[this.#schemaOf[table]!] !== undefined) return table;
    return this.#peek(database, sql, from, to);
  }

  /** Learns a table without a wait, where the mnode is in this process: spares a second parse. */
  #peek(database: number, sql: Uint8Array, from: number, to: number): number {
    const name = decoder.decode(sql.subarray(from, to)).toLowerCase();
    const meta = this.#mnode.peekTable?.(this.databaseName(database), name);
    return meta === undefined ? -1 : this.addTable(meta);
  }

  databaseName(database: number): string {
    return this.#databases[database]!.meta.name;
  }

  isStable(table: number): boolean {
    return this.#stables[table] === 1;
  }

  uid(table: number): number {
    return this.#uids[table]!;
  }

  vgId(table: number): number {
    return this.#vgIds[table]!;
  }

  schema(table: number): TableSchema {
    return this.#schemas[this.#schemaOf[table]!]!;
  }

  /** Runs `parse` with a cache that forgets each table it is asked for. */
  forgetting<T>(parse: () => T): T {
    this.#forgetting = true;
    try {
      return parse();
    } finally {
      this.#forgetting = false;
    }
  }

  addDatabase(meta: DbMeta): void {
    const bytes = encoder.encode(meta.name);
    if (this.#databaseNames.find(bytes, 0, bytes.length) >= 0) return;
    this.#databaseNames.set(bytes, 0, bytes.length, this.#databases.length);
    this.#databases.push({ meta, tables: new NameMap() });
  }

  /** Remembers a table, unless its database is not known; returns its ordinal. */
  addTable(meta: TableMeta): number {
    const ordinal = this.databaseOrdinal(meta.db);
    const database = this.#databases[ordinal];
    if (database === undefined) return -1;
    const bytes = encoder.encode(meta.name);
    let table = database.tables.find(bytes, 0, bytes.length);
    if (table < 0) {
      table = this.#tables++;
      if (table === this.#uids.length) this.#grow();
      database.tables.set(bytes, 0, bytes.length, table);
    }
    this.#uids[table] = meta.uid;
    this.#vgIds[table] = meta.vgId;
    this.#stables[table] = meta.kind === 'stable' ? 1 : 0;
    this.#schemaOf[table] = this.#schemaOrdinal(meta, ordinal, database.meta);
    return table;
  }

  /** Forgets everything when there is too much of it. Call between statements. */
  shrink(): void {
    if (this.#tables < MAX_TABLES && this.#schemas.length < MAX_SCHEMAS) return;
    this.#generation++;
    this.#databases = [];
    this.#databaseNames = new NameMap();
    this.#tables = 0;
    this.#schemas = [];
    this.#schemaByUid = new Map();
    this.#uidByStable = new Map();
  }

  #schemaOrdinal(meta: TableMeta, database: number, { options }: DbMeta): number {
    const uid = meta.schemaUid;
    const stable = meta.kind === 'stable' ? meta.name : meta.stableName;
    if (stable !== undefined) this.#uidByStable.set(`${meta.db}.${stable}`, uid);
    const known = this.#schemaByUid.get(uid);
    if (known !== undefined) {
      if (this.#schemas[known]?.schema.version === meta.schema.version) return known;
      this.#schemas[known] = undefined;
    }
    const ordinal = this.#schemas.length;
    const { schema } = meta;
    this.#schemas.push({ ordinal, schemaUid: uid, schema, precision: options.precision, database });
    this.#schemaByUid.set(uid, ordinal);
    return ordinal;
  }

  #forget(change: CatalogChange): void {
    if (change.user !== undefined) return; // users are not kept here
    this.#generation++;
    if (change.db === '') {
      for (const known of this.#databases) {
        if (known !== undefined) this.#forget({ db: known.meta.name, table: undefined });
      }
      return;
    }
    const ordinal = this.databaseOrdinal(change.db);
    const database = this.#databases[ordinal];
    if (database === undefined) return;
    if (change.table === undefined) {
      const bytes = encoder.encode(change.db);
      this.#databaseNames.delete(bytes, 0, bytes.length);
      this.#databases[ordinal] = undefined;
      this.#forgetStables(change.db);
      return;
    }
    const bytes = encoder.encode(change.table);
    database.tables.delete(bytes, 0, bytes.length);
    const stable = `${change.db}.${change.table}`;
    this.#killSchema(this.#uidByStable.get(stable));
    this.#uidByStable.delete(stable);
  }

  #forgetStables(db: string): void {
    for (const [name, uid] of this.#uidByStable) {
      if (!name.startsWith(`${db}.`)) continue;
      this.#killSchema(uid);
      this.#uidByStable.delete(name);
    }
  }

  #killSchema(uid: number | undefined): void {
    const ordinal = uid === undefined ? undefined : this.#schemaByUid.get(uid);
    if (ordinal === undefined) return;
    this.#schemas[ordinal] = undefined;
    this.#schemaByUid.delete(uid!);
  }

  #grow(): void {
    const size = this.#tables * 2;
    const uids = new Float64Array(size);
    uids.set(this.#uids);
    this.#uids = uids;
    const vgIds = new Int32Array(size);
    vgIds.set(this.#vgIds);
    this.#vgIds = vgIds;
    const schemaOf = new Uint32Array(size);
    schemaOf.set(this.#schemaOf);
    this.#schemaOf = schemaOf;
    const stables = new Uint8Array(size);
    stables.set(this.#stables);
    this.#stables = stables;
  }
}
