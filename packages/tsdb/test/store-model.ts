/**
 * For tests of the store: a plain model of what it should answer (rows in a map by time), a log that is
 * replayed after a reopen, and the submit payloads for both.
 */
import {
  ColumnForm,
  NULL_BIGINT,
  SqlType,
  isStringType,
  isUnsignedType,
  isWideType,
  readSubmit,
  silentLogger,
  submitGroupBytes,
  typeWidth,
  vectorValue,
  writeSubmitGroup,
  type Clock,
  type Column,
  type DbOptions,
  type FileSystem,
  type Logger,
  type SubmitColumnSource,
} from '@tdnode/common';
import { Store, type BlockCursor, type CursorSpec } from '../src/index.ts';

export type Value = null | number | bigint | string;
export type Row = ReadonlyMap<number, Value>;

export const DAY = 86_400_000;

export const testOptions: DbOptions = {
  replica: 1,
  quorum: 1,
  days: 1,
  keep: [3650, 3650, 3650],
  cache: 16,
  blocks: 6,
  minRows: 8,
  maxRows: 8,
  comp: 2,
  walLevel: 1,
  fsync: 3000,
  update: 0,
  cacheLast: 0,
  precision: 'ms',
};

/** One segment of a write: rows of one table, ascending; each row gives values for the write's columns. */
export interface WriteSegment {
  readonly tid: number;
  readonly rows: readonly { readonly ts: number; readonly values: readonly Value[] }[];
}

export interface Write {
  readonly columns: readonly Column[];
  readonly segments: readonly WriteSegment[];
}

type Logged =
  | { readonly kind: 'write'; readonly write: Write }
  | { readonly kind: 'drop'; readonly tid: number }
  | { readonly kind: 'delete'; readonly tid: number; readonly from: number; readonly to: number };

const encoder = new TextEncoder();

/** A write as a submit payload. */
export function encodeWrite(write: Write): Uint8Array {
  const rows = write.segments.flatMap((segment) => segment.rows);
  const ts = Float64Array.from(rows, (row) => row.ts);
  const columns: SubmitColumnSource[] = [
    {
      colId: 1,
      type: SqlType.TIMESTAMP,
      form: ColumnForm.WIDE_AS_DOUBLE,
      data: [new Uint8Array(ts.buffer)],
    },
  ];
  write.columns.forEach((column, i) =>
    columns.push(
      encodeColumn(
        column,
        rows.map((row) => row.values[i]!),
      ),
    ),
  );
  const source = {
    schemaUid: 7,
    schemaVersion: 1,
    rows: rows.length,
    uids: write.segments.map((segment) => segment.tid + 1000),
    rowCounts: write.segments.map((segment) => segment.rows.length),
    segments: write.segments.length,
    columns,
  };
  const bytes = new Uint8Array(submitGroupBytes(source));
  writeSubmitGroup(source, bytes, 0);
  return bytes;
}

function encodeColumn({ colId, type }: Column, values: readonly Value[]): SubmitColumnSource {
  if (isStringType(type))
    return { colId, type, form: ColumnForm.NATIVE, data: encodeStrings(values) };
  if (isWideType(type)) {
    if (values.every((value) => typeof value !== 'bigint')) {
      const doubles = Float64Array.from(values, (value) => (value === null ? NaN : Number(value)));
      return {
        colId,
        type,
        form: ColumnForm.WIDE_AS_DOUBLE,
        data: [new Uint8Array(doubles.buffer)],
      };
    }
    const missing = isUnsignedType(type) ? -1n : NULL_BIGINT;
    const wide = BigInt64Array.from(values, (value) => (value === null ? missing : BigInt(value)));
    return { colId, type, form: ColumnForm.NATIVE, data: [new Uint8Array(wide.buffer)] };
  }
  const bytes = new Uint8Array(values.length * typeWidth(type));
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => setNative(view, i, type, value));
  return { colId, type, form: ColumnForm.NATIVE, data: [bytes] };
}

/** Reserved values of the narrow integer types, and of BOOL. */
const NULLS: { readonly [type: number]: number } = {
  [SqlType.BOOL]: 2,
  [SqlType.TINYINT]: -128,
  [SqlType.SMALLINT]: -32768,
  [SqlType.INT]: -2147483648,
  [SqlType.UTINYINT]: 255,
  [SqlType.USMALLINT]: 65535,
  [SqlType.UINT]: 4294967295,
};

function setNative(view: DataView, i: number, type: SqlType, value: Value): void {
  const number = value === null ? (NULLS[type] ?? NaN) : Number(value);
  switch (type) {
    case SqlType.BOOL:
    case SqlType.UTINYINT:
      return view.setUint8(i, number);
    case SqlType.TINYINT:
      return view.setInt8(i, number);
    case SqlType.SMALLINT:
      return view.setInt16(i * 2, number, true);
    case SqlType.USMALLINT:
      return view.setUint16(i * 2, number, true);
    case SqlType.INT:
      return view.setInt32(i * 4, number, true);
    case SqlType.UINT:
      return view.setUint32(i * 4, number, true);
    case SqlType.FLOAT:
      return view.setFloat32(i * 4, number, true);
    default:
      return view.setFloat64(i * 8, number, true);
  }
}

function encodeStrings(values: readonly Value[]): Uint8Array[] {
  const parts = values.map((value) => encoder.encode(value === null ? '' : String(value)));
  const offsets = new Uint32Array(values.length + 1);
  const nulls = new Uint8Array((values.length + 7) >> 3);
  parts.forEach((part, i) => {
    offsets[i + 1] = offsets[i]! + part.length;
    if (values[i] === null) nulls[i >> 3]! |= 1 << (i & 7);
  });
  return [new Uint8Array(offsets.buffer), nulls, ...parts];
}

