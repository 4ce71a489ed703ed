/** Spreads masters evenly by handing mastership over (`adjustMaster`). Pure. */

/** A vgroup whose master could change. */
export interface MasteredVgroup {
  readonly vgId: number;
  readonly master: number;
  /** Dnodes with a slave that has everything. */
  readonly slaves: readonly number[];
}

export interface Handover {
  readonly vgId: number;
  readonly from: number;
  readonly to: number;
}

/** The handover that evens most, or undefined: it ends because each takes the sum of squares of the counts down. */
export function planHandover(vgroups: readonly MasteredVgroup[]): Handover | undefined {
  const masters = new Map<number, number>();
  const count = (id: number): number => masters.get(id) ?? 0;
  for (const { master } of vgroups) masters.set(master, count(master) + 1);
  let best: Handover | undefined;
  let gain = 1;
  for (const { vgId, master, slaves } of vgroups) {
    for (const to of slaves) {
      const difference = count(master) - count(to);
      if (difference <= gain) continue;
      gain = difference;
      best = { vgId, from: master, to };
    }
  }
  return best;
}
