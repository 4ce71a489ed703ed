/**
 * The caches' ear at the mnode on another dnode: waits for the next change while somebody listens, and takes up the
 * changes that answers bring along. Each change is told once; when some may have been missed, listeners hear
 * the change of database `''`, which means all of them.
 */
import type { Random } from '@tdnode/common';
import { mnodeChanges, type ChangeNews, type ChangePlace } from '../messages/mnode-calls.ts';
import type { CatalogChange } from '../services/mnode-service.ts';
import type { MasterFinder } from './master-finder.ts';

const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 2_000;

/** What a follower tells besides of changes. */
export interface FollowerEvents {
  /** Hears each change before the listeners. */
  readonly onChange: (change: CatalogChange) => void;
  /** All changes up to now are known. */
  readonly onHeard: () => void;
  /** Changes are not followed any more. */
  readonly onClose: () => void;
}

/** See the head of this file. */
export class ChangeFollower {
  readonly #finder: MasterFinder;
  readonly #random: Random;
  readonly #events: FollowerEvents;
  readonly #listeners = new Set<(change: CatalogChange) => void>();
  #place: ChangePlace = { epoch: '', sequence: 0 };
  #stopping: AbortController | undefined;

  constructor(
    finder: MasterFinder,
    { random }: { readonly random: Random },
    events: FollowerEvents,
  ) {
    this.#finder = finder;
    this.#random = random;
    this.#events = events;
  }

  /** Up to where changes are known. */
  get place(): ChangePlace {
    return this.#place;
  }

  /** Tells `listener` of every change from now on; returns the way to stop that. */
  listen(listener: (change: CatalogChange) => void): () => void {
    const own = (change: CatalogChange): void => listener(change);
    this.#listeners.add(own);
    if (this.#stopping === undefined) {
      this.#stopping = new AbortController();
      void this.#follow(this.#stopping.signal);
    }
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.close();
    };
  }

  /** Takes up what an answer brought. */
  take(news: ChangeNews): void {
    const { epoch, sequence } = this.#place;
    if (news.epoch === epoch && news.sequence <= sequence) return;
    // Two answers may overlap: of each, only what is behind the known place is new.
    const isGap =
      news.isReset || news.epoch !== epoch || news.sequence - news.changes.length > sequence;
    this.#place = { epoch: news.epoch, sequence: news.sequence };
    if (isGap) this.#tell({ db: '', table: undefined });
    else for (const change of news.changes.slice(sequence - news.sequence)) this.#tell(change);
  }

  /** Stops waiting. */
  close(): void {
    this.#stopping?.abort();
    this.#stopping = undefined;
    this.#events.onClose();
  }

  #tell(change: CatalogChange): void {
    this.#events.onChange(change);
    for (const listener of this.#listeners) listener(change);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        this.take(await this.#finder.call(mnodeChanges, this.#place, { signal }));
        if (!signal.aborted) this.#events.onHeard();
        pauseMs = FIRST_PAUSE_MS;
      } catch {
        // No master at the moment: that is logged by whoever needs one. Here the next round tells what was missed.
        if (signal.aborted) return;
        await pause(pauseMs * (0.5 + this.#random.next() / 2), signal);
        pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS);
      }
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
