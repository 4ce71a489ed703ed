/**
 * A hash table from names (bytes) to small integers, for catalogs of millions of tables: no object, no
 * string and no closure a name. Names are compared as ASCII-lower-case, as SQL identifiers are.
 *
 * Layout: names live one after the other in an arena; a slot table (open addressing, linear probing, load
 * ≤ 1/2) holds entry numbers; entries hold arena offset, length and value. Deleted entries leave a
 * tombstone; the table is rebuilt when tombstones and garbage pass a quarter.
 * About 9 + 16 to 24 bytes a name beyond the name itself.
 */
const EMPTY = 0;
const TOMBSTONE = 0xffffffff;

/** Name → whole number; see the head of this file for the layout. */
export class NameMap {
  #slots = new Uint32Array(64);
  #hashes = new Uint32Array(32);
  #starts = new Uint32Array(32);
  #lengths = new Uint16Array(32);
  #values = new Int32Array(32);
  #entries = 0;
  #live = 0;
  #usedSlots = 0;
  #arena = new Uint8Array(512);
  #arenaEnd = 0;

  /** Number of names. */
  get size(): number {
    return this.#live;
  }

  /** Bytes of memory held. */
  get byteSize(): number {
    return (
      this.#slots.byteLength +
      this.#hashes.byteLength * 3 +
      this.#lengths.byteLength +
      this.#arena.byteLength
    );
  }

  /** The value of the name in `bytes[from, to)`, or -1. Values are ≥ 0. */
  find(bytes: Uint8Array, from: number, to: number): number {
    const slot = this.#slotOf(bytes, from, to, hashName(bytes, from, to));
    if (slot < 0) return -1;
    return this.#values[this.#slots[slot]! - 1]!;
  }

  /** Sets the value (≥ 0) of a name; returns the value it had, or -1. */
  set(bytes: Uint8Array, from: number, to: number, value: number): number {
    const hash = hashName(bytes, from, to);
    const slot = this.#slotOf(bytes, from, to, hash);
    if (slot >= 0) {
      const entry = this.#slots[slot]! - 1;
      const before = this.#values[entry]!;
      this.#values[entry] = value;
      return before;
    }
    this.#append(bytes, from, to, hash, value);
    return -1;
  }

  /** Forgets a name; returns the value it had, or -1. */
  delete(bytes: Uint8Array, from: number, to: number): number {
    const slot = this.#slotOf(bytes, from, to, hashName(bytes, from, to));
    if (slot < 0) return -1;
    const entry = this.#slots[slot]! - 1;
    this.#slots[slot] = TOMBSTONE;
    const value = this.#values[entry]!;
    this.#values[entry] = -1;
    this.#live--;
    return value;
  }

  clear(): void {
    this.#slots = new Uint32Array(64);
    this.#entries = 0;
    this.#live = 0;
    this.#usedSlots = 0;
    this.#arenaEnd = 0;
  }

  /** Calls `visit` with every name (a view, valid for the call) and its value, in order of insertion. */
  forEach(visit: (name: Uint8Array, value: number) => void): void {
    for (let entry = 0; entry < this.#entries; entry++) {
      const value = this.#values[entry]!;
      if (value < 0) continue;
      const start = this.#starts[entry]!;
      visit(this.#arena.subarray(start, start + this.#lengths[entry]!), value);
    }
  }

  #slotOf(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const mark = slots[slot]!;
      if (mark === EMPTY) return -1;
      if (mark === TOMBSTONE) continue;
      const entry = mark - 1;
      if (this.#hashes[entry] === hash && this.#equals(entry, bytes, from, to)) return slot;
    }
  }

  #equals(entry: number, bytes: Uint8Array, from: number, to: number): boolean {
    const length = to - from;
    if (this.#lengths[entry] !== length) return false;
    const arena = this.#arena;
    const start = this.#starts[entry]!;
    for (let i = 0; i < length; i++) {
      if (arena[start + i] !== lower(bytes[from + i]!)) return false;
    }
    return true;
  }

  #append(bytes: Uint8Array, from: number, to: number, hash: number, value: number): void {
    if ((this.#usedSlots + 1) * 2 > this.#slots.length) this.#rebuild();
    if (this.#entries === this.#hashes.length) this.#growEntries(this.#entries * 2);
    const length = to - from;
    if (this.#arenaEnd + length > this.#arena.length) {
      const grown = new Uint8Array(Math.max(this.#arena.length * 2, this.#arenaEnd + length));
      grown.set(this.#arena.subarray(0, this.#arenaEnd));
      this.#arena = grown;
    }
    const entry = this.#entries++;
    for (let i = 0; i < length; i++) this.#arena[this.#arenaEnd + i] = lower(bytes[from + i]!);
    this.#hashes[entry] = hash;
    this.#starts[entry] = this.#arenaEnd;
    this.#lengths[entry] = length;
    this.#values[entry] = value;
    this.#arenaEnd += length;
    this.#live++;
    this.#place(entry, hash);
  }

  #place(entry: number, hash: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
    this.#usedSlots++;
  }

  #growEntries(capacity: number): void {
    this.#hashes = grow(this.#hashes, new Uint32Array(capacity));
    this.#starts = grow(this.#starts, new Uint32Array(capacity));
    this.#lengths = grow(this.#lengths, new Uint16Array(capacity));
    this.#values = grow(this.#values, new Int32Array(capacity));
  }

  /** Drops what was deleted, and doubles the slots if what lives needs it. */
  #rebuild(): void {
    let kept = 0;
    let end = 0;
    for (let entry = 0; entry < this.#entries; entry++) {
      if (this.#values[entry]! < 0) continue;
      const start = this.#starts[entry]!;
      const length = this.#lengths[entry]!;
      this.#arena.copyWithin(end, start, start + length);
      this.#hashes[kept] = this.#hashes[entry]!;
      this.#starts[kept] = end;
      this.#lengths[kept] = length;
      this.#values[kept] = this.#values[entry]!;
      end += length;
      kept++;
    }
    this.#entries = kept;
    this.#arenaEnd = end;
    let slots = 64;
    while (slots < kept * 4) slots *= 2;
    this.#slots = new Uint32Array(slots);
    this.#usedSlots = 0;
    for (let entry = 0; entry < kept; entry++) this.#place(entry, this.#hashes[entry]!);
  }
}

function grow<A extends Uint32Array | Uint16Array | Int32Array>(from: A, into: A): A {
  into.set(from);
  return into;
}

function lower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}

/** FNV-1a over the lower-cased bytes, with a final mix so that names that differ at the end spread. */
function hashName(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ lower(bytes[i]!), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 12)) >>> 0;
}
