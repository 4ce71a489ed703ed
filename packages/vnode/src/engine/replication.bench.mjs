/**
 * What replication costs: three engines (a thread each) in one process, joined without a network, beside one engine
 * with one replica. Ratios are of the same cores, as the three share them.
 *
 *   node packages/vnode/src/engine/replication.bench.mjs [connections] [rows a write] [seconds]      (after npm run build)
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger } from '@tdnode/common';
import { createMeters, metersConfig, submitMeters } from '../../dist/fixtures/meters.js';
import { startEngineThreads } from '../../dist/index.js';

const [connections = 16, rowsPerWrite = 100, seconds = 3] = process.argv.slice(2).map(Number);
const uids = Array.from({ length: 1000 }, (_, i) => i + 1);

async function rate(replica, quorum) {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'vnode-bench-'));
  const ids = Array.from({ length: replica }, (_, i) => i + 1);
  const replicas = ids.map((dnodeId) => ({ dnodeId, endPoint: `h${dnodeId}:6030` }));
  const config = { ...metersConfig({ replica, quorum }), replicas };
  const clients = await Promise.all(
    ids.map((dnodeId) =>
      startEngineThreads({
        dataDir: `${dataDir}/${dnodeId}`,
        engines: 1,
        keepDropped: false,
        logger: silentLogger,
        dnodeId,
      }),
    ),
  );
  clients.forEach((client) =>
    client.onSend(({ peer, vgId, bytes }) => clients[peer - 1].receiveFrame(vgId, bytes)),
  );
  for (const client of clients) await client.create(config);
  let master;
  while (master === undefined) {
    for (const client of clients) {
      const { replication } = await client.stats(2);
      if (replication === undefined || replication.role === 'master') master = client;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await master.write(2, 'change', createMeters(uids));
  const until = Date.now() + seconds * 1000;
  let ts = Date.now() - 864e5;
  let writes = 0;
  async function connection(uid) {
    while (Date.now() < until) {
      const rows = Array.from({ length: rowsPerWrite }, () => [ts++, 12.5]);
      await master.write(2, 'submit', submitMeters([{ uid, rows }]));
      writes++;
    }
  }
  await Promise.all(Array.from({ length: connections }, (_, i) => connection(i + 1)));
  await Promise.all(clients.map((client) => client.close()));
  rmSync(dataDir, { recursive: true, force: true });
  return Math.round((writes * rowsPerWrite) / seconds);
}

const alone = await rate(1, 1);
console.log(`1 replica: ${alone} rows/s`);
for (const quorum of [1, 2]) {
  const rows = await rate(3, quorum);
  console.log(`3 replicas, quorum ${quorum}: ${rows} rows/s, ratio ${(rows / alone).toFixed(2)}`);
}
