import { expect, test } from 'vitest';
import { Liveness } from './liveness.ts';

const pace = { silenceMs: 1200, tickMs: 300 };

/** Ticks every 300 ms from 300 on; what the peer sends and reports is given by the time. */
function deadAt(
  read: (now: number) => number,
  reported: (now: number) => number,
): [number, string] {
  const liveness = new Liveness(pace, 0);
  for (let now = 300; now <= 10_000; now += 300) {
    liveness.reported(reported(now), now);
    const verdict = liveness.tick(read(now), now);
    if (verdict !== 'alive') return [now, verdict];
  }
  return [0, 'alive'];
}

const grows = (now: number): number => now;
const stops = (now: number): number => Math.min(now, 3000);

test('both directions, or one of them, dead for 1.2 s is seen within 1.5 s', () => {
  expect(deadAt(grows, grows)).toEqual([0, 'alive']);
  expect(deadAt(stops, stops)).toEqual([4500, 'peer is silent']);
  expect(deadAt(stops, grows)).toEqual([4500, 'peer is silent']);
  expect(deadAt(grows, stops)).toEqual([4500, 'peer does not hear us']);
  expect(
    deadAt(
      () => 0,
      () => 0,
    ),
  ).toEqual([1500, 'peer is silent']);
});

test('a count that goes back is no progress', () => {
  expect(deadAt(grows, (now) => (now < 3000 ? 100 : 50))).toEqual([1800, 'peer does not hear us']);
});

test('time that our own thread stood still counts for nobody', () => {
  const liveness = new Liveness(pace, 0);
  liveness.reported(1, 300);
  expect(liveness.tick(1, 300)).toBe('alive');
  expect(liveness.tick(1, 5300)).toBe('alive'); // what came meanwhile is read after this tick
  liveness.reported(2, 5600);
  expect(liveness.tick(2, 5600)).toBe('alive');
  const silent = [5900, 6200, 6500, 6800, 7100].map((now) => liveness.tick(2, now));
  expect(silent).toEqual(['alive', 'alive', 'alive', 'alive', 'peer is silent']);
});
