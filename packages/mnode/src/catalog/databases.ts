/** `create`, `alter`, `drop database`, `use`, `syncdb`. */
import { ErrorCode, TaosError, invalidOperation } from '@tdnode/common';
import type { AdminResult, Session } from '@tdnode/rpc';
import {
  isIdentifier,
  type AlterDatabase,
  type CreateDatabase,
  type DropDatabase,
  type SyncDatabase,
  type UseDatabase,
} from '@tdnode/sql';
import { holdersOf, usableDnodes } from '../cluster/view.ts';
import { commit, requireWriteRight, stateOf, vnodeConfig, type Context } from '../context.ts';
import type { DbState } from '../sdb/state.ts';
import { changeOptions, newOptions } from './db-options.ts';

const NAME_BYTES_MAX = 32;

/** The answer of a statement that changes no rows. */
export const done: AdminResult = { kind: 'affected', rows: 0 };

export async function createDatabase(
  context: Context,
  statement: CreateDatabase,
  session: Session,
): Promise<AdminResult> {
  const { name } = statement;
  if (statement.topic)
    throw new TaosError(ErrorCode.COM_OPS_NOT_SUPPORT, undefined, { detail: 'topics' });
  if (!isIdentifier(name)) throw invalidOperation('invalid db name', name);
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) throw invalidOperation('name too long', name);
  const options = newOptions(
    context.config.dbDefaults,
    statement.options,
    usableDnodes(context.cluster).length,
  );
  requireWriteRight(context, session);
  if (stateOf(context).dbs.has(name)) {
    if (statement.ifNotExists) return done;
    throw new TaosError(ErrorCode.MND_DB_ALREADY_EXIST, undefined, { detail: name });
  }
  await commit(context, name, [{ kind: 'putDb', name, created: context.clock.now(), options }]);
  context.notify({ db: name, table: undefined });
  return done;
}

export async function alterDatabase(
  context: Context,
  statement: AlterDatabase,
  session: Session,
): Promise<AdminResult> {
  const { name } = statement;
  const change = changeOptions(statement.options);
  requireWriteRight(context, session);
  const db = dbByName(context, name);
  const options = change(db.options, usableDnodes(context.cluster).length);
  const after = { name, options };
  const deliveries = db.vgroups.map(({ vgId, replicas }) => ({
    kind: 'alter' as const,
    config: vnodeConfig(context, after, vgId, replicas),
  }));
  await commit(context, name, [{ kind: 'putDb', name, created: db.created, options }], deliveries);
  context.cluster.wake();
  context.notify({ db: name, table: undefined });
  return done;
}

export async function dropDatabase(
  context: Context,
  statement: DropDatabase,
  session: Session,
): Promise<AdminResult> {
  const { name } = statement;
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) throw invalidOperation('invalid name', name);
  requireWriteRight(context, session);
  const db = stateOf(context).dbs.get(name);
  if (db === undefined) {
    if (statement.ifExists) return done;
    throw noSuchDb(name);
  }
  const vgIds = db.vgroups.map((vgroup) => vgroup.vgId);
  const deliveries = db.vgroups.map((vgroup) => ({
    kind: 'drop' as const,
    vgId: vgroup.vgId,
    dnodeIds: holdersOf(vgroup),
  }));
  try {
    const durable = context.sdb.propose([{ kind: 'dropDb', name, vgIds }]);
    await context.outbox.sendLast(name, durable, deliveries);
  } finally {
    context.notify({ db: name, table: undefined });
  }
  return done;
}

/** Only says whether there is such a database: what is in use is the session's. */
export function useDatabase(context: Context, statement: UseDatabase): AdminResult {
  dbByName(context, statement.name);
  return done;
}

/** Accepted and without effect, as in 2.1.2: replicas synchronise by themselves. */
export function syncDatabase(
  context: Context,
  statement: SyncDatabase,
  session: Session,
): AdminResult {
  requireWriteRight(context, session);
  dbByName(context, statement.name);
  return done;
}

function dbByName(context: Context, name: string): DbState {
  const db = stateOf(context).dbs.get(name);
  if (db === undefined) throw noSuchDb(name);
  return db;
}

function noSuchDb(name: string): TaosError {
  return new TaosError(ErrorCode.MND_INVALID_DB, undefined, {
    detail: `there is no database ${name}`,
  });
}
