/**
 * The tables of a vnode as arrays: tid → uid, schema, name, tags; uid → tid by a hash. No object a table;
 * about 50 bytes a table beside its name and tags.
 *
 * Invariants: tids are dense from 1 and never reused; `#schema[tid]` is 0 for a table that was dropped; the
 * hash holds exactly the tables that live.
 */
import { ByteArena } from './byte-arena.ts';

const TOMBSTONE = 0xffffffff;

/** See the head of this file. `schema` is a number of the owner's, from 1. */
export class TableMap {
  #end = 1;
  #live = 0;
  #uids = new Float64Array(64);
  #schema = new Uint32Array(64);
  #nameAt = new Uint32Array(64);
  #nameLength = new Uint16Array(64);
  #tagsAt = new Uint32Array(64);
  #tagsLength = new Uint16Array(64);
  #slots = new Uint32Array(128);
  #usedSlots = 0;
  #arena = new ByteArena();
  #garbage = 0;

  /** One more than the highest tid given so far. */
  get end(): number {
    return this.#end;
  }

  /** Tables that live. */
  get size(): number {
    return this.#live;
  }

  /** Bytes of memory held. */
  get byteSize(): number {
    return this.#uids.length * 24 + this.#slots.byteLength + this.#arena.byteSize;
  }

  /** The tid of a table, 0 when there is none. */
  find(uid: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hashUid(uid) & mask; ; slot = (slot + 1) & mask) {
      const tid = slots[slot]!;
      if (tid === 0) return 0;
      if (tid !== TOMBSTONE && this.#uids[tid] === uid) return tid;
    }
  }

  /** Whether the tid is one of a table that lives. */
  has(tid: number): boolean {
    return tid > 0 && tid < this.#end && this.#schema[tid] !== 0;
  }

  uid(tid: number): number {
    return this.#uids[tid]!;
  }

  /** The schema's number, 0 for a table that was dropped. */
  schema(tid: number): number {
    return this.#schema[tid]!;
  }

  name(tid: number): Uint8Array {
    return this.#arena.view(this.#nameAt[tid]!, this.#nameLength[tid]!);
  }

  tags(tid: number): Uint8Array {
    return this.#arena.view(this.#tagsAt[tid]!, this.#tagsLength[tid]!);
  }

  /** Adds a table under the next tid, or under the one given (from a checkpoint: ascending). Returns it. */
  add(
    table: {
      readonly uid: number;
      readonly schema: number;
      readonly name: Uint8Array;
      readonly tags: Uint8Array;
    },
    tid = this.#end,
  ): number {
    this.skipTo(tid + 1);
    this.#uids[tid] = table.uid;
    this.#schema[tid] = table.schema;
    this.#nameAt[tid] = this.#arena.add(table.name);
    this.#nameLength[tid] = table.name.length;
    this.#tagsAt[tid] = this.#arena.add(table.tags);
    this.#tagsLength[tid] = table.tags.length;
    this.#live++;
    if ((this.#usedSlots + 1) * 2 > this.#slots.length) this.#rebuild();
    else this.#place(tid);
    return tid;
  }

  /** Makes `end` at least `end`: the tids below were given to tables that are gone. */
  skipTo(end: number): void {
    if (end <= this.#end) return;
    if (end > this.#uids.length) this.#grow(end);
    this.#end = end;
  }

  setTags(tid: number, tags: Uint8Array): void {
    this.#garbage += this.#tagsLength[tid]!;
    this.#tagsAt[tid] = this.#arena.add(tags);
    this.#tagsLength[tid] = tags.length;
    if (this.#garbage * 2 > this.#arena.end) this.#compact();
  }

  /** Forgets a table. */
  remove(tid: number): void {
    const mask = this.#slots.length - 1;
    let slot = hashUid(this.#uids[tid]!) & mask;
    while (this.#slots[slot] !== tid) slot = (slot + 1) & mask;
    this.#slots[slot] = TOMBSTONE;
    this.#schema[tid] = 0;
    this.#live--;
    this.#garbage += this.#nameLength[tid]! + this.#tagsLength[tid]!;
    if (this.#garbage * 2 > this.#arena.end) this.#compact();
  }

  #place(tid: number): void {
    const mask = this.#slots.length - 1;
    let slot = hashUid(this.#uids[tid]!) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = tid;
    this.#usedSlots++;
  }

  #grow(end: number): void {
    const capacity = Math.max(end, Math.ceil(this.#uids.length * 1.5));
    this.#uids = copied(this.#uids, new Float64Array(capacity));
    this.#schema = copied(this.#schema, new Uint32Array(capacity));
    this.#nameAt = copied(this.#nameAt, new Uint32Array(capacity));
    this.#nameLength = copied(this.#nameLength, new Uint16Array(capacity));
    this.#tagsAt = copied(this.#tagsAt, new Uint32Array(capacity));
    this.#tagsLength = copied(this.#tagsLength, new Uint16Array(capacity));
  }

  /** Places all that lives in a hash with room for as much again. */
  #rebuild(): void {
    let slots = 128;
    while (slots < this.#live * 4) slots *= 2;
    this.#slots = new Uint32Array(slots);
    this.#usedSlots = 0;
    for (let tid = 1; tid < this.#end; tid++) if (this.#schema[tid] !== 0) this.#place(tid);
  }

  /** Copies the names and tags of what lives into a new arena. */
  #compact(): void {
    const old = this.#arena;
    this.#arena = new ByteArena();
    this.#garbage = 0;
    for (let tid = 1; tid < this.#end; tid++) {
      if (this.#schema[tid] === 0) continue;
      this.#nameAt[tid] = this.#arena.add(old.view(this.#nameAt[tid]!, this.#nameLength[tid]!));
      this.#tagsAt[tid] = this.#arena.add(old.view(this.#tagsAt[tid]!, this.#tagsLength[tid]!));
    }
  }
}

function copied<A extends Float64Array | Uint32Array | Uint16Array>(from: A, into: A): A {
  into.set(from);
  return into;
}

/** Spreads both halves of a uid below 2⁵³. */
function hashUid(uid: number): number {
  const low = uid >>> 0;
  const high = (uid - low) / 4294967296;
  let hash = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
