/** Which function answers which statement. */
import { TaosError, ErrorCode } from '@tdnode/common';
import type { AdminResult, Session } from '@tdnode/rpc';
import type { Statement } from '@tdnode/sql';
import { alterTable } from './catalog/alter-table.ts';
import { createChildTables } from './catalog/child-tables.ts';
import * as cluster from './catalog/cluster.ts';
import * as databases from './catalog/databases.ts';
import * as dnodes from './catalog/dnodes.ts';
import * as streams from './catalog/streams.ts';
import { createStable, createTable, dropTable } from './catalog/tables.ts';
import * as users from './catalog/users.ts';
import { requireUser, type Context } from './context.ts';
import { showCreateDatabase } from './show/databases.ts';
import { describe, showCreateTable } from './show/definition.ts';
import { show } from './show/show.ts';

/** What some statements need besides. */
export interface ExecutionAids {
  /** The statement's text, for messages that quote it. */
  readonly sql: string;
  /** Passwords of this user are not to be trusted from memory any more. */
  readonly forgetUser: (name: string) => void;
}

/** Runs one statement; rejects with TaosError. */
export async function executeStatement(
  context: Context,
  statement: Statement,
  session: Session,
  aids: ExecutionAids,
): Promise<AdminResult> {
  requireUser(context, session.user);
  switch (statement.kind) {
    case 'createDatabase':
      return databases.createDatabase(context, statement, session);
    case 'alterDatabase':
      return databases.alterDatabase(context, statement, session);
    case 'dropDatabase':
      return databases.dropDatabase(context, statement, session);
    case 'use':
      return databases.useDatabase(context, statement);
    case 'syncDatabase':
      return databases.syncDatabase(context, statement, session);
    case 'createStable':
      return createStable(context, statement, session);
    case 'createTable':
      return createTable(context, statement, session);
    case 'createChildTables':
      return createChildTables(context, statement, session, aids.sql);
    case 'dropTable':
      return dropTable(context, statement, session);
    case 'alterTable':
      return alterTable(context, statement, session);
    case 'describe':
      return describe(context, statement, session);
    case 'show':
      return show(context, statement, session);
    case 'showCreateDatabase':
      return showCreateDatabase(context, statement);
    case 'showCreateTable':
      return showCreateTable(context, statement, session);
    default:
      return administer(context, statement, session, aids);
  }
}

async function administer(
  context: Context,
  statement: Statement,
  session: Session,
  aids: ExecutionAids,
): Promise<AdminResult> {
  switch (statement.kind) {
    case 'createUser':
      return users.createUser(context, statement, session);
    case 'alterUser':
    case 'dropUser':
      try {
        return await (statement.kind === 'alterUser'
          ? users.alterUser(context, statement, session)
          : users.dropUser(context, statement, session));
      } finally {
        aids.forgetUser(statement.name);
      }
    case 'createAccount':
    case 'alterAccount':
    case 'dropAccount':
      return users.refuseAccounts();
    case 'createDnode':
      return dnodes.createDnode(context, statement, session);
    case 'dropDnode':
      return dnodes.dropDnode(context, statement, session);
    case 'alterDnode':
      return cluster.alterDnode(context, statement, session);
    case 'alterLocal':
      return cluster.alterLocal(statement);
    case 'resetQueryCache':
      return cluster.nothing;
    case 'kill':
      return statement.what === 'stream'
        ? streams.killStream(context, statement, session)
        : cluster.kill(context, statement, session);
    case 'compactVnodes':
      return cluster.compactVnodes(context, statement, session);
    case 'createStream':
      return streams.createStream(context, statement, session, aids.sql);
    default:
      throw new TaosError(ErrorCode.MND_MSG_NOT_PROCESSED, undefined, {
        detail: `${statement.kind} is not the mnode's`,
      });
  }
}