/** The rows of a cursor as plain values, and the rows of each of its blocks. Closes it. */
export function readAll(
  cursor: BlockCursor,
  columns: readonly Column[],
): { ts: number; row: Row }[][] {
  const blocks: { ts: number; row: Row }[][] = [];
  for (let block = cursor.next(); block !== undefined; block = cursor.next()) {
    const rows: { ts: number; row: Row }[] = [];
    const ts = block.ts();
    const vectors = columns.map((_, i) => block.column(i));
    for (let i = 0; i < block.rows; i++) {
      rows.push({
        ts: ts[i]!,
        row: new Map(columns.map(({ colId }, k) => [colId, plain(vectorValue(vectors[k]!, i))])),
      });
    }
    blocks.push(rows);
  }
  cursor.close();
  return blocks;
}

const decoder = new TextDecoder();

/** Vector values in the model's terms: strings as text, integers that fit as numbers. */
export function plain(value: null | number | bigint | Uint8Array): Value {
  if (value instanceof Uint8Array) return decoder.decode(value);
  if (typeof value === 'bigint' && value >= -(2n ** 53n) && value <= 2n ** 53n)
    return Number(value);
  return value;
}

/** A store and what it should answer. */
export class StoreModel {
  store: Store;
  columns: Column[];
  readonly options: DbOptions;
  readonly clock: Clock;
  readonly log: Logged[] = [];
  readonly tables = new Map<number, Map<number, Row>>();
  readonly dropped = new Set<number>();
  /** How many compactions came to their end. */
  compactions = 0;
  #fs: FileSystem;

  constructor(fs: FileSystem, clock: Clock, options: DbOptions, columns: Column[]) {
    this.#fs = fs;
    this.clock = clock;
    this.options = options;
    this.columns = columns;
    this.store = this.#open();
  }

  #open(): Store {
    const logger: Logger = {
      ...silentLogger,
      debug: (_, text) => void (text().includes('compaction') && this.compactions++),
    };
    return Store.open({
      fs: this.#fs,
      dir: '/v/tsdb',
      options: this.options,
      clock: this.clock,
      logger,
      columnsOf: (tid) => (this.dropped.has(tid) ? undefined : this.columns),
    });
  }

  write(write: Write): void {
    this.#take({ kind: 'write', write });
  }

  drop(tid: number): void {
    this.#take({ kind: 'drop', tid });
  }

  deleteRows(tid: number, from: number, to: number): void {
    this.#take({ kind: 'delete', tid, from, to });
  }

  #take(record: Logged): void {
    this.log.push(record);
    if (record.kind === 'drop') this.dropped.add(record.tid);
    this.#apply(this.log.length, record);
    this.#note(record);
  }

  /** What the record makes of the rows that should be there. */
  #note(record: Logged): void {
    if (record.kind === 'drop') {
      this.dropped.add(record.tid);
      this.tables.delete(record.tid);
      return;
    }
    if (record.kind === 'delete') {
      const table = this.tables.get(record.tid);
      for (const ts of table?.keys() ?? [])
        if (ts >= record.from && ts <= record.to) table!.delete(ts);
      return;
    }
    const { columns, segments } = record.write;
    for (const { tid, rows } of segments) {
      let table = this.tables.get(tid);
      if (table === undefined) this.tables.set(tid, (table = new Map()));
      for (const { ts, values } of rows) {
        if (this.options.update === 0 && table.has(ts)) continue;
        table.set(ts, new Map(columns.map(({ colId }, i) => [colId, values[i]!])));
      }
    }
  }

  /** Takes back everything above a version, as a replica does whose master was deposed. */
  undoTo(version: number): void {
    this.log.length = version;
    this.tables.clear();
    this.dropped.clear();
    for (const record of this.log) this.#note(record);
    this.store.close();
    this.reopen();
  }

  /** Opens the store again, on another file system if one is given, and replays what was not in files. */
  reopen(fs = this.#fs): void {
    this.#fs = fs;
    this.store = this.#open();
    for (let version = this.store.committedVersion + 1; version <= this.log.length; version++) {
      this.#apply(version, this.log[version - 1]!);
    }
  }

  /** What a cursor should give, ascending. */
  expected(
    tid: number,
    columns: readonly Column[],
    from: number,
    to: number,
  ): { ts: number; row: Row }[] {
    return [...(this.tables.get(tid) ?? [])]
      .filter(([ts]) => ts >= from && ts <= to)
      .sort(([a], [b]) => a - b)
      .map(([ts, row]) => ({
        ts,
        row: new Map(columns.map(({ colId }) => [colId, row.get(colId) ?? null])),
      }));
  }

  spec(columns: readonly Column[], from: number, to: number, descending: boolean): CursorSpec {
    return {
      colIds: columns.map((c) => c.colId),
      types: columns.map((c) => c.type),
      from,
      to,
      descending,
    };
  }

  /** Brings a record to the store. */
  #apply(version: number, record: Logged): void {
    if (record.kind === 'drop') return this.store.dropTables(version, [record.tid]);
    if (record.kind === 'delete') return this.store.deleteRows(version, [record.tid], record);
    const { write } = record;
    for (const group of readSubmit(encodeWrite(write))) {
      this.store.append(
        version,
        group,
        Uint32Array.from(write.segments, ({ tid }) => tid),
      );
    }
  }
}

export function column(colId: number, type: SqlType): Column {
  return { name: `c${colId}`, type, bytes: typeWidth(type) || 16, colId };
}
