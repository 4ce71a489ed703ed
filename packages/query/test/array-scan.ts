/**
 * A Scan over plain arrays of rows, for tests: blocks of any size, statistics or not, newest row or not.
 * Counts open cursors, so that a test can see whether all were closed.
 */
import { isStringType, isUnsignedType } from '@tdnode/common';
import type { Column, SqlType, TagValue, Vector } from '@tdnode/common';
import type {
  BlockCursor,
  ColumnStats,
  Scan,
  ScanBlock,
  ScanSpec,
  ScanTable,
} from '../src/scan.ts';

/** A table: rows ascend in time, values stand in the order of the columns behind the time column. */
export interface ArrayTable {
  readonly uid: number;
  readonly name: string;
  readonly stableUid: number;
  readonly tags: readonly TagValue[];
  readonly columns: readonly Column[];
  readonly rows: readonly ArrayRow[];
}

export interface ArrayRow {
  readonly ts: number;
  readonly values: readonly TagValue[];
}

export interface ArrayScanOptions {
  readonly blockRows: number;
  readonly hasStats: boolean;
  readonly hasNewestRow: boolean;
}

export class ArrayScan implements Scan {
  readonly #tables: readonly ArrayTable[];
  readonly #options: ArrayScanOptions;
  openCursors = 0;
  blocksRead = 0;

  constructor(tables: readonly ArrayTable[], options: ArrayScanOptions) {
    this.#tables = tables;
    this.#options = options;
  }

  table(uid: number): ScanTable | undefined {
    const at = this.#tables.findIndex((table) => table.uid === uid);
    return at < 0 ? undefined : scanTable(this.#tables[at]!, at + 1);
  }

  childTables(stableUid: number): ScanTable[] {
    return this.#tables.flatMap((table, i) =>
      table.stableUid === stableUid ? [scanTable(table, i + 1)] : [],
    );
  }

  childTableCount(stableUid: number): number {
    return this.childTables(stableUid).length;
  }

  open(table: ScanTable, spec: ScanSpec): BlockCursor {
    const source = this.#tables[table.tid - 1]!;
    const rows = source.rows.filter((row) => row.ts >= spec.from && row.ts <= spec.to);
    const blocks: ArrayRow[][] = [];
    for (let i = 0; i < rows.length; i += this.#options.blockRows) {
      blocks.push(rows.slice(i, i + this.#options.blockRows));
    }
    if (spec.descending) blocks.reverse();
    this.openCursors++;
    let isOpen = true;
    return {
      next: () => {
        const block = blocks.shift();
        if (block === undefined) return undefined;
        this.blocksRead++;
        return scanBlock(source, block, spec.colIds, this.#options.hasStats);
      },
      close: () => {
        if (isOpen) this.openCursors--;
        isOpen = false;
      },
    };
  }

  lastRow(
    table: ScanTable,
    colIds: readonly number[],
  ): { ts: number; columns: Vector[] } | null | undefined {
    if (!this.#options.hasNewestRow) return undefined;
    const source = this.#tables[table.tid - 1]!;
    const newest = source.rows.at(-1);
    if (newest === undefined) return null;
    return { ts: newest.ts, columns: colIds.map((colId) => columnOf(source, [newest], colId)) };
  }
}

function scanTable(table: ArrayTable, tid: number): ScanTable {
  return { uid: table.uid, tid, name: table.name, tag: (colId) => table.tags[colId - 1] ?? null };
}

function scanBlock(
  table: ArrayTable,
  rows: readonly ArrayRow[],
  colIds: readonly number[],
  hasStats: boolean,
): ScanBlock {
  return {
    rows: rows.length,
    tsFirst: rows[0]!.ts,
    tsLast: rows.at(-1)!.ts,
    ts: () => Float64Array.from(rows, (row) => row.ts),
    column: (i) => columnOf(table, rows, colIds[i]!),
    stats: (i) => (hasStats ? statsOf(columnOf(table, rows, colIds[i]!), rows.length) : undefined),
  };
}

function columnOf(table: ArrayTable, rows: readonly ArrayRow[], colId: number): Vector {
  const at = table.columns.findIndex((column) => column.colId === colId);
  const type = table.columns[at]!.type;
  return makeVector(
    type,
    rows.map((row) => row.values[at - 1] ?? null),
  );
}

/** A vector of values of one type. */
export function makeVector(type: SqlType, values: readonly TagValue[]): Vector {
  if (isStringType(type)) return stringVector(values);
  const nullCount = values.filter((value) => value === null).length;
  if (!values.some((value) => typeof value === 'bigint')) {
    return {
      kind: 'f64',
      data: Float64Array.from(values, (value) => (value === null ? NaN : Number(value))),
      nullCount,
    };
  }
  const unsigned = isUnsignedType(type);
  const empty = unsigned ? -1n : -(2n ** 63n);
  const data = BigInt64Array.from(values, (value) =>
    typeof value === 'bigint' || typeof value === 'number'
      ? BigInt.asIntN(64, BigInt(value))
      : empty,
  );
  return { kind: 'i64', data, unsigned, nullCount };
}

function stringVector(values: readonly TagValue[]): Vector {
  const parts = values.map((value) => (value instanceof Uint8Array ? value : new Uint8Array(0)));
  const offsets = new Uint32Array(values.length + 1);
  parts.forEach((part, i) => {
    offsets[i + 1] = offsets[i]! + part.length;
  });
  const nulls = new Uint8Array((values.length + 7) >> 3);
  values.forEach((value, i) => {
    if (value === null) nulls[i >> 3]! |= 1 << (i & 7);
  });
  const nullCount = values.filter((value) => value === null).length;
  const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
  return { kind: 'str', offsets, bytes, nulls: nullCount > 0 ? nulls : undefined, nullCount };
}

function statsOf(vector: Vector, rows: number): ColumnStats | undefined {
  if (vector.kind !== 'f64') return undefined;
  const values = [...vector.data.subarray(0, rows)];
  const present = values.filter((value) => value === value);
  return {
    nullCount: rows - present.length,
    sum: present.reduce((a, b) => a + b, 0),
    min: Math.min(...present),
    max: Math.max(...present),
    first: values[0]!,
    last: values.at(-1)!,
  };
}
