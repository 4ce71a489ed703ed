/**
 * What `use` said: the current database by user and password, as the REST door of TDengine keeps it.
 *
 * Invariants: at most `maxEntries` are kept, the longest unused one goes first; an entry that was not
 * used for `idleMs` is forgotten. Nothing survives a restart. A dropped database stays named, as there.
 */
import type { Clock } from '@tdnode/common';

/** An hour idle, ten thousand entries (architecture, decision 11). */
const IDLE_MS = 3_600_000;
const MAX_ENTRIES = 10_000;

interface Entry {
  readonly db: string;
  usedAt: number;
}

/** What `use` said last, by user and password; bounded. */
export class UseMemory {
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #maxEntries: number;
  /** Least recently used first, as a Map keeps insertion order. */
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, idleMs = IDLE_MS, maxEntries = MAX_ENTRIES) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#maxEntries = maxEntries;
  }

  /** The database that this user last chose, or undefined. */
  get(user: string, password: string): string | undefined {
    const key = keyOf(user, password);
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const now = this.#clock.monotonic();
    this.#entries.delete(key);
    if (now - entry.usedAt > this.#idleMs) return undefined;
    entry.usedAt = now;
    this.#entries.set(key, entry);
    return entry.db;
  }

  set(user: string, password: string, db: string): void {
    const key = keyOf(user, password);
    this.#entries.delete(key);
    this.#entries.set(key, { db, usedAt: this.#clock.monotonic() });
    if (this.#entries.size <= this.#maxEntries) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}

/** Names and passwords may hold any character but NUL. */
function keyOf(user: string, password: string): string {
  return `${user}\0${password}`;
}
