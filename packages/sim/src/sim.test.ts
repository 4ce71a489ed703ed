/**
 * Simulated clusters under faults, a seed each; and planted bugs, which have to be found. A seed that fails is
 * printed with the command that runs it again. TDNODE_FULL=1 runs more of them.
 */
import { expect, test } from 'vitest';
import { PLANTS } from './plants.ts';
import { SeedError, runSeed } from './run-seed.ts';

const SEEDS = process.env['TDNODE_FULL'] === '1' ? 5000 : 200;
const SEEDS_PER_TEST = 50;
/** A planted bug has to be found within so many seeds. */
const PLANT_SEEDS = 200;

const firstSeeds = Array.from({ length: SEEDS / SEEDS_PER_TEST }, (_, i) => 1 + i * SEEDS_PER_TEST);

test.each(firstSeeds)(
  '50 seeds from %i: nothing acknowledged is lost, all logs end up equal',
  (first) => {
    const sums = { failOvers: 0, installs: 0, changes: 0 };
    for (let seed = first; seed < first + SEEDS_PER_TEST; seed++) {
      const report = runSeed(seed);
      expect(report.events).toBeGreaterThanOrEqual(2000);
      expect(report.crashes).toBeGreaterThan(0);
      if (report.replicas > 1) expect(report.failOvers).toBeGreaterThan(0);
      sums.failOvers += report.failOvers;
      sums.installs += report.installs;
      sums.changes += report.changes;
    }
    expect(sums.failOvers).toBeGreaterThanOrEqual(SEEDS_PER_TEST);
    expect(sums.installs).toBeGreaterThan(10);
    expect(sums.changes).toBeGreaterThan(10);
  },
);

test('a seed always runs the same way', () => {
  const lines = [0, 1].map(() => {
    const trace: string[] = [];
    runSeed(7, { trace: (line) => trace.push(line) });
    return trace;
  });
  expect(lines[0]!.length).toBeGreaterThan(1000);
  expect(lines[1]).toEqual(lines[0]);
});

test.each(PLANTS)('the planted bug "%s" is found', (plant) => {
  for (let seed = 1; seed <= PLANT_SEEDS; seed++) {
    try {
      runSeed(seed, { plant });
    } catch (error) {
      expect(error).toBeInstanceOf(SeedError);
      return;
    }
  }
  expect.fail(`not found in ${PLANT_SEEDS} seeds`);
});
