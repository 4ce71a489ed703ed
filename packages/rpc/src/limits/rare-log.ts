/**
 * Log lines that anybody on the network can cause: the first of a kind is written, then at most one in ten
 * seconds, with the number of those left out. Kinds are bounded too, so that a flood of names takes no memory.
 */
import type { Clock, Logger, LogModule } from '@tdnode/common';

const INTERVAL_MS = 10_000;
const MAX_KINDS = 256;

/** See the head of this file. */
export class RareLog {
  readonly #logger: Logger;
  readonly #module: LogModule;
  readonly #clock: Clock;
  readonly #kinds = new Map<string, { since: number; skipped: number }>();

  constructor(logger: Logger, module: LogModule, clock: Clock) {
    this.#logger = logger;
    this.#module = module;
    this.#clock = clock;
  }

  /** Writes a warning, unless one of this kind was written within the last ten seconds. */
  warn(kind: string, text: string): void {
    const now = this.#clock.monotonic();
    const known = this.#kinds.get(kind);
    if (known !== undefined && now - known.since < INTERVAL_MS) {
      known.skipped++;
      return;
    }
    if (known === undefined && this.#kinds.size >= MAX_KINDS && !this.#forgetOld(now)) return;
    const more = known !== undefined && known.skipped > 0 ? ` (${known.skipped} more like it)` : '';
    this.#kinds.set(kind, { since: now, skipped: 0 });
    this.#logger.warn(this.#module, text + more);
  }

  #forgetOld(now: number): boolean {
    for (const [kind, { since }] of this.#kinds) {
      if (now - since >= INTERVAL_MS) this.#kinds.delete(kind);
    }
    return this.#kinds.size < MAX_KINDS;
  }
}
