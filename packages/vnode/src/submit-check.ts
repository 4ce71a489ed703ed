/**
 * What a submit must be before it is logged, in this order: of tables that this vnode has; of columns
 * that they have; of times that the database keeps.
 */
import {
  ErrorCode,
  MS_PER_DAY,
  TaosError,
  ticksOfStored,
  timeArithmetic,
  type DbOptions,
  type SubmitGroup,
} from '@tdnode/common';
import { unknownTable, type Meta, type MetaSchema } from './meta/meta.ts';

/** The tids of a group's tables; throws when one is unknown, or the rows don't fit the schema. */
export function checkGroup(meta: Meta, group: SubmitGroup): Uint32Array {
  const schema = meta.schema(group.schemaUid);
  if (schema === undefined) throw unknownTable(group.schemaUid);
  const tids = tidsOfGroup(meta, group);
  for (let i = 0; i < tids.length; i++) {
    if (tids[i] === 0) throw unknownTable(group.uids[i]!);
  }
  if (group.schemaVersion !== (schema.schema.version & 0xffff)) checkColumns(schema, group);
  return tids;
}

/** Rows written under an older schema are welcome as long as their columns still exist as they were. */
function checkColumns(schema: MetaSchema, group: SubmitGroup): void {
  for (const { colId, type } of group.columns) {
    if (schema.typeOf[colId] === type) continue;
    throw new TaosError(ErrorCode.TDB_IVD_TB_SCHEMA_VERSION, undefined, {
      detail: `rows under schema version ${group.schemaVersion} of ${schema.name}, which has version ${schema.schema.version}`,
    });
  }
}

/** The tid of each segment's table; 0 where it is unknown or not of the group's schema. */
export function tidsOfGroup(meta: Meta, group: SubmitGroup): Uint32Array {
  const { tables } = meta;
  const { uids } = group;
  const number = meta.schema(group.schemaUid)?.number ?? 0;
  const tids = new Uint32Array(uids.length);
  for (let i = 0; i < uids.length; i++) {
    const tid = tables.find(uids[i]!);
    tids[i] = tid !== 0 && tables.schema(tid) === number ? tid : 0;
  }
  return tids;
}

/** Times that may be written now, both ends included. */
export interface TimeBounds {
  readonly from: number;
  readonly to: number;
}

/** Times that may be written now: not older than `keep`, not further ahead than `days`. */
export function timeBounds(options: DbOptions, nowMs: number): TimeBounds {
  const times = timeArithmetic(options.precision);
  const { keep, days } = options;
  return {
    from: times.fromMs(nowMs - keep[2] * MS_PER_DAY),
    to: times.fromMs(nowMs + days * MS_PER_DAY),
  };
}

/** Throws when a row's time is outside. */
export function checkTimes(group: SubmitGroup, bounds: TimeBounds): void {
  if (group.tsMin >= bounds.from && group.tsMax <= bounds.to) return;
  throw new TaosError(ErrorCode.TDB_TIMESTAMP_OUT_OF_RANGE, undefined, {
    detail: `times from ${ticksOfStored(group.tsMin)} to ${ticksOfStored(group.tsMax)}; this database takes ${ticksOfStored(bounds.from)} to ${ticksOfStored(bounds.to)} now`,
  });
}
