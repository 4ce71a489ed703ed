/** Engines in real threads on the real disk; they run the built code. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger, type VgId } from '@tdnode/common';
import { expect, test } from 'vitest';
import type { startEngineThreads as start } from '../src/index.ts';
import { createMeters, metersConfig, submitMeters } from '../src/fixtures/meters.ts';

const built = new URL('../dist/index.js', import.meta.url).href;
const { startEngineThreads } = (await import(built)) as { startEngineThreads: typeof start };

test('two engines keep four vnodes over a restart', async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'tdnode-engines-'));
  const options = { dataDir, engines: 2, keepDropped: false, logger: silentLogger };
  try {
    let client = await startEngineThreads(options);
    const vgIds = [2, 3, 4, 5] as VgId[];
    const now = Date.now();
    for (const vgId of vgIds) {
      await client.create(metersConfig({}, vgId));
      await client.write(vgId, 'change', createMeters([vgId * 10]));
    }
    const writes = vgIds.flatMap((vgId) =>
      Array.from({ length: 100 }, (_, i) =>
        client.write(vgId, 'submit', submitMeters([{ uid: vgId * 10, rows: [[now + i, i]] }])),
      ),
    );
    const results = await Promise.all(writes);
    expect(results.map(({ version }) => version).slice(0, 100)).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 2),
    );
    await client.close();
    client = await startEngineThreads(options);
    expect(client.opened.map(({ vgId }) => vgId).sort((a, b) => a - b)).toEqual(vgIds);
    for (const vgId of vgIds)
      expect(await client.stats(vgId)).toMatchObject({ tables: 1, rows: 100, version: 101 });
    await expect(
      client.write(3 as VgId, 'submit', submitMeters([{ uid: 1, rows: [[now, 1]] }])),
    ).rejects.toMatchObject({ code: 1536 });
    await client.close();
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
