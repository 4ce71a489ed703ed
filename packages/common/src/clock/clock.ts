/** The seam to time. Pure parts take times as arguments; drivers take a `Clock`. */
export interface Clock {
  /** Wall clock, ms since 1970, whole. */
  now(): number;
  /** Monotonic, ms with fractions, from an arbitrary start. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
