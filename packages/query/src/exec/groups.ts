/**
 * Slots of an aggregation: one for each pair of group and window. A group is known by the text of its key,
 * a window by its start; slots are dense from 0 in order of appearance.
 *
 * Slots are found by open addressing over the two arrays that hold group and window of each: window starts are
 * doubles, which a `Map` would put on the heap one by one.
 */
import type { TagValue } from '@tdnode/common';

export interface Group {
  readonly values: readonly TagValue[];
  /** Its slots, in order of appearance. */
  readonly slots: number[];
}

export class Groups {
  readonly #byKey = new Map<string, number>();
  readonly groups: Group[] = [];
  /** Group of each slot. */
  readonly slotGroup: number[] = [];
  /** Window start of each slot; without windows the only start is 0. */
  readonly slotWindow: number[] = [];
  /** Slot + 1 by hash, 0 where free; a power of two long, at most half full. */
  #table = new Int32Array(64);
  #lastSlot = 0;

  get slots(): number {
    return this.slotGroup.length;
  }

  /** Bytes held, roughly. */
  get byteSize(): number {
    return this.groups.length * 200 + this.slots * 48;
  }

  /** The number of the group with these key values. */
  group(values: readonly TagValue[]): number {
    const key = groupKey(values);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const index = this.groups.length;
    this.#byKey.set(key, index);
    const copies = values.map((value) => (value instanceof Uint8Array ? value.slice() : value));
    this.groups.push({ values: copies, slots: [] });
    return index;
  }

  /** The slot of a group's window; a new one is counted in `slots`. */
  slot(group: number, window: number): number {
    // Blocks of one table follow each other: mostly it is the slot asked for before.
    const last = this.#lastSlot;
    if (this.slotWindow[last] === window && this.slotGroup[last] === group) return last;
    const at = this.#find(group, window);
    const known = this.#table[at]! - 1;
    if (known >= 0) return (this.#lastSlot = known);
    const slot = this.slotGroup.length;
    this.slotGroup.push(group);
    this.slotWindow.push(window);
    this.groups[group]!.slots.push(slot);
    this.#table[at] = slot + 1;
    if (slot * 2 >= this.#table.length) this.#growTable();
    return (this.#lastSlot = slot);
  }

  /** Where the slot stands in the table, or would. */
  #find(group: number, window: number): number {
    const table = this.#table;
    const mask = table.length - 1;
    let at = slotHash(group, window) & mask;
    for (let entry = table[at]!; entry !== 0; entry = table[at]!) {
      if (this.slotWindow[entry - 1] === window && this.slotGroup[entry - 1] === group) break;
      at = (at + 1) & mask;
    }
    return at;
  }

  #growTable(): void {
    this.#table = new Int32Array(this.#table.length * 2);
    for (let slot = 0; slot < this.slots; slot++) {
      this.#table[this.#find(this.slotGroup[slot]!, this.slotWindow[slot]!)] = slot + 1;
    }
  }
}

/** Windows are multiples of some step, so that low bits say little: the high ones are folded in. */
function slotHash(group: number, window: number): number {
  const low = Math.imul(window | 0, 0x9e3779b1);
  const high = Math.imul((window / 2 ** 32) | 0, 0x85ebca6b);
  const hash = low ^ high ^ Math.imul(group, 0xc2b2ae35);
  return hash ^ (hash >>> 15);
}

function groupKey(values: readonly TagValue[]): string {
  let key = '';
  for (const value of values) {
    const text =
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value);
    key += `${value === null ? 'n' : 'v'}${text.length}:${text}`;
  }
  return key;
}

/** Orders two key values: NULL first, numbers by size, strings by bytes. */
export function compareKeys(a: TagValue, b: TagValue): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}
