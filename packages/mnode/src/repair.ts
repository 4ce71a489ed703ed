/**
 * A new master tells vnodes again what the last one may not have told them. A checkpoint holds only what was
 * delivered, so that the records after it are all there is to repeat. Of vgroups with several
 * replicas only tables and schemas are repaired here: who lacks a vnode or has old options is told when it reports.
 */
import type { VgId } from '@tdnode/common';
import { decodeChanges, encodeChanges, type Change, type NewTable } from '@tdnode/rpc';
import { putSchemaChange, stateOf, vnodeConfig, type Context } from './context.ts';
import { findVgroup } from './cluster/view.ts';
import { vnodeExists } from './outbox.ts';
import type { SdbRecord } from './sdb/records.ts';
import type { DbState } from './sdb/state.ts';

/** A vgroup on other dnodes that could not be asked, and the records that concern it. */
export interface Unrepaired {
  readonly vgId: number;
  readonly wasAltered: boolean;
  readonly records: readonly SdbRecord[];
}

/**
 * Repeats what `tail` (records in order, already applied) means for the vnodes of this dnode; failures are logged, not
 * thrown. Returned is what is to be told to other dnodes, which may come later.
 */
export async function repairVnodes(
  context: Context,
  tail: readonly SdbRecord[],
): Promise<Unrepaired[]> {
  for (const vgId of droppedVgroups(context, tail)) {
    const here = context.dnode.id;
    await attempt(context, vgId, () => context.commands.dropVnode(here, vgId as VgId));
  }
  const here: Unrepaired[] = [];
  const elsewhere: Unrepaired[] = [];
  for (const db of stateOf(context).dbs.values()) {
    const records = tail.filter((record) => 'db' in record && record.db === db.name);
    const wasAltered = tail.some((record) => record.kind === 'putDb' && record.name === db.name);
    for (const { vgId, replicas } of db.vgroups) {
      const isHere = replicas.every((id) => id === context.dnode.id);
      if (isHere) here.push({ vgId, wasAltered, records });
      else if (wasAltered || records.length > 0) elsewhere.push({ vgId, wasAltered, records });
    }
  }
  await repairAgain(context, here);
  return elsewhere;
}

/** Tries; returns what is to be tried again. */
export async function repairAgain(
  context: Context,
  work: readonly Unrepaired[],
): Promise<Unrepaired[]> {
  const isDone = await Promise.all(
    work.map((item) => attempt(context, item.vgId, () => repairVgroup(context, item))),
  );
  return work.filter((_, i) => !isDone[i]);
}

async function repairVgroup(
  context: Context,
  { vgId, wasAltered, records }: Unrepaired,
): Promise<void> {
  const place = findVgroup(stateOf(context), vgId);
  if (place === undefined) return;
  const { db, vgroup } = place;
  const config = vnodeConfig(context, db, vgId, vgroup.replicas);
  const [first = 0, ...more] = vgroup.replicas;
  const exists = more.length > 0 || (await vnodeExists(context.vnodes, vgId));
  if (!exists) await context.commands.createVnode(first, config, 'voter');
  else if (wasAltered && more.length === 0) await context.commands.alterVnode(first, config);
  // What the vnode has already may be in its log and not on its disk.
  if (records.length > 0) context.outbox.touched.add(vgId);
  await repairTables(context, db, { vgId, isNew: !exists }, records);
}

async function attempt(
  context: Context,
  vgId: number,
  work: () => Promise<void>,
): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    context.logger.error('MND', `vgId:${vgId} could not be told what changed: ${String(error)}`);
    return false;
  }
}

/** Vgroups of databases that were dropped, if no record after that made them again (ids are not reused). */
function droppedVgroups(context: Context, tail: readonly SdbRecord[]): number[] {
  const living = new Set<number>();
  for (const db of stateOf(context).dbs.values())
    for (const { vgId } of db.vgroups) living.add(vgId);
  return tail.flatMap((record) =>
    record.kind === 'dropDb' ? record.vgIds.filter((vgId) => !living.has(vgId)) : [],
  );
}

async function repairTables(
  context: Context,
  db: DbState,
  { vgId, isNew }: { readonly vgId: number; readonly isNew: boolean },
  records: readonly SdbRecord[],
): Promise<void> {
  const changes: Change[] = [...droppedIn(records, vgId), ...schemasIn(db, vgId, records, isNew)];
  changes.push(...(await missingTables(context, db, vgId, records)));
  if (changes.length > 0)
    await context.vnodes.write(vgId as VgId, 'change', encodeChanges(changes));
}

function droppedIn(records: readonly SdbRecord[], vgId: number): Change[] {
  const changes: Change[] = [];
  for (const record of records) {
    if (record.kind === 'dropStable') changes.push({ kind: 'dropStable', uid: record.uid });
    if (record.kind !== 'dropTables') continue;
    const uids = record.tables.filter((table) => table.vgId === vgId).map((table) => table.uid);
    if (uids.length > 0) changes.push({ kind: 'dropTables', uids });
  }
  return changes;
}

/** Schemas as they are now: of all stables when anything is in doubt, of the normal tables that the records touched. */
function schemasIn(
  db: DbState,
  vgId: number,
  records: readonly SdbRecord[],
  isNew: boolean,
): Change[] {
  const inDoubt = isNew || records.length > 0;
  const uids = new Set(inDoubt ? [...db.stables.values()].map((stable) => stable.uid) : []);
  for (const record of records) if (record.kind === 'putSchema') uids.add(record.uid);
  const changes: Change[] = [];
  for (const uid of uids) {
    const entry = db.schemaByUid.get(uid);
    if (entry === undefined) continue;
    if (!entry.isStable && db.tables.vgId(db.tables.findText(entry.name)) !== vgId) continue;
    changes.push(putSchemaChange(entry, entry.schema));
  }
  return changes;
}

interface MadeTable {
  readonly schemaUid: number;
  readonly table: NewTable;
}

/** Tables of the records that still exist, and that the vnode does not know. */
async function missingTables(
  context: Context,
  db: DbState,
  vgId: number,
  records: readonly SdbRecord[],
): Promise<Change[]> {
  const living = records
    .flatMap((record) => tablesMadeBy(record, db, vgId))
    .filter(({ table }) => isLiving(db, table));
  if (living.length === 0) return [];
  const tids = await context.vnodes.tids(
    vgId as VgId,
    Float64Array.from(living, ({ table }) => table.uid),
  );
  // Statements go on meanwhile: what one has dropped must not come back.
  return living
    .filter(({ table }, i) => tids[i] === 0 && isLiving(db, table))
    .map(({ schemaUid, table }) => ({ kind: 'createTables', schemaUid, tables: [table] }));
}

function isLiving(db: DbState, { name, uid }: NewTable): boolean {
  const ordinal = db.tables.findText(name);
  return ordinal >= 0 && db.tables.uid(ordinal) === uid;
}

function tablesMadeBy(record: SdbRecord, db: DbState, vgId: number): MadeTable[] {
  if (record.kind === 'putNormal' && record.vgId === vgId) {
    const { uid } = record;
    const entry = db.schemaByUid.get(uid);
    return entry === undefined
      ? []
      : [{ schemaUid: uid, table: { uid, name: entry.name, tags: [] } }];
  }
  if (record.kind !== 'putChildren') return [];
  return record.runs
    .filter((run) => run.vgId === vgId)
    .flatMap((run) => decodeChanges(run.payload))
    .flatMap((change) =>
      change.kind === 'createTables'
        ? change.tables.map((table) => ({ schemaUid: change.schemaUid, table }))
        : [],
    );
}
