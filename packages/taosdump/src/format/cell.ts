/**
 * Values between the cluster and a file: one plain array a column, whose cells are null, number, bigint, boolean or bytes.
 * Exact for every type: 64-bit integers and times are bigint, FLOAT and DOUBLE number, strings their bytes.
 */
import {
  SqlType,
  isWideType,
  isStringType,
  vectorValue,
  type Batch,
  type Vector,
} from '@tdnode/common';

/** One value. */
export type Cell = null | number | bigint | boolean | Uint8Array;

/** A column as `describe` has it. */
export interface ColumnDef {
  readonly name: string;
  readonly type: SqlType;
  /** Declared length. */
  readonly bytes: number;
}

/** Appends a batch's column to `into`; strings are copied. */
export function appendCells(into: Cell[], vector: Vector, rows: number, type: SqlType): void {
  if (vector.kind === 'f64') {
    appendNumbers(into, vector.data, rows, type);
    return;
  }
  for (let i = 0; i < rows; i++) {
    const value = vectorValue(vector, i);
    into.push(value instanceof Uint8Array ? value.slice() : value);
  }
}

function appendNumbers(into: Cell[], data: Float64Array, rows: number, type: SqlType): void {
  const isWide = isWideType(type);
  const isBool = type === SqlType.BOOL;
  const isText = isStringType(type);
  for (let i = 0; i < rows; i++) {
    const value = data[i]!;
    if (value !== value || isText) into.push(null);
    else if (isWide) into.push(BigInt(value));
    else if (isBool) into.push(value !== 0);
    else into.push(value);
  }
}

/** A batch as cells, a column each. */
export function cellsOf(batch: Batch, columns: readonly ColumnDef[]): Cell[][] {
  return columns.map(({ type }, c) => {
    const cells: Cell[] = [];
    appendCells(cells, batch.columns[c]!, batch.rows, type);
    return cells;
  });
}
