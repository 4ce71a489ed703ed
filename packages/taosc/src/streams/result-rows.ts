/** Results of a continuous query as a submit payload (docs/format/submit.md) of the table that keeps them. */
import {
  ColumnForm,
  ErrorCode,
  SqlType,
  TaosError,
  isNullString,
  isWideType,
  submitGroupBytes,
  writeSubmitGroup,
  NULL_BOOL,
  NULL_INT,
  NULL_SMALLINT,
  NULL_TINYINT,
  NULL_UINT,
  NULL_USMALLINT,
  NULL_UTINYINT,
  type Batch,
  type Column,
  type StrVector,
  type SubmitColumnSource,
  type Vector,
} from '@tdnode/common';
import type { TableMeta } from '@tdnode/rpc';

/** The rows of `batch`, which are of `table`: column `i` of the batch goes into `columns[i]`, the time first. */
export function resultPayload(
  table: TableMeta,
  columns: readonly Column[],
  batch: Batch,
): Uint8Array<ArrayBuffer> {
  const { rows } = batch;
  const group = {
    schemaUid: table.schemaUid,
    schemaVersion: table.schema.version,
    rows,
    uids: [table.uid],
    rowCounts: [rows],
    segments: 1,
    columns: columns.map((column, i) => columnOf(column, batch.columns[i]!, rows)),
  };
  const payload = new Uint8Array(submitGroupBytes(group));
  writeSubmitGroup(group, payload, 0);
  return payload;
}

/** Rows of `table` with nothing but a time. */
export function emptyPayload(table: TableMeta, times: readonly number[]): Uint8Array<ArrayBuffer> {
  const [time] = table.schema.columns;
  const data = Float64Array.from(times);
  return resultPayload(table, [time!], {
    rows: times.length,
    columns: [{ kind: 'f64', data, nullCount: 0 }],
  });
}

/** Payloads one after the other: one record of the log, there whole or not at all. */
export function joinPayloads(payloads: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(payloads.reduce((bytes, { length }) => bytes + length, 0));
  let at = 0;
  for (const payload of payloads) {
    joined.set(payload, at);
    at += payload.length;
  }
  return joined;
}

/** The columns of the table that keep results of these names and types; throws 512 when it has others. */
export function resultColumns(
  table: TableMeta,
  results: readonly { readonly name: string; readonly type: SqlType }[],
): Column[] {
  return results.map(({ name, type }) => {
    const column = table.schema.columns.find((one) => one.name === name);
    if (column?.type === type) return column;
    throw new TaosError(ErrorCode.TSC_INVALID_OPERATION, undefined, {
      detail: `table ${table.db}.${table.name} has no column ${name} of the type that its continuous query gives`,
    });
  });
}

function columnOf({ colId, type }: Column, vector: Vector, rows: number): SubmitColumnSource {
  if (vector.kind === 'str') {
    return { colId, type, form: ColumnForm.NATIVE, data: stringData(vector, rows) };
  }
  const data = vector.data.subarray(0, rows);
  if (vector.kind === 'i64') return { colId, type, form: ColumnForm.NATIVE, data: [bytesOf(data)] };
  const values = vector.data.subarray(0, rows);
  return isWideType(type)
    ? { colId, type, form: ColumnForm.WIDE_AS_DOUBLE, data: [bytesOf(values)] }
    : { colId, type, form: ColumnForm.NATIVE, data: [bytesOf(narrow(type, values))] };
}

/** Offsets, bitmap of NULLs, bytes. */
function stringData(vector: StrVector, rows: number): Uint8Array[] {
  const first = vector.offsets[0]!;
  const offsets = new Uint32Array(rows + 1);
  const nulls = new Uint8Array(Math.ceil(rows / 8));
  for (let i = 0; i <= rows; i++) offsets[i] = vector.offsets[i]! - first;
  for (let i = 0; i < rows; i++) if (isNullString(vector, i)) nulls[i >> 3]! |= 1 << (i & 7);
  return [bytesOf(offsets), nulls, vector.bytes.subarray(first, vector.offsets[rows])];
}

/** Values in their native width, NaN as the type's NULL. */
function narrow(type: SqlType, values: Float64Array): ArrayBufferView {
  switch (type) {
    case SqlType.BOOL:
      return Uint8Array.from(values, orNull(NULL_BOOL));
    case SqlType.TINYINT:
      return Int8Array.from(values, orNull(NULL_TINYINT));
    case SqlType.SMALLINT:
      return Int16Array.from(values, orNull(NULL_SMALLINT));
    case SqlType.INT:
      return Int32Array.from(values, orNull(NULL_INT));
    case SqlType.UTINYINT:
      return Uint8Array.from(values, orNull(NULL_UTINYINT));
    case SqlType.USMALLINT:
      return Uint16Array.from(values, orNull(NULL_USMALLINT));
    case SqlType.UINT:
      return Uint32Array.from(values, orNull(NULL_UINT));
    case SqlType.FLOAT:
      return Float32Array.from(values);
    default:
      return values;
  }
}

function orNull(nullValue: number): (value: number) => number {
  return (value) => (Number.isNaN(value) ? nullValue : value);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The rows of `batch` whose time lies in `[from, to)`; they ascend. */
export function rowsBetween(batch: Batch, from: number, to: number): Batch {
  const times = timesOf(batch);
  let first = 0;
  let end = batch.rows;
  while (first < end && times[first]! < from) first++;
  while (end > first && times[end - 1]! >= to) end--;
  if (first === 0 && end === batch.rows) return batch;
  return { rows: end - first, columns: batch.columns.map((vector) => slice(vector, first, end)) };
}

/** The times of the rows, ticks. */
export function timesOf({ rows, columns }: Batch): Float64Array {
  const [time] = columns;
  if (time?.kind !== 'f64')
    throw new TaosError(ErrorCode.COM_OPS_NOT_SUPPORT, undefined, {
      detail: 'times that are not exact as doubles',
    });
  return time.data.subarray(0, rows);
}

function slice(vector: Vector, from: number, to: number): Vector {
  switch (vector.kind) {
    case 'f64':
      return { kind: 'f64', data: vector.data.subarray(from, to), nullCount: -1 };
    case 'i64':
      return { ...vector, data: vector.data.subarray(from, to), nullCount: -1 };
    case 'str': {
      const nulls = new Uint8Array(Math.ceil((to - from) / 8));
      for (let i = from; i < to; i++)
        if (isNullString(vector, i)) nulls[(i - from) >> 3]! |= 1 << ((i - from) & 7);
      const offsets = vector.offsets.subarray(from, to + 1);
      return { kind: 'str', offsets, bytes: vector.bytes, nulls, nullCount: -1 };
    }
  }
}
