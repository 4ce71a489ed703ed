// How fast 1,000 child tables a statement become metadata, vnodes apart: node --expose-gc create-tables.bench.mjs, after a build
// Prints tables a second (parsing, records, log with fsync), bytes of heap and buffers a table, and the restart.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { TaosError, nodeFileSystem, silentLogger, systemClock } from '@tdnode/common';
import { parseStatement } from '@tdnode/sql';
import { defaultMnodeConfig, openMnode } from '@tdnode/mnode';

const count = Number(process.argv[2] ?? 200_000);
const dir = mkdtempSync(`${tmpdir()}/mnode-bench-`);
const existing = new Set();
const vnodes = {
  write: async () => ({ version: 1 }),
  tids: async (_vgId, uids) => new Uint32Array(uids.length).fill(1),
  stats: async (vgId) => {
    if (!existing.has(vgId)) throw new TaosError(1283);
  },
  create: async ({ vgId }) => void existing.add(vgId),
};
const open = () =>
  openMnode({
    fs: nodeFileSystem,
    dir: `${dir}/mnode`,
    clock: systemClock,
    logger: silentLogger,
    vnodes,
    config: defaultMnodeConfig,
    dnode: { id: 1, endPoint: 'localhost:6030', cores: 2 },
    variables: () => [],
  });
const memory = () => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

let mnode = await open();
const session = { user: 'root', db: 'd', timezone: 'UTC' };
await mnode.execute('create database d', session);
await mnode.execute(
  'create table meters (ts timestamp, current float, voltage int, phase float) tags (location binary(64), groupid int)',
  session,
);
const statements = [];
for (let from = 0; from < count; from += 1000) {
  const entries = Array.from(
    { length: 1000 },
    (_, i) => `d${from + i} using meters tags ('California.SanFrancisco', ${i % 10})`,
  );
  statements.push(`create table ${entries.join(' ')}`);
}
let started = performance.now();
for (const sql of statements) parseStatement(sql);
const parsing = performance.now() - started;
const before = memory();
started = performance.now();
for (const sql of statements) await mnode.execute(sql, session);
const seconds = (performance.now() - started) / 1000;
const bytes = (memory() - before) / count;
console.log(
  `${Math.round(count / seconds)} tables/s, ${((seconds * 1e6) / count).toFixed(2)} µs a table, of these parsing ${((parsing * 1000) / count).toFixed(2)} µs; ${bytes.toFixed(0)} B a table`,
);
started = performance.now();
await mnode.close();
console.log(`close with checkpoint: ${(performance.now() - started).toFixed(0)} ms`);
started = performance.now();
mnode = await open();
console.log(`open: ${(performance.now() - started).toFixed(0)} ms`);
await mnode.close();
rmSync(dir, { recursive: true });
