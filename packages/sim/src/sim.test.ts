/**
 * Simulated clusters under faults, a seed each; and planted bugs, which have to be found. A seed that fails is
 * printed with the command that runs it again. TDNODE_FULL=1 runs more of them.
 */
import { expect, test } from 'vitest';
import { PLANTS } from './plants.ts';
import { MACHINES } from './process.ts';
import { SeedError, runSeed, type SeedReport } from './run-seed.ts';

const SEEDS = process.env['TDNODE_FULL'] === '1' ? 5000 : 200;
const SEEDS_PER_TEST = 50;
/** A planted bug has to be found within so many seeds. */
const PLANT_SEEDS = 200;

const firstSeeds = Array.from({ length: SEEDS / SEEDS_PER_TEST }, (_, i) => 1 + i * SEEDS_PER_TEST);

function sumOf(reports: readonly SeedReport[], key: 'failOvers' | 'installs' | 'changes'): number {
  return reports.reduce((sum, report) => sum + report[key], 0);
}

test.each(firstSeeds)(
  '50 seeds from %i: nothing acknowledged is lost, all replicas end up equal',
  async (first) => {
    const reports: SeedReport[] = [];
    for (let seed = first; seed < first + SEEDS_PER_TEST; seed++) {
      const report = await runSeed(seed);
      expect(report.events).toBeGreaterThanOrEqual(2000);
      expect(report.crashes).toBeGreaterThan(0);
      expect(report.acknowledged).toBeGreaterThan(0);
      if (report.replicas > 1) expect(report.failOvers).toBeGreaterThan(0);
      reports.push(report);
    }
    expect(sumOf(reports, 'failOvers')).toBeGreaterThanOrEqual(SEEDS_PER_TEST);
    expect(sumOf(reports, 'installs')).toBeGreaterThan(10);
    expect(sumOf(reports, 'changes')).toBeGreaterThan(10);
    for (const kind of MACHINES)
      expect(reports.filter(({ machine }) => machine === kind).length).toBeGreaterThan(3);
    for (const size of [1, 2, 3, 4, 5])
      expect(reports.filter(({ replicas }) => replicas === size).length).toBeGreaterThan(2);
    expect(reports.filter(({ hasArbitrator }) => hasArbitrator).length).toBeGreaterThan(5);
  },
);

test('a seed always runs the same way, whatever its machine is', async () => {
  const seen = new Set<string>();
  for (let seed = 7; seen.size < MACHINES.length; seed++) {
    const lines: string[][] = [];
    for (let run = 0; run < 2; run++) {
      const trace: string[] = [];
      seen.add((await runSeed(seed, { trace: (line) => trace.push(line) })).machine);
      lines.push(trace);
    }
    expect(lines[0]!.length).toBeGreaterThan(1000);
    expect(lines[1]).toEqual(lines[0]);
  }
});

test.each(PLANTS)('the planted bug "%s" is found', async (plant) => {
  for (let seed = 1; seed <= PLANT_SEEDS; seed++) {
    try {
      await runSeed(seed, { plant });
    } catch (error) {
      expect(error).toBeInstanceOf(SeedError);
      return;
    }
  }
  expect.fail(`not found in ${PLANT_SEEDS} seeds`);
});
