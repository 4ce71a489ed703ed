/**
 * One value of any SQL type a slot: what selectors remember. Numbers live in a Float64Array; the rare
 * 64-bit integers outside ±2⁵³ beside it in a map; strings as copied bytes.
 */
import { isStringType, isUnsignedType, isNullString } from '@tdnode/common';
import type { SqlType, TagValue, Vector } from '@tdnode/common';
import { grown } from './aggregator.ts';

const MIN_I64 = -(2n ** 63n);

export class Cells {
  readonly #type: SqlType;
  readonly #isString: boolean;
  #numbers: Float64Array = new Float64Array(0);
  #wide: Map<number, bigint> | undefined;
  #bytes: (Uint8Array | undefined)[] = [];

  constructor(type: SqlType) {
    this.#type = type;
    this.#isString = isStringType(type);
  }

  grow(slots: number): void {
    if (!this.#isString) this.#numbers = grown(this.#numbers, slots, NaN);
  }

  /** The value of a numeric slot, exact; NaN for NULL. */
  number(slot: number): number | bigint {
    return this.#wide?.get(slot) ?? this.#numbers[slot]!;
  }

  setNumber(slot: number, value: number | bigint): void {
    if (typeof value === 'bigint') {
      if (value >= -MAX_EXACT && value <= MAX_EXACT) return this.setNumber(slot, Number(value));
      this.#wide ??= new Map();
      this.#wide.set(slot, value);
      this.#numbers[slot] = Number(value);
      return;
    }
    this.#numbers[slot] = value;
    this.#wide?.delete(slot);
  }

  /** Copies row `row` of a vector of the cells' type. */
  set(slot: number, vector: Vector, row: number): void {
    switch (vector.kind) {
      case 'f64':
        return this.setNumber(slot, vector.data[row]!);
      case 'i64':
        return this.setNumber(slot, wideValue(vector.data[row]!, vector.unsigned));
      case 'str':
        this.#bytes[slot] = isNullString(vector, row)
          ? undefined
          : vector.bytes.slice(vector.offsets[row], vector.offsets[row + 1]);
    }
  }

  /** Slots `[0, slots)`, or the slots listed in `order`, as a vector. */
  toVector(slots: number, order?: Uint32Array): Vector {
    if (this.#isString) return stringVector(this.#bytes, slots);
    if (this.#wide === undefined || this.#wide.size === 0) {
      return { kind: 'f64', data: this.#numbers.subarray(0, slots), nullCount: -1 };
    }
    const data = new BigInt64Array(slots);
    const unsigned = isUnsignedType(this.#type);
    const empty = unsigned ? -1n : MIN_I64;
    for (let slot = 0; slot < slots; slot++) {
      const value = this.number(order === undefined ? slot : order[slot]!);
      data[slot] = value !== value ? empty : BigInt(value);
    }
    return { kind: 'i64', data, unsigned, nullCount: -1 };
  }
}

const MAX_EXACT = 2n ** 53n;

/** A value of an i64 vector as number, bigint, or NaN for NULL. */
export function wideValue(bits: bigint, unsigned: boolean): number | bigint {
  if (unsigned) return bits === -1n ? NaN : BigInt.asUintN(64, bits);
  return bits === MIN_I64 ? NaN : bits;
}

/** A string vector of copied values; undefined is NULL. */
export function stringVector(values: readonly (Uint8Array | undefined)[], rows: number): Vector {
  let length = 0;
  for (let i = 0; i < rows; i++) length += values[i]?.length ?? 0;
  const offsets = new Uint32Array(rows + 1);
  const bytes = new Uint8Array(length);
  const nulls = new Uint8Array((rows + 7) >> 3);
  let nullCount = 0;
  let at = 0;
  for (let i = 0; i < rows; i++) {
    const value = values[i];
    if (value === undefined) {
      nulls[i >> 3]! |= 1 << (i & 7);
      nullCount++;
    } else {
      bytes.set(value, at);
      at += value.length;
    }
    offsets[i + 1] = at;
  }
  return { kind: 'str', offsets, bytes, nulls: nullCount > 0 ? nulls : undefined, nullCount };
}

/** Whether row `row` of any vector is NULL. */
export function isNull(vector: Vector, row: number): boolean {
  switch (vector.kind) {
    case 'f64': {
      const value = vector.data[row]!;
      return value !== value;
    }
    case 'i64':
      return vector.data[row] === (vector.unsigned ? -1n : MIN_I64);
    case 'str':
      return isNullString(vector, row);
  }
}

/** Row `row` of any vector as a single value; bytes of strings are a view. For group keys and other cold paths. */
export function valueOf(vector: Vector, row: number): TagValue {
  if (isNull(vector, row)) return null;
  if (vector.kind === 'f64') return vector.data[row]!;
  if (vector.kind === 'str')
    return vector.bytes.subarray(vector.offsets[row], vector.offsets[row + 1]);
  return vector.unsigned ? BigInt.asUintN(64, vector.data[row]!) : vector.data[row]!;
}
