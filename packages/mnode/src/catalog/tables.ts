/** `create table`, `create stable`, `drop table`, `drop stable`; tables by name. Child tables: child-tables.ts. */
import {
  ErrorCode,
  TaosError,
  invalidOperation,
  type Column,
  type Schema,
  type VgId,
} from '@tdnode/common';
import { encodeChanges, type AdminResult, type Session, type TableMeta } from '@tdnode/rpc';
import type { CreateStable, CreateTable, DropTable } from '@tdnode/sql';
import {
  commit,
  noSuchTable,
  putSchemaChange,
  requireDb,
  requireWriteRight,
  stateOf,
  toAllVgroups,
  type Context,
} from '../context.ts';
import type { SdbRecord } from '../sdb/records.ts';
import { schemaOfTable, type DbState } from '../sdb/state.ts';
import { defineColumns, defineTags } from './column.ts';
import { done } from './databases.ts';
import { noRoom, placeTables } from './place.ts';

const NAME_BYTES_MAX = 192;

/** Whether a name is taken, by a stable or a table. */
export function nameTaken(db: DbState, name: string): boolean {
  return db.stables.has(name) || db.tables.findText(name) >= 0;
}

/** Throws 512 for a name that is too long. */
export function checkTableName(name: string): void {
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) throw invalidOperation('name too long', name);
}

/** 864. */
export function alreadyThere(name: string): TaosError {
  return new TaosError(ErrorCode.MND_TABLE_ALREADY_EXIST, undefined, { detail: name });
}

export async function createStable(
  context: Context,
  statement: CreateStable,
  session: Session,
): Promise<AdminResult> {
  const { name } = statement.table;
  checkTableName(name);
  const columns = defineColumns(statement.columns);
  const tags = defineTags(statement.tags, columns);
  const db = openFor(context, statement, session);
  if (db === undefined) return done;
  const record = schemaRecord(context, db, name, { columns, tags });
  const entry = { uid: record.uid, name, isStable: true };
  await commit(
    context,
    db.name,
    [record],
    toAllVgroups(db, [putSchemaChange(entry, record.schema)]),
  );
  context.notify({ db: db.name, table: name });
  return done;
}

/** `alsoFor`: what else begins or fails with the table. */
export async function createTable(
  context: Context,
  statement: Pick<CreateTable, 'ifNotExists' | 'table' | 'columns'>,
  session: Session,
  alsoFor: (db: DbState, uid: number) => readonly SdbRecord[] = () => [],
): Promise<AdminResult> {
  const { name } = statement.table;
  checkTableName(name);
  const columns = defineColumns(statement.columns);
  const db = openFor(context, statement, session);
  if (db === undefined) return done;
  const places = placeTables(context, db, 1);
  const vgId = places.runs[0]?.vgId;
  if (vgId === undefined) throw noRoom(db);
  const record = schemaRecord(context, db, name, { columns, tags: [] });
  const { uid, schema } = record;
  const payload = encodeChanges([
    putSchemaChange({ uid, name, isStable: false }, schema),
    { kind: 'createTables', schemaUid: uid, tables: [{ uid, name, tags: [] }] },
  ]);
  const table: SdbRecord = { kind: 'putNormal', db: db.name, uid, vgId, fill: places.fill };
  await commit(
    context,
    db.name,
    [...places.records, record, table, ...alsoFor(db, uid)],
    [...places.deliveries, { kind: 'change', vgId, payload }],
  );
  context.notify({ db: db.name, table: places.records.length > 0 ? undefined : name });
  return done;
}

/** The database for a new table, or undefined when the table is there and that is all right. */
function openFor(
  context: Context,
  statement: Pick<CreateTable, 'ifNotExists' | 'table'>,
  session: Session,
): DbState | undefined {
  const { name } = statement.table;
  requireWriteRight(context, session);
  const db = requireDb(context, statement.table.db, session);
  if (!nameTaken(db, name)) return db;
  if (statement.ifNotExists) return undefined;
  throw alreadyThere(name);
}

function schemaRecord(
  context: Context,
  db: DbState,
  name: string,
  { columns, tags }: { readonly columns: readonly Column[]; readonly tags: readonly Column[] },
): Extract<SdbRecord, { readonly kind: 'putSchema' }> {
  const schema: Schema = { version: 1, columns, tags };
  return {
    kind: 'putSchema',
    db: db.name,
    uid: stateOf(context).nextUid,
    name,
    isStable: tags.length > 0,
    created: context.clock.now(),
    nextColId: columns.length + 1,
    nextTagId: tags.length + 1,
    schema,
  };
}

export async function dropTable(
  context: Context,
  statement: DropTable,
  session: Session,
): Promise<AdminResult> {
  requireWriteRight(context, session);
  const db = requireDb(context, statement.table.db, session);
  const { name } = statement.table;
  const stable = db.stables.get(name);
  const ordinal = stable === undefined ? db.tables.findText(name) : -1;
  if (stable === undefined && ordinal < 0) {
    if (statement.ifExists) return done;
    throw noSuchTable(name);
  }
  try {
    if (stable !== undefined) {
      const { uid } = stable;
      const records: SdbRecord[] = [{ kind: 'dropStable', db: db.name, uid }];
      await commit(context, db.name, records, toAllVgroups(db, [{ kind: 'dropStable', uid }]));
    } else {
      if (statement.stable) {
        throw new TaosError(ErrorCode.MND_INVALID_TABLE_TYPE, undefined, {
          detail: `${name} is not a stable`,
        });
      }
      const uid = db.tables.uid(ordinal);
      const vgId = db.tables.vgId(ordinal);
      const payload = encodeChanges([{ kind: 'dropTables', uids: [uid] }]);
      const records: SdbRecord[] = [
        { kind: 'dropTables', db: db.name, tables: [{ name, uid, vgId }] },
      ];
      await commit(context, db.name, records, [{ kind: 'change', vgId, payload }]);
    }
  } finally {
    context.notify({ db: db.name, table: stable === undefined ? name : undefined });
  }
  return done;
}

/** What everybody must know of a table or stable, or undefined. */
export function tableMeta(db: DbState, name: string): TableMeta | undefined {
  const stable = db.stables.get(name);
  if (stable !== undefined) {
    const { uid, schema } = stable;
    return {
      uid,
      db: db.name,
      name,
      kind: 'stable',
      vgId: 0 as VgId,
      schemaUid: uid,
      stableName: undefined,
      schema,
    };
  }
  const ordinal = db.tables.findText(name);
  if (ordinal < 0) return undefined;
  const entry = schemaOfTable(db, ordinal);
  return {
    uid: db.tables.uid(ordinal),
    db: db.name,
    name,
    kind: entry.isStable ? 'child' : 'normal',
    vgId: db.tables.vgId(ordinal) as VgId,
    schemaUid: entry.uid,
    stableName: entry.isStable ? entry.name : undefined,
    schema: entry.schema,
  };
}

/** `tableMeta` of a table that must be there. */
export function requireTable(db: DbState, name: string): TableMeta {
  const meta = tableMeta(db, name);
  if (meta === undefined) throw noSuchTable(name);
  return meta;
}
