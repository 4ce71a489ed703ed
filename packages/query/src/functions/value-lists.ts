/** Values of a column, all of them, a list a slot: what exact percentiles need. NULL is left out. */
import { grown } from './aggregator.ts';

const EMPTY = new Float64Array(0);

export class ValueLists {
  readonly #lists: Float64Array[] = [];
  #lengths: Float64Array = new Float64Array(0);
  heldBytes = 0;

  grow(slots: number): void {
    while (this.#lists.length < slots) this.#lists.push(EMPTY);
    this.#lengths = grown(this.#lengths, slots, 0);
  }

  length(slot: number): number {
    return this.#lengths[slot]!;
  }

  /** The values of a slot, as they came; the caller may reorder them. */
  values(slot: number): Float64Array {
    return this.#lists[slot]!.subarray(0, this.#lengths[slot]!);
  }

  /** Empties a slot. */
  clear(slot: number): void {
    this.#lengths[slot] = 0;
  }

  /** Appends the numbers of `data[from, to)`. */
  append(slot: number, data: Float64Array, from: number, to: number, isDense = false): void {
    const length = this.#lengths[slot]!;
    const list = this.#room(slot, length + to - from);
    if (isDense) {
      list.set(data.subarray(from, to), length);
      this.#lengths[slot] = length + to - from;
      return;
    }
    let at = length;
    for (let i = from; i < to; i++) {
      const value = data[i]!;
      list[at] = value;
      if (value === value) at++;
    }
    this.#lengths[slot] = at;
  }

  #room(slot: number, length: number): Float64Array {
    const list = this.#lists[slot]!;
    if (length <= list.length) return list;
    const larger = new Float64Array(Math.max(length, list.length * 2));
    larger.set(list);
    this.heldBytes += (larger.length - list.length) * 8;
    this.#lists[slot] = larger;
    return larger;
  }
}

/** Numbers as bytes of a string vector, and back (a copy: bytes may lie unaligned). */
export function bytesOf(values: Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** The reverse of `bytesOf`. */
export function numbersOf(bytes: Uint8Array): Float64Array {
  const values = new Float64Array(bytes.length >> 3);
  bytesOf(values).set(bytes);
  return values;
}
