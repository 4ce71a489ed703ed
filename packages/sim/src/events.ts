/** Virtual time: things to come, by time and then by order of arrival. */
import { ManualClock } from '@tdnode/testkit';

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A heap of events and the clock that they move. */
export class EventQueue {
  readonly clock = new ManualClock();
  #heap: Event[] = [];
  #order = 0;
  /** Events that have happened. */
  count = 0;

  /** Ms since the beginning. */
  get now(): number {
    return this.clock.monotonic();
  }

  /** Something happens after `delayMs`. */
  after(delayMs: number, run: () => void): void {
    const event = { at: this.now + delayMs, order: this.#order++, run };
    let i = this.#heap.push(event) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(event, this.#heap[parent]!)) break;
      this.#heap[i] = this.#heap[parent]!;
      i = parent;
    }
    this.#heap[i] = event;
  }

  /** Lets the next event happen; false when there is none. */
  step(): boolean {
    const first = this.#heap[0];
    if (first === undefined) return false;
    const last = this.#heap.pop()!;
    if (this.#heap.length > 0) this.#sink(last);
    this.clock.advance(first.at - this.now);
    this.count++;
    first.run();
    return true;
  }

  #sink(event: Event): void {
    const heap = this.#heap;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, event)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = event;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
