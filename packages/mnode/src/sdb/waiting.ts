/**
 * Who waits until the mnodes have agreed upon a version. Invariant: versions ascend; nobody waits for ever: whoever
 * is not acknowledged is rejected when the mastership ends or the log fails.
 */
interface Waiter {
  readonly version: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** See the head of this file. */
export class Waiting {
  #waiters: Waiter[] = [];

  /** Resolves when `version` is acknowledged. */
  until(version: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ version, resolve, reject });
    });
  }

  /** Everything up to this version is agreed upon. */
  acknowledge(upTo: number): void {
    let count = 0;
    while (count < this.#waiters.length && this.#waiters[count]!.version <= upTo)
      this.#waiters[count++]!.resolve();
    if (count > 0) this.#waiters = this.#waiters.slice(count);
  }

  /** What was not acknowledged may survive or not. */
  reject(error: unknown): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(error);
  }
}
