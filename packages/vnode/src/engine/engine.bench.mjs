/**
 * How many writes an engine thread takes: connections that each wait for their answer before the next write.
 *
 *   node packages/vnode/src/engine/engine.bench.mjs [connections] [rows a write] [seconds]      (after npm run build)
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger } from '@tdnode/common';
import { createMeters, metersConfig, submitMeters } from '../../dist/fixtures/meters.js';
import { startEngineThreads } from '../../dist/index.js';

const [connections = 16, rowsPerWrite = 1, seconds = 3] = process.argv.slice(2).map(Number);
const dataDir = mkdtempSync(path.join(tmpdir(), 'vnode-bench-'));
const client = await startEngineThreads({
  dataDir,
  engines: 1,
  keepDropped: false,
  logger: silentLogger,
});
await client.create(metersConfig());
const uids = Array.from({ length: 1000 }, (_, i) => i + 1);
await client.write(2, 'change', createMeters(uids));

const start = Date.now();
const until = start + seconds * 1000;
let ts = start - 864e5;
let writes = 0;
let worstMs = 0;

async function connection(uid) {
  while (Date.now() < until) {
    const rows = Array.from({ length: rowsPerWrite }, () => [ts++, 12.5]);
    const sent = performance.now();
    await client.write(2, 'submit', submitMeters([{ uid, rows }]));
    worstMs = Math.max(worstMs, performance.now() - sent);
    writes++;
  }
}

const before = process.cpuUsage();
await Promise.all(Array.from({ length: connections }, (_, i) => connection(i + 1)));
const cpu = process.cpuUsage(before);
const took = (Date.now() - start) / 1000;
const perSecond = Math.round(writes / took);
const cpuSeconds = (cpu.user + cpu.system) / 1e6;
console.log(
  `${connections} connections x ${rowsPerWrite} rows: ${perSecond} writes/s, ${perSecond * rowsPerWrite} rows/s, ` +
    `${((cpuSeconds / writes) * 1e6).toFixed(1)} CPU us a write, worst ${worstMs.toFixed(1)} ms, ` +
    `rss ${Math.round(process.memoryUsage().rss / 1048576)} MiB`,
);
console.log(await client.stats(2));
await client.close();
rmSync(dataDir, { recursive: true });
