/** Rows of an answer as column batches: what `show` and `describe` build row by row. */
import {
  MAX_BATCH_ROWS,
  SqlType,
  f64Vector,
  isStringType,
  type Batch,
  type StrVector,
  type Vector,
} from '@tdnode/common';
import type { AdminResult, ResultColumn } from '@tdnode/rpc';

export type Cell = string | number;

const encoder = new TextEncoder();

/** An answer of these rows; each has one cell a column. */
export function rowsResult(
  columns: readonly ResultColumn[],
  rows: readonly (readonly Cell[])[],
): AdminResult {
  const batches: Batch[] = [];
  for (let from = 0; from < rows.length; from += MAX_BATCH_ROWS) {
    const part = rows.slice(from, from + MAX_BATCH_ROWS);
    batches.push({
      rows: part.length,
      columns: columns.map((column, i) => vectorOf(column, part, i)),
    });
  }
  return { kind: 'rows', columns, batches };
}

/** A BINARY column. */
export function text(name: string, bytes: number): ResultColumn {
  return { name, type: SqlType.BINARY, bytes };
}

/** A TIMESTAMP column; `show` counts milliseconds, whatever the database counts. */
export function time(name: string): ResultColumn {
  return { name, type: SqlType.TIMESTAMP, bytes: 8, precision: 'ms' };
}

export function tinyint(name: string): ResultColumn {
  return { name, type: SqlType.TINYINT, bytes: 1 };
}

export function smallint(name: string): ResultColumn {
  return { name, type: SqlType.SMALLINT, bytes: 2 };
}

export function int(name: string): ResultColumn {
  return { name, type: SqlType.INT, bytes: 4 };
}

export function bigint(name: string): ResultColumn {
  return { name, type: SqlType.BIGINT, bytes: 8 };
}

export function float(name: string): ResultColumn {
  return { name, type: SqlType.FLOAT, bytes: 4 };
}

function vectorOf(column: ResultColumn, rows: readonly (readonly Cell[])[], index: number): Vector {
  if (isStringType(column.type))
    return stringVector(rows.map((row) => encoder.encode(String(row[index]))));
  return f64Vector(
    Float64Array.from(rows, (row) => Number(row[index])),
    0,
  );
}

/** Strings without NULL. */
export function stringVector(values: readonly Uint8Array[]): StrVector {
  const offsets = new Uint32Array(values.length + 1);
  let end = 0;
  for (let i = 0; i < values.length; i++) offsets[i + 1] = end += values[i]!.length;
  const bytes = new Uint8Array(end);
  for (let i = 0; i < values.length; i++) bytes.set(values[i]!, offsets[i]!);
  return { kind: 'str', offsets, bytes, nulls: undefined, nullCount: 0 };
}
