/** What waits to be written into the log database: bounded, the oldest go first, and how many went is said. */
export class BoundedQueue<Item> {
  readonly #limit: number;
  #items: Item[] = [];
  #lost = 0;

  /** Keeps at most `limit` items. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(item: Item): void {
    if (this.#items.length === this.#limit) {
      this.#items.shift();
      this.#lost++;
    }
    this.#items.push(item);
  }

  /** All that waits, and how many were lost since the last time; empties the queue. */
  take(): { readonly items: Item[]; readonly lost: number } {
    const taken = { items: this.#items, lost: this.#lost };
    this.#items = [];
    this.#lost = 0;
    return taken;
  }
}
