/**
 * Slots of an aggregation: one for each pair of group and window. A group is known by the text of its key,
 * a window by its start; slots are dense from 0 in order of appearance.
 */
import type { TagValue } from '@tdnode/common';

export interface Group {
  readonly values: readonly TagValue[];
  /** Slot by window start; without windows the only start is 0. */
  readonly slots: Map<number, number>;
}

export class Groups {
  readonly #byKey = new Map<string, number>();
  readonly groups: Group[] = [];
  /** Group of each slot. */
  readonly slotGroup: number[] = [];
  /** Window start of each slot. */
  readonly slotWindow: number[] = [];

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
    this.groups.push({ values: copies, slots: new Map() });
    return index;
  }

  /** The slot of a group's window; a new one is counted in `slots`. */
  slot(group: number, window: number): number {
    const slots = this.groups[group]!.slots;
    const known = slots.get(window);
    if (known !== undefined) return known;
    const slot = this.slotGroup.length;
    slots.set(window, slot);
    this.slotGroup.push(group);
    this.slotWindow.push(window);
    return slot;
  }
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
