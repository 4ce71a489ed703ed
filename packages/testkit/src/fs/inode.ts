/**
 * The bytes of one file of `MemoryFileSystem`: as programs see them and as the disk has them.
 *
 * Invariant: outside of [dirtyFrom, dirtyTo) both are equal, as far as both reach.
 */
import type { Random } from '@tdnode/common';

/** What a disk keeps or loses as a piece. */
const PAGE_BYTES = 4096;

/** See the head of this file. */
export class Inode {
  #bytes = new Uint8Array(256);
  #size = 0;
  #durable = new Uint8Array(0);
  #dirtyFrom = Infinity;
  #dirtyTo = 0;

  /** An inode whose bytes are all on the disk. */
  static durable(bytes: Uint8Array): Inode {
    const inode = new Inode();
    inode.replace(bytes);
    return inode;
  }

  /** The bytes that a program reads; a view. */
  visible(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  /** The bytes of the last sync; a view. */
  onDisk(): Uint8Array {
    return this.#durable;
  }

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.visible());
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, position);
    this.#touch(Math.min(position, this.#size), end);
    this.#size = Math.max(this.#size, end);
  }

  truncate(size: number): void {
    if (size > this.#size) {
      this.write(new Uint8Array(size - this.#size), this.#size);
      return;
    }
    this.#bytes.fill(0, size, this.#size);
    this.#touch(size, this.#size);
    this.#size = size;
  }

  sync(): void {
    if (this.#dirtyTo > this.#dirtyFrom || this.#durable.length !== this.#size) {
      this.#durable = new Uint8Array(this.visible());
    }
    this.#dirtyFrom = Infinity;
    this.#dirtyTo = 0;
  }

  /** Puts other bytes in place, on the disk too. */
  replace(bytes: Uint8Array): void {
    this.#bytes = new Uint8Array(bytes);
    this.#size = bytes.length;
    this.#durable = new Uint8Array(bytes);
    this.#dirtyFrom = Infinity;
    this.#dirtyTo = 0;
  }

  /** What a power cut may leave: each unsynced page old, new or torn, the size anywhere in between. */
  torn(random: Random): Uint8Array {
    const now = this.visible();
    const size = tornSize(this.#durable.length, now.length, random);
    const result = new Uint8Array(size);
    result.set(this.#durable.subarray(0, size));
    const from = Math.floor(Math.min(this.#dirtyFrom, size) / PAGE_BYTES) * PAGE_BYTES;
    for (let page = from; page < Math.min(this.#dirtyTo, size); page += PAGE_BYTES) {
      const luck = random.next();
      if (luck < 0.4) continue;
      const whole = Math.min(PAGE_BYTES, size - page);
      const kept = luck < 0.8 ? whole : Math.floor(random.next() * whole);
      result.set(now.subarray(page, page + kept), page);
    }
    return result;
  }

  #touch(from: number, to: number): void {
    this.#dirtyFrom = Math.min(this.#dirtyFrom, from);
    this.#dirtyTo = Math.max(this.#dirtyTo, to);
  }
}

function tornSize(before: number, now: number, random: Random): number {
  const luck = random.next();
  if (luck < 0.4) return now;
  if (luck < 0.6) return before;
  return Math.min(before, now) + Math.floor(random.next() * (Math.abs(now - before) + 1));
}
