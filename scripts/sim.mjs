/**
 * Simulated clusters, many seeds: node scripts/sim.mjs <fromSeed> <count> [trace | plant]      (after npm run build)
 *
 * Says how far it is, and which seeds failed; ends with status 1 when one did. `trace`: with all that the cores of
 * a failed seed were told and said; `plant`: the name of a planted bug.
 */
import { runSeed } from '../packages/sim/dist/index.js';

const from = Number(process.argv[2] ?? 1);
const count = Number(process.argv[3] ?? 200);
const isTraced = process.argv[4] === 'trace';
const plant = isTraced ? undefined : process.argv[4];
const PROGRESS_MS = 5000;

const failed = [];
const sums = {
  events: 0,
  failOvers: 0,
  crashes: 0,
  acknowledged: 0,
  installs: 0,
  rollbacks: 0,
  changes: 0,
};
const begin = Date.now();
let said = begin;
for (let seed = from; seed < from + count; seed++) {
  const lines = [];
  try {
    const report = await runSeed(seed, {
      plant,
      trace: isTraced ? (line) => lines.push(line) : undefined,
    });
    for (const key of Object.keys(sums)) sums[key] += report[key];
  } catch (error) {
    failed.push(seed);
    for (const line of lines) console.log(line);
    console.error(error.message);
    if (count === 1) console.error(error.cause?.stack);
  }
  if (Date.now() - said < PROGRESS_MS) continue;
  said = Date.now();
  console.log(`${seed - from + 1} of ${count} seeds, ${failed.length} failed`);
}
const seconds = ((Date.now() - begin) / 1000).toFixed(1);
console.log(
  `${count} seeds in ${seconds} s: ${sums.events} events, ${sums.failOvers} fail-overs, ${sums.crashes} crashes, ` +
    `${sums.acknowledged} acknowledged writes, ${sums.installs} times files, ${sums.rollbacks} rollbacks, ` +
    `${sums.changes} changes of members, ${failed.length} failed${failed.length > 0 ? `: ${failed.join(' ')}` : ''}`,
);
process.exitCode = failed.length > 0 ? 1 : 0;
