/** Statements that took longer than 2.1.2's threshold: into the log, and into `log.slowquery`. */
import type { Clock, Logger } from '@tdnode/common';
import type { StatementEvent } from '@tdnode/taosc';
import type { BoundedQueue } from './bounded-queue.ts';
import type { SlowQuery } from './log-tables.ts';

/** Milliseconds from which a statement is slow; 2.1.2's. */
export const SLOW_MS = 3000;

/** Bytes of a statement that are kept. */
const KEPT_BYTES = 1024;

const decoder = new TextDecoder();

/** Looks at one statement that is over. */
export function noteSlow(
  event: StatementEvent,
  into: {
    readonly queue: BoundedQueue<SlowQuery>;
    readonly logger: Logger;
    readonly clock: Clock;
  },
): void {
  if (event.elapsedMs < SLOW_MS) return;
  const text = decoder.decode(event.sql.subarray(0, KEPT_BYTES));
  const sql = text.replaceAll(/\b(pass\s*)('[^']*'?|"[^"]*"?)/giu, "$1'***'");
  const { user, createdAt, elapsedMs } = event;
  into.logger.warn('QRY', `slow: ${(elapsedMs / 1000).toFixed(3)} s, user ${user}: ${sql}`);
  into.queue.add({ atMs: into.clock.now(), user, createdAtMs: createdAt, elapsedMs, sql });
}
