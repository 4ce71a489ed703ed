/**
 * The metadata as it is in memory: plain data, changed only by `applyRecord`, so that every replica and
 * every replay of the log has the same.
 */
import { assert, type DbOptions, type Schema } from '@tdnode/common';
import type { DnodeRole } from '@tdnode/rpc';
import { TableIndex } from './table-index.ts';

export type Privilege = 'super' | 'writable' | 'readable';

export interface UserState {
  readonly name: string;
  readonly privilege: Privilege;
  /** Salt and scrypt hash; both empty: nobody can log in as this user. */
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
  readonly created: number;
}

export interface DnodeState {
  readonly id: number;
  /** `fqdn:port`. */
  readonly endPoint: string;
  readonly created: number;
  readonly role: DnodeRole;
  /** Its vnodes are being moved away; then it is forgotten. */
  readonly isDropping: boolean;
  /** It has reported under its id: it may hold data, and does not come back without. */
  readonly hasJoined: boolean;
}

/** A dnode that carries the metadata; mnodes have no ids of their own. */
export interface MnodeState {
  readonly dnodeId: number;
  readonly created: number;
}

/** A stable, or the schema of one normal table. */
export interface SchemaState {
  /** Row in `DbState.schemas`; not stable across a restart. */
  readonly ordinal: number;
  readonly uid: number;
  readonly name: string;
  readonly isStable: boolean;
  readonly created: number;
  schema: Schema;
  /** Column and tag ids that were never given out: they are not used again after a drop. */
  nextColId: number;
  nextTagId: number;
  /** Tables under it; 1 for a normal table. */
  tables: number;
}

/** A continuous query; its results go into a normal table, with which it ends. */
export interface StreamState {
  /** Of the table that it writes. */
  readonly uid: number;
  /** Who created it. */
  readonly user: string;
  /** What bare names in `sql` belong to; empty: none was in use. */
  readonly db: string;
  /** Rules time literals and calendar windows in `sql`. */
  readonly timezone: string;
  /** ms since 1970; the `now` of `sql`. */
  readonly created: number;
  /** The select, as written. */
  readonly sql: string;
}

/** What a vgroup's members are to become; how far that is, its own log and the reports say. */
export interface Move {
  /** Dnode that gets a replica; 0: none. */
  readonly target: number;
  /** Dnode that loses its replica; 0: none. */
  readonly source: number;
}

export interface VgroupState {
  readonly vgId: number;
  /** Dnode ids of the voters, in the order of `show vgroups`; follows the vgroup's own log. */
  replicas: readonly number[];
  /** Version in the vgroup's log that brought `replicas`; 0: as created. */
  membersVersion: number;
  move: Move | undefined;
  tables: number;
}

export interface DbState {
  readonly name: string;
  readonly created: number;
  options: DbOptions;
  /** In order of creation. */
  readonly vgroups: VgroupState[];
  /** Tables that fit into each vgroup, as grown so far; 0 before the first vgroup. */
  room: number;
  /** Index of the vgroup that takes the next table. */
  current: number;
  readonly stables: Map<string, SchemaState>;
  /** By ordinal, with holes where something was dropped. */
  readonly schemas: (SchemaState | undefined)[];
  readonly freeSchemas: number[];
  readonly schemaByUid: Map<number, SchemaState>;
  readonly tables: TableIndex;
  /** By the uid of the table that they write. */
  readonly streams: Map<number, StreamState>;
}

export interface SdbState {
  clusterId: string;
  clusterCreated: number;
  nextUid: number;
  nextVgId: number;
  nextDnodeId: number;
  readonly users: Map<string, UserState>;
  readonly dnodes: Map<number, DnodeState>;
  /** By dnode id, in order of creation. */
  readonly mnodes: Map<number, MnodeState>;
  readonly dbs: Map<string, DbState>;
}

/** A cluster that is not founded yet. */
export function emptyState(): SdbState {
  return {
    clusterId: '',
    clusterCreated: 0,
    nextUid: 1,
    nextVgId: 2,
    nextDnodeId: 1,
    users: new Map(),
    dnodes: new Map(),
    mnodes: new Map(),
    dbs: new Map(),
  };
}

export function emptyDb(name: string, created: number, options: DbOptions): DbState {
  return {
    name,
    created,
    options,
    vgroups: [],
    room: 0,
    current: 0,
    stables: new Map(),
    schemas: [],
    freeSchemas: [],
    schemaByUid: new Map(),
    tables: new TableIndex(),
    streams: new Map(),
  };
}

export function vgroupOf(db: DbState, vgId: number): VgroupState {
  const vgroup = db.vgroups.find((v) => v.vgId === vgId);
  assert(vgroup !== undefined, `vgroup ${vgId} belongs to ${db.name}`);
  return vgroup;
}

/** The schema of a table by its ordinal in the index. */
export function schemaOfTable(db: DbState, ordinal: number): SchemaState {
  const schema = db.schemas[db.tables.schema(ordinal)];
  assert(schema !== undefined, `every table of ${db.name} has a schema`);
  return schema;
}
