/**
 * When a continuous query computes which windows: pure arithmetic over its windows and the time.
 *
 * A window is computed once, when it is closed: its end has passed by `delay`, the time that late rows have. Windows are
 * computed in order. Invariants: every window from the first one on is in exactly one run; no run has a window that is
 * still open; after a failed run `next` stands where it stood.
 */
import type { WindowCutter } from '@tdnode/query';

/** How long closed windows wait for late rows. */
export interface DelayRules {
  /** Share of the distance between windows (`streamCompDelayRatio`). */
  readonly ratio: number;
  /** At most so long (`maxStreamCompDelay`), ms. */
  readonly maxMs: number;
}

/** One continuous query, as far as it is computed. Times are ticks of its database. */
export interface StreamCourse {
  readonly windows: WindowCutter;
  /** Start of the first window that is not computed. */
  readonly next: number;
  /** Windows that begin later are not computed; undefined: it never ends. */
  readonly to: number | undefined;
  /** Most windows of one run. */
  readonly windowsMax: number;
  readonly ticksPerMs: number;
}

/** What to do with a continuous query now. */
export type StreamStep =
  /** Compute the windows that begin in `[from, end)`; their rows lie in `[from, rowsEnd)`. */
  | {
      readonly kind: 'run';
      readonly from: number;
      readonly end: number;
      readonly rowsEnd: number;
      /** The first window that is still open; after `end` where there are more than one run takes. */
      readonly openFrom: number;
    }
  /** Nothing before this time, ms. */
  | { readonly kind: 'wait'; readonly untilMs: number }
  /** All its windows are computed. */
  | { readonly kind: 'finished' };

/** The next step of a continuous query at `nowMs`. */
export function planStreamStep(course: StreamCourse, nowMs: number, rules: DelayRules): StreamStep {
  const { windows, next, to = Infinity, windowsMax, ticksPerMs } = course;
  if (next > to) return { kind: 'finished' };
  const share = Math.floor(rules.ratio * (windows.next(next) - next));
  const delay = Math.min(rules.maxMs * ticksPerMs, share);
  const openFrom = windows.first(nowMs * ticksPerMs - delay);
  let end = next;
  let rowsEnd = next;
  for (let count = 0; count < windowsMax && end < openFrom && end <= to; count++) {
    rowsEnd = windows.end(end);
    end = windows.next(end);
  }
  if (end === next)
    return { kind: 'wait', untilMs: Math.ceil((windows.end(next) + delay) / ticksPerMs) };
  return { kind: 'run', from: next, end, rowsEnd, openFrom };
}

/** The latest window that holds `ts`. */
export function windowAt(windows: WindowCutter, ts: number): number {
  let start = windows.first(ts);
  for (let next = windows.next(start); next <= ts; next = windows.next(start)) start = next;
  return start;
}

/** The first window that begins after `ts`. */
export function windowAfter(windows: WindowCutter, ts: number): number {
  return windows.next(windowAt(windows, ts));
}
