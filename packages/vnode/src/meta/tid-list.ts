/** The tids of one schema's tables, ascending; four bytes each. Dropped ones are swept out now and then. */
export class TidList {
  #tids = new Uint32Array(4);
  #count = 0;
  #removed = 0;

  /** Tables that live. */
  get size(): number {
    return this.#count - this.#removed;
  }

  /** Adds a tid above all that are here. */
  add(tid: number): void {
    if (this.#count === this.#tids.length) {
      const grown = new Uint32Array(this.#count * 2);
      grown.set(this.#tids);
      this.#tids = grown;
    }
    this.#tids[this.#count++] = tid;
  }

  /** One table was dropped; `lives` says which ones stay. */
  noteRemoved(lives: (tid: number) => boolean): void {
    this.#removed++;
    if (this.#removed * 2 < this.#count) return;
    // A new array: iterations under way go on over the old one.
    this.#tids = this.#tids.slice(0, this.#count).filter(lives);
    this.#count = this.#tids.length;
    this.#removed = 0;
    if (this.#count === 0) this.#tids = new Uint32Array(4);
  }

  /** All tids here, dropped ones perhaps among them. */
  *[Symbol.iterator](): Generator<number> {
    const tids = this.#tids;
    const count = this.#count;
    for (let i = 0; i < count; i++) yield tids[i]!;
  }
}
