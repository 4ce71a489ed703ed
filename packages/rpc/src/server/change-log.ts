/**
 * The mnode's list of catalog changes for caches on other dnodes. Each running mnode counts for itself (`epoch`),
 * so that a change of the master, or a restart, means "forget everything" once.
 */
import { randomBytes } from 'node:crypto';
import { CHANGE_WAIT_MS, MAX_CHANGES_KEPT } from '../limits/limits.ts';
import type { ChangeNews, ChangePlace } from '../messages/mnode-calls.ts';
import type { CatalogChange } from '../services/mnode-service.ts';

/** See the head of this file. */
export class ChangeLog {
  readonly #epoch = randomBytes(8).toString('hex');
  readonly #changes: CatalogChange[] = [];
  /** The number of the last change. */
  #sequence = 0;
  readonly #waiting = new Set<() => void>();

  /** Takes a change and wakes who waits. */
  add(change: CatalogChange): void {
    this.#changes.push(change);
    this.#sequence++;
    if (this.#changes.length > 2 * MAX_CHANGES_KEPT) this.#changes.splice(0, MAX_CHANGES_KEPT);
    for (const wake of this.#waiting) wake();
  }

  /** What happened since `place`. */
  since(place: ChangePlace): ChangeNews {
    const missing = this.#sequence - place.sequence;
    const here = { epoch: this.#epoch, sequence: this.#sequence };
    const isKnown = place.epoch === this.#epoch && missing >= 0;
    if (!isKnown || missing > Math.min(MAX_CHANGES_KEPT, this.#changes.length))
      return { ...here, changes: [], isReset: true };
    const changes = missing === 0 ? [] : this.#changes.slice(-missing);
    return { ...here, changes, isReset: false };
  }

  /** As `since`, but waits for something to say, at most CHANGE_WAIT_MS or until `signal`. */
  async wait(place: ChangePlace, signal: AbortSignal): Promise<ChangeNews> {
    if (place.epoch === this.#epoch && place.sequence === this.#sequence && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, CHANGE_WAIT_MS);
        this.#waiting.add(wake);
        signal.addEventListener('abort', wake);
      });
    }
    return this.since(place);
  }

  /** Lets everybody go who waits. */
  close(): void {
    for (const wake of this.#waiting) wake();
  }
}
