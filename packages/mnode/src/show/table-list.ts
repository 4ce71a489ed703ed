/**
 * `show tables`: column by column, because a database may have a million tables. The list is of one moment;
 * tids are asked of the vnodes after it.
 */
import {
  MAX_BATCH_ROWS,
  TaosError,
  f64Vector,
  type Batch,
  type F64Vector,
  type VgId,
} from '@tdnode/common';
import type { AdminResult, Session } from '@tdnode/rpc';
import type { Show } from '@tdnode/sql';
import { requireDb, type Context } from '../context.ts';
import { schemaOfTable, type DbState } from '../sdb/state.ts';
import { nameFilter } from './like.ts';
import { bigint, int, smallint, stringVector, text, time } from './rows.ts';

const columns = [
  text('table_name', 193),
  time('created_time'),
  smallint('columns'),
  text('stable_name', 195),
  bigint('uid'),
  int('tid'),
  int('vgId'),
];

/** At most 4096 tables, as columns. */
interface TablePage {
  readonly names: Uint8Array[];
  readonly stables: Uint8Array[];
  readonly created: Float64Array;
  readonly widths: Float64Array;
  readonly uids: Float64Array;
  readonly tids: Float64Array;
  readonly vgIds: Float64Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const noName = new Uint8Array(0);

export async function showTables(
  context: Context,
  statement: Show,
  session: Session,
): Promise<AdminResult> {
  const db = requireDb(context, statement.db, session);
  const pages = listTables(db, nameFilter(statement.like));
  await context.outbox.attempted(db.name);
  for (const page of pages) await fillTids(context, page);
  return { kind: 'rows', columns, batches: pages.map(batchOf) };
}

function listTables(db: DbState, accepts: ((name: string) => boolean) | undefined): TablePage[] {
  const pages: TablePage[] = [];
  const stableNames = new Map<number, Uint8Array>();
  db.tables.forEach((name, ordinal) => {
    if (accepts !== undefined && !accepts(decoder.decode(name))) return;
    let page = pages.at(-1);
    if (page === undefined || page.names.length === MAX_BATCH_ROWS) pages.push((page = newPage()));
    const schema = schemaOfTable(db, ordinal);
    let stable = stableNames.get(schema.ordinal);
    if (stable === undefined) {
      stable = schema.isStable ? encoder.encode(schema.name) : noName;
      stableNames.set(schema.ordinal, stable);
    }
    const row = page.names.push(name.slice()) - 1;
    page.stables.push(stable);
    page.created[row] = db.tables.created(ordinal);
    page.widths[row] = schema.schema.columns.length;
    page.uids[row] = db.tables.uid(ordinal);
    page.vgIds[row] = db.tables.vgId(ordinal);
  });
  return pages;
}

function newPage(): TablePage {
  const numbers = (): Float64Array => new Float64Array(MAX_BATCH_ROWS);
  return {
    names: [],
    stables: [],
    created: numbers(),
    widths: numbers(),
    uids: numbers(),
    tids: numbers(),
    vgIds: numbers(),
  };
}

/** Asks each vgroup for the tids of its tables; a vnode that does not serve leaves 0. */
async function fillTids(context: Context, page: TablePage): Promise<void> {
  const rows = page.names.length;
  for (const vgId of new Set(page.vgIds.subarray(0, rows))) {
    const at: number[] = [];
    for (let row = 0; row < rows; row++) if (page.vgIds[row] === vgId) at.push(row);
    const uids = Float64Array.from(at, (row) => page.uids[row]!);
    try {
      const tids = await context.vnodes.tids(vgId as VgId, uids);
      at.forEach((row, i) => (page.tids[row] = tids[i]!));
    } catch (error) {
      if (!(error instanceof TaosError)) throw error;
      context.logger.warn('MND', `vgId:${vgId} tells no tids: ${error.detail ?? error.message}`);
    }
  }
}

function batchOf(page: TablePage): Batch {
  const rows = page.names.length;
  const whole = (data: Float64Array): F64Vector => f64Vector(data.subarray(0, rows), 0);
  return {
    rows,
    columns: [
      stringVector(page.names),
      whole(page.created),
      whole(page.widths),
      stringVector(page.stables),
      whole(page.uids),
      whole(page.tids),
      whole(page.vgIds),
    ],
  };
}
