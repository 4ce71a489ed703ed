/**
 * Simulated clusters, many seeds: node scripts/sim.mjs <fromSeed> <count> [trace | plant]      (after npm run build)
 *
 * Says how far it is, and which seeds failed; then what kinds of groups there were and what happened in them. Ends with
 * status 1 when a seed failed. `trace`: with all that the cores of a failed seed were told and said; `plant`: the name
 * of a planted bug.
 */
import { runSeed } from '../packages/sim/dist/index.js';

const from = Number(process.argv[2] ?? 1);
const count = Number(process.argv[3] ?? 200);
const isTraced = process.argv[4] === 'trace';
const plant = isTraced ? undefined : process.argv[4];
const PROGRESS_MS = 60_000;
// Clients are refused all the time; one seed alone shows where.
if (count > 1) Error.stackTraceLimit = 0;
/** Fail-overs from here on are counted together. */
const FAIL_OVERS_MAX = 6;

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
const kinds = {
  machine: new Map(),
  replicas: new Map(),
  hasArbitrator: new Map(),
  quorum: new Map(),
  failOvers: new Map(),
};

function note(report) {
  for (const key of Object.keys(sums)) sums[key] += report[key];
  const values = { ...report, failOvers: Math.min(report.failOvers, FAIL_OVERS_MAX) };
  for (const [key, counts] of Object.entries(kinds))
    counts.set(values[key], (counts.get(values[key]) ?? 0) + 1);
}

/** `list 60%, vnode 20%, …` */
function shares(counts) {
  const all = [...counts.values()].reduce((a, b) => a + b, 0);
  const sorted = [...counts].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return sorted.map(([key, n]) => `${key} ${((100 * n) / all).toFixed(1)}%`).join(', ');
}

const begin = Date.now();
let said = begin;
for (let seed = from; seed < from + count; seed++) {
  const lines = [];
  try {
    const trace = isTraced ? (line) => lines.push(line) : undefined;
    note(await runSeed(seed, { plant, trace }));
  } catch (error) {
    failed.push(seed);
    for (const line of lines) console.log(line);
    console.error(error.message);
    if (count === 1) console.error(error.cause?.stack);
  }
  if (Date.now() - said < PROGRESS_MS) continue;
  said = Date.now();
  const perSecond = ((1000 * (seed - from + 1)) / (said - begin)).toFixed(1);
  console.log(
    `${seed - from + 1} of ${count} seeds, ${perSecond} a second, ${failed.length} failed`,
  );
}
const seconds = (Date.now() - begin) / 1000;
console.log(
  `machines: ${shares(kinds.machine)}\nreplicas: ${shares(kinds.replicas)}\narbitrator: ${shares(kinds.hasArbitrator)}\n` +
    `quorum: ${shares(kinds.quorum)}\nfail-overs (${FAIL_OVERS_MAX}: or more): ${shares(kinds.failOvers)}`,
);
console.log(
  `${count} seeds in ${seconds.toFixed(1)} s: ${sums.events} events, ${sums.failOvers} fail-overs, ${sums.crashes} crashes, ` +
    `${sums.acknowledged} acknowledged writes, ${sums.installs} times files, ${sums.rollbacks} rollbacks, ` +
    `${sums.changes} changes of members, ${failed.length} failed${failed.length > 0 ? `: ${failed.join(' ')}` : ''}`,
);
process.exitCode = failed.length > 0 ? 1 : 0;
