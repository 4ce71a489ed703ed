/** Cutting ascending times into windows. */
import type { Window } from '../plan/fragment.ts';

/** Start of the earliest window that holds time `ts`. */
export function firstWindow(window: Window, ts: number): number {
  const { width, step, phase } = window;
  const before = ts - phase - width;
  const rest = before % step;
  return before - (rest < 0 ? rest + step : rest) + step + phase;
}

/** Whether one window, and no other, holds all times of `[first, last]`. */
export function isOneWindow(window: Window, first: number, last: number): boolean {
  if (window.step !== window.width) return false;
  return last < firstWindow(window, first) + window.width;
}
