/**
 * The state machine: one record changes the state in one way, whatever the clock, the disk or the host.
 * A record that does not fit the state is a bug or a damaged log; it throws and must not be answered.
 */
import { assert } from '@tdnode/common';
import { visitNewTables } from '@tdnode/rpc';
import type { FillMark } from './record-fields.ts';
import type { ChildRun, PutSchema, SdbRecord } from './records.ts';
import {
  emptyDb,
  schemaOfTable,
  vgroupOf,
  type DbState,
  type SchemaState,
  type SdbState,
} from './state.ts';

const encoder = new TextEncoder();

/** Changes `state` by one record. Buffers of the record are not kept. */
export function applyRecord(state: SdbState, record: SdbRecord): void {
  switch (record.kind) {
    case 'cluster':
      state.clusterId = record.id;
      state.clusterCreated = record.created;
      return;
    case 'putUser':
      state.users.set(record.user.name, record.user);
      return;
    case 'dropUser':
      state.users.delete(record.name);
      return;
    case 'putDnode':
      state.dnodes.set(record.dnode.id, record.dnode);
      state.nextDnodeId = Math.max(state.nextDnodeId, record.dnode.id + 1);
      return;
    case 'dropDnode':
      state.dnodes.delete(record.id);
      return;
    case 'putMnode':
      state.mnodes.set(record.mnode.dnodeId, record.mnode);
      return;
    case 'dropMnode':
      state.mnodes.delete(record.dnodeId);
      return;
    case 'putDb': {
      const db = state.dbs.get(record.name);
      if (db === undefined)
        state.dbs.set(record.name, emptyDb(record.name, record.created, record.options));
      else db.options = record.options;
      return;
    }
    case 'dropDb':
      state.dbs.delete(record.name);
      return;
    case 'told':
      return;
    default:
      applyInDb(state, record);
  }
}

function applyInDb(state: SdbState, record: Extract<SdbRecord, { readonly db: string }>): void {
  const db = state.dbs.get(record.db);
  if (record.kind === 'setReplicas' || record.kind === 'setMove') {
    setMembers(db, record);
    return;
  }
  assert(db !== undefined, `record ${record.kind} names a database that exists: ${record.db}`);
  switch (record.kind) {
    case 'addVgroup':
      db.vgroups.push({
        vgId: record.vgId,
        replicas: record.replicas,
        membersVersion: 0,
        move: undefined,
        tables: 0,
      });
      state.nextVgId = Math.max(state.nextVgId, record.vgId + 1);
      return;
    case 'putSchema':
      putSchema(state, db, record);
      return;
    case 'dropStable':
      dropStable(db, record.uid);
      return;
    case 'putNormal': {
      const schema = db.schemaByUid.get(record.uid);
      assert(schema !== undefined && schema.tables === 0, 'a normal table follows its schema');
      const vgroup = vgroupOf(db, record.vgId);
      const { uid, vgId } = record;
      db.tables.add(encoder.encode(schema.name), {
        uid,
        vgId,
        schema: schema.ordinal,
        created: schema.created,
      });
      schema.tables++;
      vgroup.tables++;
      setFill(db, record.fill);
      return;
    }
    case 'putChildren':
      for (const run of record.runs) addChildren(state, db, run, record.created);
      setFill(db, record.fill);
      return;
    case 'dropTables':
      for (const { name } of record.tables) dropTable(db, name);
      return;
    case 'putStream':
      db.streams.set(record.stream.uid, record.stream);
      return;
    case 'dropStream':
      db.streams.delete(record.uid);
      return;
  }
}

/**
 * These records come from reports and not from statements: the vgroup may have been dropped meanwhile, and an older
 * entry of its log does not replace a newer one.
 */
function setMembers(
  db: DbState | undefined,
  record: Extract<SdbRecord, { readonly kind: 'setReplicas' | 'setMove' }>,
): void {
  const vgroup = db?.vgroups.find(({ vgId }) => vgId === record.vgId);
  if (vgroup === undefined) return;
  if (record.kind === 'setMove') {
    vgroup.move = record.move;
    return;
  }
  if (record.membersVersion < vgroup.membersVersion) return;
  vgroup.replicas = record.replicas;
  vgroup.membersVersion = record.membersVersion;
}

function setFill(db: DbState, fill: FillMark): void {
  db.room = fill.room;
  db.current = fill.current;
}

function putSchema(state: SdbState, db: DbState, record: PutSchema): void {
  const existing = db.schemaByUid.get(record.uid);
  if (existing !== undefined) {
    existing.schema = record.schema;
    existing.nextColId = record.nextColId;
    existing.nextTagId = record.nextTagId;
    return;
  }
  const ordinal = db.freeSchemas.pop() ?? db.schemas.length;
  const { uid, name, isStable, created, schema, nextColId, nextTagId } = record;
  const entry: SchemaState = {
    ordinal,
    uid,
    name,
    isStable,
    created,
    schema,
    nextColId,
    nextTagId,
    tables: 0,
  };
  db.schemas[ordinal] = entry;
  db.schemaByUid.set(uid, entry);
  if (isStable) db.stables.set(name, entry);
  if (uid >= state.nextUid) state.nextUid = uid + 1;
}

function addChildren(state: SdbState, db: DbState, run: ChildRun, created: number): void {
  const vgroup = vgroupOf(db, run.vgId);
  visitNewTables(run.payload, (schemaUid, uid, name) => {
    const schema = db.schemaByUid.get(schemaUid);
    assert(schema !== undefined, 'a child table has its stable');
    db.tables.add(name, { uid, vgId: run.vgId, schema: schema.ordinal, created });
    schema.tables++;
    vgroup.tables++;
    if (uid >= state.nextUid) state.nextUid = uid + 1;
  });
}

function dropTable(db: DbState, name: string): void {
  const bytes = encoder.encode(name);
  const ordinal = db.tables.find(bytes);
  if (ordinal < 0) return;
  const schema = schemaOfTable(db, ordinal);
  schema.tables--;
  vgroupOf(db, db.tables.vgId(ordinal)).tables--;
  db.tables.remove(bytes);
  if (!schema.isStable) forgetSchema(db, schema);
}

function dropStable(db: DbState, uid: number): void {
  const stable = db.schemaByUid.get(uid);
  if (stable === undefined) return;
  if (stable.tables > 0) {
    db.tables.forEach((name, ordinal) => {
      if (db.tables.schema(ordinal) !== stable.ordinal) return;
      vgroupOf(db, db.tables.vgId(ordinal)).tables--;
      db.tables.remove(name);
    });
  }
  db.stables.delete(stable.name);
  forgetSchema(db, stable);
}

function forgetSchema(db: DbState, schema: SchemaState): void {
  db.schemas[schema.ordinal] = undefined;
  db.freeSchemas.push(schema.ordinal);
  db.schemaByUid.delete(schema.uid);
  db.streams.delete(schema.uid);
}
