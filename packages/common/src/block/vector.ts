/**
 * Column vectors: how a column's values look between storage and the edge of a query.
 *
 * Three forms only, so that the loops over them stay monomorphic:
 *   - `f64`: every numeric type whose values fit a double exactly (BOOL as 0/1, all integers within ±2⁵³,
 *     FLOAT, DOUBLE, TIMESTAMP). NULL is NaN.
 *   - `i64`: 64-bit integer columns of which some value leaves ±2⁵³. NULL is the type's reserved value
 *     (`NULL_BIGINT`, or `NULL_UBIGINT` with the bits read as unsigned).
 *   - `str`: BINARY and NCHAR, both as UTF-8 bytes (BINARY: any bytes). NULL has its bit set in `nulls`.
 *
 * Invariants: arrays are at least `rows` long, values beyond `rows` mean nothing; `nullCount` is exact or
 * -1 for "not counted"; a vector handed out by a scan belongs to the scan and holds until its next step.
 * Storage keeps the native widths and reserved values instead (architecture, decision 2); decoders produce vectors.
 */
export interface F64Vector {
  readonly kind: 'f64';
  readonly data: Float64Array;
  readonly nullCount: number;
}

/** 64-bit integers of which some value leaves ±2⁵³. */
export interface I64Vector {
  readonly kind: 'i64';
  readonly data: BigInt64Array;
  /** Whether the bits are to be read as unsigned (UBIGINT). */
  readonly unsigned: boolean;
  readonly nullCount: number;
}

/** Strings as one run of bytes. */
export interface StrVector {
  readonly kind: 'str';
  /** rows + 1 offsets into `bytes`; row i is `[offsets[i], offsets[i+1])`. */
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
  /** Bit i (`nulls[i >> 3] & (1 << (i & 7))`) set: row i is NULL. Undefined: no NULL at all. */
  readonly nulls: Uint8Array | undefined;
  readonly nullCount: number;
}

/** A column in one of its three forms. */
export type Vector = F64Vector | I64Vector | StrVector;

/** A batch of rows as columns, at most 4096 rows. */
export interface Batch {
  readonly rows: number;
  readonly columns: readonly Vector[];
}

/** Most rows of a batch: a column of doubles then takes 32 KiB and stays in the first cache. */
export const MAX_BATCH_ROWS = 4096;

/** A vector over `data`, which is not copied; `nullCount` -1: not counted. */
export function f64Vector(data: Float64Array, nullCount = -1): F64Vector {
  return { kind: 'f64', data, nullCount };
}

/** Whether row `i` of a string vector is NULL. */
export function isNullString(vector: StrVector, i: number): boolean {
  return vector.nulls !== undefined && (vector.nulls[i >> 3]! & (1 << (i & 7))) !== 0;
}

/** One value of a vector as a JavaScript value, for tests and cold paths only: null, number, bigint or bytes. */
export function vectorValue(vector: Vector, i: number): null | number | bigint | Uint8Array {
  switch (vector.kind) {
    case 'f64': {
      const value = vector.data[i]!;
      return value !== value ? null : value;
    }
    case 'i64': {
      const value = vector.data[i]!;
      if (vector.unsigned) return value === -1n ? null : BigInt.asUintN(64, value);
      return value === -(2n ** 63n) ? null : value;
    }
    case 'str':
      return isNullString(vector, i)
        ? null
        : vector.bytes.subarray(vector.offsets[i], vector.offsets[i + 1]);
  }
}
