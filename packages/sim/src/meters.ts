/**
 * The database of the simulated vnodes: one stable with few child tables. A client's write is one row; its value
 * says which table and time it has, spread over some days so that files overlap.
 */
import {
  ColumnForm,
  SqlType,
  submitGroupBytes,
  writeSubmitGroup,
  type DbOptions,
  type Schema,
  type VgId,
} from '@tdnode/common';
import { encodeChanges, type VnodeConfig } from '@tdnode/rpc';

/** uid of the stable. */
export const METERS = 1000;
/** colId of the value. */
export const VALUE_COLUMN = 2;
/** The newest of the rows' times, ms: where virtual time begins. */
export const BEGIN_MS = 1_600_000_000_000;

const TABLES = 5;
/** After so many values there are new tables. */
const VALUES = 60;
const FIRST_UID = 2000;
/** A prime: multiples of another number, modulo it, are all different. */
const TIMES = 200_003;
const TIME_STRIDE = 104_729;
const ROW_MS = 1000;

const schema: Schema = {
  version: 1,
  columns: [
    { name: 'ts', type: SqlType.TIMESTAMP, bytes: 8, colId: 1 },
    { name: 'value', type: SqlType.DOUBLE, bytes: 8, colId: VALUE_COLUMN },
  ],
  tags: [{ name: 'groupid', type: SqlType.INT, bytes: 4, colId: 1 }],
};

const OPTIONS: DbOptions = {
  replica: 1,
  quorum: 1,
  days: 1,
  keep: [3650, 3650, 3650],
  cache: 16,
  blocks: 6,
  minRows: 10,
  maxRows: 200,
  comp: 2,
  walLevel: 1,
  fsync: 3000,
  update: 0,
  cacheLast: 0,
  precision: 'ms',
};

/** The vnode's configuration, with some options of its own. */
export function metersConfig(
  changed: Partial<DbOptions>,
  replicas: VnodeConfig['replicas'],
): VnodeConfig {
  return { vgId: 2 as VgId, db: 'power', options: { ...OPTIONS, ...changed }, replicas };
}

/** uid of the table that a value is written to. */
export function uidOf(value: number): number {
  return FIRST_UID + TABLES * Math.floor(value / VALUES) + (value % TABLES);
}

/** Whether nobody will write to a value's table any more, now that the newest value is `newest`. */
export function isFull(value: number, newest: number): boolean {
  return Math.floor(value / VALUES) < Math.floor(newest / VALUES);
}

/** The row's time, different for every value. */
export function timeOf(value: number): number {
  return BEGIN_MS - TIMES * ROW_MS + ((value * TIME_STRIDE) % TIMES) * ROW_MS;
}

/** The change that makes a table, and the stable if need be. */
export function createTable(uid: number): Uint8Array<ArrayBuffer> {
  return encodeChanges([
    { kind: 'putSchema', uid: METERS, name: 'meters', isStable: true, schema },
    {
      kind: 'createTables',
      schemaUid: METERS,
      tables: [{ uid, name: `t${uid}`, tags: [uid] }],
    },
  ]);
}

/** The change that drops a value's table. */
export function dropTable(value: number): Uint8Array<ArrayBuffer> {
  return encodeChanges([{ kind: 'dropTables', uids: [uidOf(value)] }]);
}

/** The change that deletes a value's row. */
export function deleteRow(value: number): Uint8Array<ArrayBuffer> {
  const at = timeOf(value);
  return encodeChanges([
    { kind: 'deleteRows', uid: uidOf(value), isStable: false, from: at, to: at },
  ]);
}

/** The submit that writes a value's row. */
export function insertRow(value: number): Uint8Array<ArrayBuffer> {
  const bytes = (data: Float64Array): Uint8Array => new Uint8Array(data.buffer);
  const source = {
    schemaUid: METERS,
    schemaVersion: schema.version,
    rows: 1,
    segments: 1,
    uids: [uidOf(value)],
    rowCounts: [1],
    columns: [
      {
        colId: 1,
        type: SqlType.TIMESTAMP,
        form: ColumnForm.WIDE_AS_DOUBLE,
        data: [bytes(Float64Array.of(timeOf(value)))],
      },
      {
        colId: VALUE_COLUMN,
        type: SqlType.DOUBLE,
        form: ColumnForm.NATIVE,
        data: [bytes(Float64Array.of(value))],
      },
    ],
  };
  const payload = new Uint8Array(submitGroupBytes(source));
  writeSubmitGroup(source, payload, 0);
  return payload;
}
