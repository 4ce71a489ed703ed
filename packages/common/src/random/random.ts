/** The seam to luck: a source of numbers in [0, 1). */
export interface Random {
  next(): number;
}

/** A small seeded generator (mulberry32), for tests, simulation and anything that must repeat. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = state;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    },
  };
}

/** The runtime's luck; only programs take it. */
export const systemRandom: Random = { next: () => Math.random() };
