/**
 * Rows of column batches as JSON bytes, `[v,v,…],[v,v,…]`, written by hand into the caller's buffer: no string
 * a value, no object a row. The prefix and the end of an answer are `head.ts`'s.
 *
 * Invariant: a row is written whole or not at all; `encode` stops before the first row that might not fit.
 */
import type { Batch, I64Vector, Precision, StrVector, TimeZone, Vector } from '@tdnode/common';
import {
  MAX_TIMESTAMP_BYTES,
  SqlType,
  TimestampFormatter,
  isNullString,
  typeWidth,
} from '@tdnode/common';
import type { ResultColumn } from '@tdnode/rpc';
import {
  MAX_NUMBER_BYTES,
  putBigInteger,
  putDouble,
  putFloat,
  putInteger,
  putNull,
} from './number-format.ts';
import { MAX_ESCAPED_BYTES, putString } from './string-format.ts';

/** How TIMESTAMP is printed: `/rest/sql`, `/rest/sqlutc`, `/rest/sqlt`. */
export type TimeForm = 'local' | 'utc' | 'epoch';

const COMMA = 44;
const OPEN = 91;
const CLOSE = 93;
const QUOTE = 34;
const NULL_TIMESTAMP = -(2n ** 63n);

/** How one column's values are written; decided once a batch. */
const Form = {
  INTEGER: 0,
  FLOAT: 1,
  DOUBLE: 2,
  TIME: 3,
  WIDE: 4,
  WIDE_TIME: 5,
  STRING: 6,
} as const;

const noNumbers = new Float64Array(0);

/** Encodes the batches of one answer, in order. */
export class RowEncoder {
  readonly #columns: readonly ResultColumn[];
  readonly #times: readonly (TimestampFormatter | undefined)[];
  readonly #fixedRowBytes: number;
  readonly #forms: Uint8Array;
  #numbers: Float64Array[] = [];
  #batch: Batch = { rows: 0, columns: [] };
  #strings: StrVector[] = [];
  #row = 0;
  #anyRow = false;

  constructor(
    columns: readonly ResultColumn[],
    precision: Precision,
    form: TimeForm,
    zone: TimeZone,
  ) {
    this.#columns = columns;
    this.#times = columns.map((column) =>
      column.type === SqlType.TIMESTAMP && form !== 'epoch'
        ? new TimestampFormatter(zone, column.precision ?? precision, form)
        : undefined,
    );
    this.#forms = new Uint8Array(columns.length);
    const columnBytes = columns.map((column) =>
      column.type === SqlType.TIMESTAMP ? MAX_TIMESTAMP_BYTES + 3 : MAX_NUMBER_BYTES + 3,
    );
    this.#fixedRowBytes = columnBytes.reduce((sum, bytes) => sum + bytes, 4);
  }

  /** The batch that the next calls of `encode` work through. */
  begin(batch: Batch, fromRow = 0): void {
    this.#batch = batch;
    this.#row = fromRow;
    this.#strings = batch.columns.filter((vector) => vector.kind === 'str');
    this.#numbers = batch.columns.map((v) => (v.kind === 'f64' ? v.data : noNumbers));
    for (const [c, vector] of batch.columns.entries()) this.#forms[c] = this.#formOf(c, vector);
  }

  /** Whether rows of the batch are left, up to `rows`. */
  hasMore(rows: number): boolean {
    return this.#row < rows;
  }

  /** Room that the next row may need: a buffer that is empty and still too small must be at least this large. */
  nextRowBytes(): number {
    let bytes = this.#fixedRowBytes;
    for (const { offsets } of this.#strings) {
      bytes += (offsets[this.#row + 1]! - offsets[this.#row]!) * MAX_ESCAPED_BYTES;
    }
    return bytes;
  }

  /** Writes rows below `rows` from `p` on while they surely fit; returns the position behind them. */
  encode(out: Uint8Array, p: number, rows: number): number {
    const room = out.length;
    while (this.#row < rows && p + this.nextRowBytes() <= room) {
      if (this.#anyRow) out[p++] = COMMA;
      this.#anyRow = true;
      p = this.#putRow(out, p, this.#row++);
    }
    return p;
  }

  #putRow(out: Uint8Array, p: number, row: number): number {
    const forms = this.#forms;
    const numbers = this.#numbers;
    out[p++] = OPEN;
    for (let c = 0; c < forms.length; c++) {
      if (c > 0) out[p++] = COMMA;
      const form = forms[c]!;
      if (form > Form.TIME) {
        p = this.#putOther(out, p, c, row);
        continue;
      }
      const value = numbers[c]![row]!;
      if (value !== value) p = putNull(out, p);
      else if (form === Form.INTEGER) p = putInteger(out, p, value);
      else if (form === Form.FLOAT) p = putFloat(out, p, value);
      else if (form === Form.DOUBLE) p = putDouble(out, p, value);
      else {
        out[p] = QUOTE;
        p = this.#times[c]!.write(out, p + 1, value);
        out[p++] = QUOTE;
      }
    }
    out[p++] = CLOSE;
    return p;
  }

  /** Strings and 64-bit numbers. */
  #putOther(out: Uint8Array, p: number, c: number, row: number): number {
    const vector = this.#batch.columns[c]!;
    if (vector.kind === 'str') {
      if (isNullString(vector, row)) return putNull(out, p);
      return putString(out, p, vector.bytes, vector.offsets[row]!, vector.offsets[row + 1]!);
    }
    const value = (vector as I64Vector).data[row]!;
    if ((vector as I64Vector).unsigned) {
      return value === -1n ? putNull(out, p) : putBigInteger(out, p, BigInt.asUintN(64, value));
    }
    if (value === NULL_TIMESTAMP) return putNull(out, p);
    if (this.#forms[c] === Form.WIDE) return putBigInteger(out, p, value);
    out[p] = QUOTE;
    p = this.#times[c]!.writeWide(out, p + 1, value);
    out[p] = QUOTE;
    return p + 1;
  }

  #formOf(c: number, vector: Vector): number {
    const type = this.#columns[c]!.type;
    const isTime = this.#times[c] !== undefined;
    if (vector.kind === 'str') return Form.STRING;
    if (vector.kind === 'i64') return isTime ? Form.WIDE_TIME : Form.WIDE;
    if (isTime) return Form.TIME;
    if (type === SqlType.FLOAT) return Form.FLOAT;
    if (type === SqlType.DOUBLE) return Form.DOUBLE;
    return typeWidth(type) === 0 ? Form.DOUBLE : Form.INTEGER;
  }
}
