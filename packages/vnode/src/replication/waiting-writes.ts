/**
 * Writes of a master that are in its log and wait until as many replicas have them as the database asks for.
 *
 * Invariant: versions ascend; a write that waits has neither answer nor error.
 */
import type { VnodeWrite } from '../vnode-write.ts';

/** See the head of this file. */
export class WaitingWrites {
  #writes: VnodeWrite[] = [];
  /** Those that got their answer after their flush was answered. */
  #settled: VnodeWrite[] = [];

  /** Takes a write that was logged. */
  add(write: VnodeWrite): void {
    write.isWaiting = true;
    this.#writes.push(write);
  }

  /** Everything up to this version is safe. */
  acknowledge(upTo: number): void {
    let count = 0;
    while (count < this.#writes.length && this.#writes[count]!.version <= upTo)
      this.#settle(this.#writes[count++]!);
    if (count > 0) this.#writes = this.#writes.slice(count);
  }

  /** Nothing that waits will be answered. */
  reject(error: unknown): void {
    const writes = this.#writes;
    this.#writes = [];
    for (const write of writes) {
      write.error = error;
      this.#settle(write);
    }
  }

  /** Those that were settled late, and are still to be answered. */
  takeSettled(): readonly VnodeWrite[] {
    const settled = this.#settled;
    if (settled.length > 0) this.#settled = [];
    return settled;
  }

  #settle(write: VnodeWrite): void {
    write.isWaiting = false;
    if (write.isPosted) this.#settled.push(write);
  }
}
