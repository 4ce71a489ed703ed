#!/usr/bin/env node
// `npm test`: build, lint, format, type check of tests, the form of the code, unit tests, end-to-end tests.
// `--full` adds long seeds and fuzz. Ends with the counts of all tests on a line of their own.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
const full = process.argv.includes('--full');
const report = '.test-report.json';
const bin = (name) => path.join('node_modules', '.bin', name);

const steps = [
  ['build', 'npm', ['run', '--silent', 'build']],
  ['type check of tests', bin('tsc'), ['-p', 'tsconfig.test.json']],
  ['lint', bin('oxlint'), ['--type-aware', '--deny-warnings']],
  ['format', bin('oxfmt'), ['--check', 'packages', 'scripts']],
  [
    'tests',
    bin('vitest'),
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  ],
];

/** Tests that did not run, with what they would need. */
function skippedTests({ testResults }) {
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'skipped' || status === 'pending')
    .map(({ fullName, meta }) => ({ name: fullName, why: meta?.why ?? 'no reason given' }));
}

rmSync(report, { force: true });
let failedStep;
for (const [name, command, args] of steps) {
  const started = Date.now();
  console.log(`\n== ${name}`);
  const { status } = spawnSync(command, args, {
    stdio: 'inherit',
    env: { ...process.env, TDNODE_FULL: full ? '1' : '' },
  });
  console.log(
    `== ${name}: ${status === 0 ? 'ok' : 'FAILED'} in ${((Date.now() - started) / 1000).toFixed(1)} s`,
  );
  if (status !== 0) failedStep ??= name;
  if (failedStep === 'build') break;
}

let passed = 0;
let failed = 0;
let skipped = 0;
try {
  const counts = JSON.parse(readFileSync(report, 'utf8'));
  passed = counts.numPassedTests;
  failed = counts.numFailedTests;
  skipped = counts.numPendingTests;
  for (const { why, name } of skippedTests(counts)) console.log(`skipped: ${name}: ${why}`);
} catch {
  failedStep ??= 'tests (no report)';
}
if (failedStep !== undefined) console.log(`\nfailed: ${failedStep}`);
if (skipped > 0 && process.env.TDNODE_SKIP_NOTHING === '1') {
  console.log(`${skipped} tests were skipped where nothing may be`);
  failedStep ??= 'skipped tests';
}
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failedStep === undefined && failed === 0 && passed > 0 ? 0 : 1);
