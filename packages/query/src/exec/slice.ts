/**
 * Giving control back: a fragment counts the work it does and yields when a slice is used up. A decoded
 * row of one column counts 1, a block taken by its statistics 64; 200,000 units are about a millisecond.
 */
const UNITS_PER_SLICE = 200_000;
export const BLOCK_UNITS = 64;

export class Slice {
  #left = UNITS_PER_SLICE;

  /** Counts work; true when the slice is used up (and a new one begins). */
  spend(units: number): boolean {
    this.#left -= units;
    if (this.#left > 0) return false;
    this.#left = UNITS_PER_SLICE;
    return true;
  }
}
