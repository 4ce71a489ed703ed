/**
 * Continuous queries: `create table … as select …` makes a normal table and, in the same record of the log, the query
 * that fills it. Coordinators plan the select and say the columns; the dnode of the mnode's master runs it.
 */
import { ErrorCode, TaosError, assert, syntaxError } from '@tdnode/common';
import type { AdminResult, Session, StreamDefinition } from '@tdnode/rpc';
import type { CreateStream, Kill } from '@tdnode/sql';
import { commit, requireSuperRight, stateOf, type Context } from '../context.ts';
import { schemaOfTable, type DbState, type StreamState } from '../sdb/state.ts';
import { nothing } from './cluster.ts';
import { createTable } from './tables.ts';

/** The statement comes with its columns, whoever left them out. */
export function createStream(
  context: Context,
  statement: CreateStream,
  session: Session,
  sql: string,
): Promise<AdminResult> {
  const { ifNotExists, table, columns, select } = statement;
  assert(columns !== undefined, 'a coordinator says the columns of a continuous query');
  return createTable(context, { ifNotExists, table, columns }, session, ({ name }, uid) => [
    {
      kind: 'putStream',
      db: name,
      stream: {
        uid,
        user: session.user,
        db: session.db ?? '',
        timezone: session.timezone,
        created: context.clock.now(),
        sql: sql.slice(select.start, select.end),
      },
    },
  ]);
}

/** Ends a continuous query; its table stays. 782 and 781 for an id that nobody has. */
export async function killStream(
  context: Context,
  statement: Kill,
  session: Session,
): Promise<AdminResult> {
  const { id } = statement;
  if (!/^\d+:\d+$/.test(id)) throw syntaxError(`${id} is no id of a stream`, statement.start);
  requireSuperRight(context, session);
  const [vgId, uid] = id.split(':').map(Number);
  const db = [...stateOf(context).dbs.values()].find(({ vgroups }) =>
    vgroups.some((vgroup) => vgroup.vgId === vgId),
  );
  if (db === undefined)
    throw new TaosError(ErrorCode.MND_INVALID_CONN_ID, undefined, { detail: id });
  const stream = definitionsOf(db).find((one) => one.id === id);
  if (stream === undefined || uid === undefined)
    throw new TaosError(ErrorCode.MND_INVALID_STREAM_ID, undefined, { detail: id });
  await commit(context, db.name, [{ kind: 'dropStream', db: db.name, uid }]);
  return nothing;
}

/** All continuous queries of the cluster. */
export function streamDefinitions(context: Pick<Context, 'sdb'>): StreamDefinition[] {
  return [...stateOf(context).dbs.values()].flatMap(definitionsOf);
}

function definitionsOf(db: DbState): StreamDefinition[] {
  return [...db.streams.values()].map((stream) => definitionOf(db, stream));
}

function definitionOf(db: DbState, stream: StreamState): StreamDefinition {
  const schema = db.schemaByUid.get(stream.uid);
  assert(schema !== undefined, `stream ${stream.uid} has a table`);
  const ordinal = db.tables.findText(schema.name);
  assert(schemaOfTable(db, ordinal) === schema, `table ${schema.name} is that of its stream`);
  return {
    id: `${db.tables.vgId(ordinal)}:${stream.uid}`,
    uid: stream.uid,
    db: db.name,
    table: schema.name,
    user: stream.user,
    sessionDb: stream.db === '' ? undefined : stream.db,
    timezone: stream.timezone,
    created: stream.created,
    sql: stream.sql,
  };
}
