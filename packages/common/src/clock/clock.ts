/** The seam to time. Pure parts take times as arguments; drivers take a `Clock`. */
export interface Clock {
  /** Wall clock, ms since 1970, whole. */
  now(): number;
  /** Monotonic, ms with fractions, from an arbitrary start. */
  monotonic(): number;
}

/** The real clock; only programs and their entry points take it. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
