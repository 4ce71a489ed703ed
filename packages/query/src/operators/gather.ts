/** Copies of selected rows, packed, so that functions see contiguous ranges. Reuses its memory from block to block. */
import type { Vector } from '@tdnode/common';
import { isNull, stringVector } from '../functions/cells.ts';

export class Gatherer {
  #numbers: Float64Array = new Float64Array(4096);

  /** Numbers of the listed rows; valid until the next call. */
  numbers(data: Float64Array, selection: Uint32Array, count: number): Float64Array {
    if (this.#numbers.length < count) this.#numbers = new Float64Array(count);
    const packed = this.#numbers;
    for (let i = 0; i < count; i++) packed[i] = data[selection[i]!]!;
    return packed;
  }

  /** A vector's listed rows; valid until the next call. */
  vector(vector: Vector, selection: Uint32Array, count: number): Vector {
    if (vector.kind === 'f64') {
      const data = this.numbers(vector.data, selection, count);
      return { kind: 'f64', data, nullCount: vector.nullCount === 0 ? 0 : -1 };
    }
    if (vector.kind === 'i64') {
      const data = new BigInt64Array(count);
      for (let i = 0; i < count; i++) data[i] = vector.data[selection[i]!]!;
      return { kind: 'i64', data, unsigned: vector.unsigned, nullCount: -1 };
    }
    const values: (Uint8Array | undefined)[] = [];
    for (let i = 0; i < count; i++) {
      const row = selection[i]!;
      values.push(
        isNull(vector, row)
          ? undefined
          : vector.bytes.subarray(vector.offsets[row], vector.offsets[row + 1]),
      );
    }
    return stringVector(values, count);
  }
}
