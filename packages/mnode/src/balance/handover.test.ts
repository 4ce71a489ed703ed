import { expect, test } from 'vitest';
import { planHandover, type MasteredVgroup } from './handover.ts';

test('masters of three replicas are spread evenly, one handover after the other', () => {
  let vgroups: MasteredVgroup[] = Array.from({ length: 6 }, (_, i) => ({
    vgId: i + 2,
    master: 1,
    slaves: [2, 3],
  }));
  let handovers = 0;
  for (let next = planHandover(vgroups); next !== undefined; next = planHandover(vgroups)) {
    const { vgId, from, to } = next;
    handovers++;
    vgroups = vgroups.map((one) =>
      one.vgId === vgId
        ? { vgId, master: to, slaves: [from, ...one.slaves.filter((id) => id !== to)] }
        : one,
    );
  }
  expect(handovers).toBe(4);
  const masters = vgroups.map(({ master }) => master).sort();
  expect(masters).toEqual([1, 1, 2, 2, 3, 3]);
});

test('a difference of one is even enough, and who has no slave keeps its master', () => {
  expect(planHandover([{ vgId: 2, master: 1, slaves: [2] }])).toBeUndefined();
  const alone = [2, 3, 4].map((vgId) => ({ vgId, master: 1, slaves: [] }));
  expect(planHandover(alone)).toBeUndefined();
});
