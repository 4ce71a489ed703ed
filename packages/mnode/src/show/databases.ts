/** `show databases`, `show create database`. */
import { ErrorCode, TaosError } from '@tdnode/common';
import type { AdminResult, ResultColumn, Session } from '@tdnode/rpc';
import type { ShowCreateDatabase } from '@tdnode/sql';
import { ROOT } from '../catalog/users.ts';
import { stateOf, type Context } from '../context.ts';
import type { DbState } from '../sdb/state.ts';
import { int, rowsResult, smallint, text, time, tinyint, type Cell } from './rows.ts';

interface DbColumn {
  readonly column: ResultColumn;
  /** Only root sees it. */
  readonly rootOnly: boolean;
  readonly cell: (db: DbState) => Cell;
}

const columns: readonly DbColumn[] = [
  { column: text('name', 32), rootOnly: false, cell: (db) => db.name },
  { column: time('created_time'), rootOnly: false, cell: (db) => db.created },
  { column: int('ntables'), rootOnly: false, cell: (db) => db.tables.size },
  { column: int('vgroups'), rootOnly: true, cell: (db) => db.vgroups.length },
  { column: smallint('replica'), rootOnly: true, cell: (db) => db.options.replica },
  { column: smallint('quorum'), rootOnly: true, cell: (db) => db.options.quorum },
  { column: smallint('days'), rootOnly: true, cell: (db) => db.options.days },
  {
    column: text('keep0,keep1,keep(D)', 24),
    rootOnly: false,
    cell: (db) => db.options.keep.join(','),
  },
  { column: int('cache(MB)'), rootOnly: true, cell: (db) => db.options.cache },
  { column: int('blocks'), rootOnly: true, cell: (db) => db.options.blocks },
  { column: int('minrows'), rootOnly: true, cell: (db) => db.options.minRows },
  { column: int('maxrows'), rootOnly: true, cell: (db) => db.options.maxRows },
  { column: tinyint('wallevel'), rootOnly: true, cell: (db) => db.options.walLevel },
  { column: int('fsync'), rootOnly: true, cell: (db) => db.options.fsync },
  { column: tinyint('comp'), rootOnly: true, cell: (db) => db.options.comp },
  { column: tinyint('cachelast'), rootOnly: true, cell: (db) => db.options.cacheLast },
  { column: text('precision', 3), rootOnly: false, cell: (db) => db.options.precision },
  { column: tinyint('update'), rootOnly: false, cell: (db) => db.options.update },
  { column: text('status', 10), rootOnly: false, cell: () => 'ready' },
];

export function showDatabases(context: Context, session: Session): AdminResult {
  const shown = session.user === ROOT ? columns : columns.filter((column) => !column.rootOnly);
  const rows = [...stateOf(context).dbs.values()].map((db) =>
    shown.map((column) => column.cell(db)),
  );
  return rowsResult(
    shown.map((column) => column.column),
    rows,
  );
}

export function showCreateDatabase(context: Context, statement: ShowCreateDatabase): AdminResult {
  const db = stateOf(context).dbs.get(statement.name);
  if (db === undefined) {
    throw new TaosError(ErrorCode.TSC_DB_NOT_SELECTED, undefined, {
      detail: `there is no database ${statement.name}`,
    });
  }
  const { replica, quorum, days, blocks } = db.options;
  const sql = `CREATE DATABASE ${db.name} REPLICA ${replica} QUORUM ${quorum} DAYS ${days} BLOCKS ${blocks}`;
  return rowsResult(
    [text('Database', 32), text('Create Database', Buffer.byteLength(sql))],
    [[db.name, sql]],
  );
}
