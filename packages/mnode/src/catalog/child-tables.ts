/**
 * Child tables, one or a thousand a statement. All entries are judged before anything is created; then one
 * record of the log carries, for each vgroup, the very payload that its vnodes get.
 */
import { ErrorCode, TaosError, invalidOperation, type TagValue } from '@tdnode/common';
import {
  encodeChanges,
  type AdminResult,
  type Change,
  type NewTable,
  type Session,
} from '@tdnode/rpc';
import type { ChildTableEntry, CreateChildTables } from '@tdnode/sql';
import {
  commit,
  noSuchTable,
  requireDb,
  requireWriteRight,
  stateOf,
  type Context,
} from '../context.ts';
import type { Delivery } from '../outbox.ts';
import type { ChildRun } from '../sdb/records.ts';
import type { DbState, SchemaState } from '../sdb/state.ts';
import { done } from './databases.ts';
import { noRoom, placeTables } from './place.ts';
import { alreadyThere, checkTableName, nameTaken } from './tables.ts';
import { convertTag } from './tag-literal.ts';

/** A child table to be. */
export interface NewChild {
  readonly name: string;
  readonly stable: SchemaState;
  readonly tags: readonly TagValue[];
}

export async function createChildTables(
  context: Context,
  statement: CreateChildTables,
  session: Session,
  sql: string,
): Promise<AdminResult> {
  requireWriteRight(context, session);
  const byDb = new Map<DbState, NewChild[]>();
  const { entries } = statement;
  for (const entry of entries) {
    const db = requireDb(context, entry.table.db, session);
    checkTableName(entry.table.name);
    const stable = requireDb(context, entry.stable.db, session).stables.get(entry.stable.name);
    if (stable === undefined) throw noSuchTable(entry.stable.name);
    if (db.schemaByUid.get(stable.uid) !== stable)
      throw invalidOperation('a table and its stable belong to one database');
    let children = byDb.get(db);
    if (children === undefined) byDb.set(db, (children = []));
    children.push({ name: entry.table.name, stable, tags: tagsOf(entry, stable, sql) });
  }
  for (const [db, children] of byDb) {
    const missing = missingOf(db, children);
    if (missing.length === 0 && entries.length === 1 && !entries[0]!.ifNotExists)
      throw alreadyThere(entries[0]!.table.name);
    await (missing.length === 0
      ? context.outbox.settled(db.name)
      : addChildren(context, db, missing));
  }
  return done;
}

/** Those that are not there yet, each name once; the first of two counts. */
export function missingOf(db: DbState, children: readonly NewChild[]): NewChild[] {
  const seen = new Set<string>();
  const missing: NewChild[] = [];
  for (const child of children) {
    if (seen.has(child.name) || nameTaken(db, child.name)) continue;
    seen.add(child.name);
    missing.push(child);
  }
  return missing;
}

/** Creates tables that are known to be missing; throws 820 when there was not room for all (the others exist then). */
export async function addChildren(
  context: Context,
  db: DbState,
  children: readonly NewChild[],
): Promise<void> {
  const places = placeTables(context, db, children.length);
  const deliveries: Delivery[] = [...places.deliveries];
  const runs: ChildRun[] = [];
  let uid = stateOf(context).nextUid;
  let at = 0;
  for (const { vgId, count } of places.runs) {
    const payload = encodeChanges(changesOf(children, at, at + count, uid));
    uid += count;
    at += count;
    runs.push({ vgId, payload });
    deliveries.push({ kind: 'change', vgId, payload });
  }
  if (runs.length > 0) {
    const created = context.clock.now();
    const record = { kind: 'putChildren' as const, db: db.name, created, fill: places.fill, runs };
    const sent = commit(context, db.name, [...places.records, record], deliveries);
    try {
      await sent;
    } finally {
      if (places.records.length > 0) context.notify({ db: db.name, table: undefined });
    }
  }
  if (places.refused > 0) throw noRoom(db);
}

/** Children [from, to), those of one stable that follow each other together; uids count from `uid`. */
function changesOf(children: readonly NewChild[], from: number, to: number, uid: number): Change[] {
  const changes: Change[] = [];
  let tables: NewTable[] = [];
  let stable: SchemaState | undefined;
  for (let i = from; i < to; i++) {
    const child = children[i]!;
    if (child.stable !== stable) {
      stable = child.stable;
      tables = [];
      changes.push({ kind: 'createTables', schemaUid: stable.uid, tables });
    }
    tables.push({ uid: uid + i - from, name: child.name, tags: child.tags });
  }
  return changes;
}

/** The entry's literals as values, one a tag of the stable; throws 512. */
function tagsOf(entry: ChildTableEntry, stable: SchemaState, sql: string): TagValue[] {
  const { tags } = stable.schema;
  const { tagNames, tagValues } = entry;
  if (tagValues.length !== (tagNames ?? tags).length)
    throw invalidOperation('tags number not matched', entry.table.name);
  const values: TagValue[] = [];
  if (tagNames === undefined) {
    for (let i = 0; i < tags.length; i++) values.push(tagValue(entry, i, tags[i]!));
    return values;
  }
  for (let i = 0; i < tags.length; i++) values.push(null);
  for (let i = 0; i < tagNames.length; i++) {
    const index = tags.findIndex((tag) => tag.name === tagNames[i]);
    if (index < 0) throw unknownTag(entry, tagNames[i]!, sql);
    values[index] = tagValue(entry, i, tags[index]!);
  }
  return values;
}

function tagValue(
  entry: ChildTableEntry,
  index: number,
  tag: SchemaState['schema']['tags'][number],
): TagValue {
  const conversion = convertTag(entry.tagValues[index]!, tag);
  if (conversion.ok) return conversion.value;
  throw invalidOperation(
    conversion.why === 'tooLong' ? 'tag value too long' : 'illegal value or data overflow',
    tag.name,
  );
}

/** The real server quotes the statement from the wrong word on. */
function unknownTag(entry: ChildTableEntry, name: string, sql: string): TaosError {
  const list = sql.indexOf('(', entry.stable.end);
  const at = list < 0 ? -1 : sql.toLowerCase().indexOf(name, list);
  return new TaosError(
    ErrorCode.TSC_INVALID_OPERATION,
    `invalid SQL: invalid operation: '${at < 0 ? name : sql.slice(at)}' (invalid tag name)`,
    { detail: `stable ${entry.stable.name} has no tag ${name}` },
  );
}
