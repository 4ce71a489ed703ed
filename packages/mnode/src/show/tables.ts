/** `show stables`, `show vgroups`: what a database holds and where. */
import { roleOf } from '../cluster/view.ts';
import { noSuchTable, requireDb, type Context } from '../context.ts';
import type { AdminResult, Session } from '@tdnode/rpc';
import type { Show } from '@tdnode/sql';
import type { DbState } from '../sdb/state.ts';
import { tableMeta } from '../catalog/tables.ts';
import { nameFilter } from './like.ts';
import { int, rowsResult, smallint, text, time, type Cell } from './rows.ts';

const stableColumns = [
  text('name', 193),
  time('created_time'),
  smallint('columns'),
  smallint('tags'),
  int('tables'),
];

export function showStables(context: Context, statement: Show, session: Session): AdminResult {
  const db = requireDb(context, statement.db, session);
  const accepts = nameFilter(statement.like);
  const rows: Cell[][] = [];
  for (const { name, created, schema, tables } of db.stables.values()) {
    if (accepts !== undefined && !accepts(name)) continue;
    rows.push([name, created, schema.columns.length, schema.tags.length, tables]);
  }
  return rowsResult(stableColumns, rows);
}

export function showVgroups(context: Context, statement: Show, session: Session): AdminResult {
  const db = requireDb(context, statement.db, session);
  const only =
    statement.argument === undefined
      ? undefined
      : vgIdOf(db, statement.argument.text.toLowerCase());
  const { replica } = db.options;
  const width = Math.max(replica, ...db.vgroups.map(({ replicas }) => replicas.length));
  const columns = [int('vgId'), int('tables'), text('status', 8), int('onlines')];
  for (let i = 1; i <= width; i++) columns.push(smallint(`v${i}_dnode`), text(`v${i}_status`, 9));
  const rows: Cell[][] = [];
  for (const { vgId, tables, replicas } of db.vgroups) {
    if (only !== undefined && vgId !== only) continue;
    const roles = replicas.map((id) => roleOf(context.cluster, vgId, id));
    const onlines = roles.filter((role) => role !== 'offline').length;
    const row: Cell[] = [vgId, tables, 'ready', onlines];
    for (let i = 0; i < width; i++) row.push(replicas[i] ?? 0, roles[i] ?? 'offline');
    rows.push(row);
  }
  return rowsResult(columns, rows);
}

function vgIdOf(db: DbState, name: string): number {
  const meta = tableMeta(db, name);
  if (meta === undefined) throw noSuchTable(name);
  return meta.vgId;
}
