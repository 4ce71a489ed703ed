import {
  ErrorCode,
  TaosError,
  decodeBatch,
  encodeBatch,
  f64Vector,
  silentLogger,
  systemClock,
  type VgId,
} from '@tdnode/common';
import type { Scan } from '@tdnode/query';
import {
  FaultyFileSystem,
  ManualClock,
  MemoryFileSystem,
  assertNothingOpen,
} from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { METERS, createMeters, metersConfig, submitMeters } from '../fixtures/meters.ts';
import type { RunningFragment } from './fragment-runner.ts';
import { startLocalEngine } from './local-engine.ts';
import { nodeScheduler } from './port.ts';
import type { EngineClient } from './engine-client.ts';
import type { FileSystem } from '@tdnode/common';

const clock = new ManualClock();
const NOW = clock.now();
const two = 2 as VgId;

/** A fragment of this test: `count` one-row batches, or the rows of all children. */
interface TestFragment {
  readonly count?: number;
  readonly fail?: boolean;
}

let stepsTaken = 0;
let isReturned = false;

function* runFragment(fragment: TestFragment, scan: Scan): RunningFragment {
  try {
    if (fragment.fail === true) throw new TaosError(ErrorCode.QRY_NOT_ENOUGH_BUFFER);
    if (fragment.count !== undefined) {
      for (let i = 0; i < fragment.count; i++) {
        stepsTaken++;
        if (i % 3 === 0) yield undefined;
        yield encodeBatch({ rows: 1, columns: [f64Vector(Float64Array.of(i), 0)] });
      }
      return;
    }
    for (const table of scan.childTables(METERS)) {
      const cursor = scan.open(table, {
        colIds: [2],
        from: -Infinity,
        to: Infinity,
        descending: false,
      });
      for (let block = cursor.next(); block !== undefined; block = cursor.next()) {
        yield encodeBatch({ rows: block.rows, columns: [block.column(0)] });
      }
      cursor.close();
    }
  } finally {
    isReturned = true;
  }
}

function start(fs: FileSystem, keepDropped = false): Promise<EngineClient> {
  return startLocalEngine({
    place: { fs, dataDir: '/data', keepDropped },
    clock,
    logger: silentLogger,
    scheduler: nodeScheduler,
    runFragment: runFragment as (fragment: object, scan: Scan) => RunningFragment,
  });
}

function newDisk(): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  fs.makeFolder('/data');
  fs.syncAll();
  return fs;
}

async function valuesOf(
  client: EngineClient,
  fragment: TestFragment = {},
  vgId = two,
): Promise<number[]> {
  const values: number[] = [];
  for await (const raw of client.query(vgId, fragment)) {
    const column = decodeBatch(raw).columns[0]!;
    if (column.kind === 'f64') values.push(...column.data);
  }
  return values;
}

const row = (uid: number, at: number, value: number): Uint8Array =>
  submitMeters([{ uid, rows: [[NOW + at, value]] }]);

test('writes of one turn are one log write, answered in order, and there after a restart', async () => {
  const memory = newDisk();
  const fs = new FaultyFileSystem(memory);
  let client = await start(fs);
  await client.create(metersConfig());
  await client.write(two, 'change', createMeters([7, 8]));
  const before = fs.operations;
  const results = await Promise.all(
    [row(7, 1, 10), row(8, 2, 20), row(7, 3, 30)].map((payload) =>
      client.write(two, 'submit', payload),
    ),
  );
  expect(results.map(({ version }) => version)).toEqual([2, 3, 4]);
  expect(fs.operations - before).toBe(1);
  expect(await valuesOf(client)).toEqual([10, 30, 20]);
  expect(await client.tids(two, Float64Array.of(8, 5, 7))).toEqual(Uint32Array.of(2, 0, 1));
  expect(await client.tags(two, 8)).toEqual([new TextEncoder().encode('city2'), 8]);
  await client.close();
  assertNothingOpen(memory);
  client = await start(fs);
  expect(client.opened.map(({ vgId, error }) => [vgId, error])).toEqual([[2, undefined]]);
  expect(await valuesOf(client)).toEqual([10, 30, 20]);
  expect(await client.stats(two)).toMatchObject({ tables: 2, rows: 3, version: 4, memoryBytes: 0 });
  await client.close();
});

test('one bad write in a turn fails alone', async () => {
  const client = await start(newDisk());
  await client.create(metersConfig());
  await client.write(two, 'change', createMeters([7]));
  const results = await Promise.allSettled([
    client.write(two, 'submit', row(7, 1, 1)),
    client.write(two, 'submit', row(99, 1, 1)),
    client.write(9 as VgId, 'submit', row(7, 1, 1)),
    client.write(two, 'submit', row(7, 2, 2)),
  ]);
  expect(
    results.map((result) =>
      result.status === 'fulfilled' ? result.value.version : result.reason.code,
    ),
  ).toEqual([2, ErrorCode.TDB_INVALID_TABLE_ID, ErrorCode.VND_INVALID_VGROUP_ID, 3]);
  await client.close();
});

test('a reader that stops taking holds its fragment back, one that leaves ends it', async () => {
  const client = await start(newDisk());
  await client.create(metersConfig());
  stepsTaken = 0;
  isReturned = false;
  const stream = client.query(two, { count: 1000 })[Symbol.asyncIterator]();
  for (let i = 0; i < 3; i++) await stream.next();
  await client.stats(two);
  expect(stepsTaken).toBeLessThanOrEqual(16);
  await stream.return!(undefined);
  await client.stats(two);
  expect(isReturned).toBe(true);
  expect(await valuesOf(client, { count: 100 })).toEqual(Array.from({ length: 100 }, (_, i) => i));
  await expect(valuesOf(client, { fail: true })).rejects.toMatchObject({
    code: ErrorCode.QRY_NOT_ENOUGH_BUFFER,
  });
  await expect(valuesOf(client, {}, 3 as VgId)).rejects.toMatchObject({
    code: ErrorCode.VND_INVALID_VGROUP_ID,
  });
  await client.close();
});

test('dropping a vnode ends its queries and removes or keeps its folder', async () => {
  for (const keepDropped of [false, true]) {
    const fs = newDisk();
    const client = await start(fs, keepDropped);
    await client.create(metersConfig());
    const stream = client.query(two, { count: 1000 })[Symbol.asyncIterator]();
    await stream.next();
    await client.drop(two);
    await expect(async () => {
      for (;;) if ((await stream.next()).done === true) return;
    }).rejects.toMatchObject({ code: ErrorCode.VND_IS_DROPPING });
    expect(fs.exists('/data/vnode/vnode2')).toBe(false);
    expect(fs.exists('/data/vnode_bak/vnode2/config.json')).toBe(keepDropped);
    await client.create(metersConfig());
    expect(await valuesOf(client)).toEqual([]);
    await client.close();
    assertNothingOpen(fs);
  }
});

test('a corrupt vnode is quarantined, the others serve', async () => {
  const fs = newDisk();
  let client = await start(fs);
  const three = 3 as VgId;
  for (const vgId of [2, 3]) {
    await client.create(metersConfig({ walLevel: 2, fsync: 0 }, vgId));
    await client.write(vgId as VgId, 'change', createMeters([7]));
    await client.write(vgId as VgId, 'submit', row(7, 1, vgId));
    await client.write(vgId as VgId, 'submit', row(7, 2, vgId));
  }
  const copy = fs.crash({ data: 'keep', names: 'keep' });
  await client.close();
  copy.damage('/data/vnode/vnode2/wal/0000000000000001.log', (bytes) => void (bytes[50]! ^= 1));
  client = await start(copy);
  expect(client.opened.map(({ vgId, error }) => [vgId, error?.code])).toEqual([
    [2, ErrorCode.TDB_FILE_CORRUPTED],
    [3, undefined],
  ]);
  await expect(client.write(two, 'submit', row(7, 5, 1))).rejects.toMatchObject({
    code: ErrorCode.TDB_FILE_CORRUPTED,
  });
  await expect(valuesOf(client)).rejects.toMatchObject({ code: ErrorCode.TDB_FILE_CORRUPTED });
  expect(await valuesOf(client, {}, three)).toEqual([3, 3]);
  await client.close();
  assertNothingOpen(copy);
});

test('a folder that was never finished, or is half removed, is cleared away', async () => {
  const fs = newDisk();
  fs.makeFolder('/data/vnode/vnode5/wal');
  fs.makeFolder('/data/vnode/vnode6.dropped/wal');
  const client = await start(fs);
  expect(client.opened).toEqual([]);
  expect(fs.list('/data/vnode')).toEqual([]);
  await client.close();
});

test.each(['lost', 'damaged'])(
  'a vnode whose configuration is %s is quarantined, and kept',
  async (how) => {
    const fs = newDisk();
    let client = await start(fs);
    await client.create(metersConfig({}, 2));
    await client.write(two, 'change', createMeters([7]));
    await client.close();
    const config = '/data/vnode/vnode2/config.json';
    if (how === 'lost') fs.unlink(config);
    else fs.damage(config, (bytes) => void (bytes[20]! ^= 1));
    client = await start(fs);
    expect(client.opened.map(({ vgId, error }) => [vgId, error?.code])).toEqual([
      [2, ErrorCode.TDB_FILE_CORRUPTED],
    ]);
    await expect(client.stats(two)).rejects.toMatchObject({ code: ErrorCode.TDB_FILE_CORRUPTED });
    await client.close();
    expect(fs.list('/data/vnode/vnode2/wal').length).toBeGreaterThan(0);
  },
);

test('a commit runs between drains while writes go on', async () => {
  const fs = newDisk();
  const client = await startLocalEngine({
    place: { fs, dataDir: '/data', keepDropped: false },
    clock: { now: () => NOW, monotonic: systemClock.monotonic },
    logger: silentLogger,
    scheduler: nodeScheduler,
    runFragment: runFragment as (fragment: object, scan: Scan) => RunningFragment,
  });
  await client.create(metersConfig({ cache: 1, blocks: 1 }));
  await client.write(two, 'change', createMeters([7]));
  let count = 0;
  for (let i = 0; i < 60; i++) {
    const rows = Array.from({ length: 2000 }, (_, j): [number, number] => [NOW + count + j, j]);
    count += rows.length;
    await client.write(two, 'submit', submitMeters([{ uid: 7, rows }]));
  }
  const stats = await client.stats(two);
  expect(stats.fileBytes).toBeGreaterThan(0);
  expect(stats.rows).toBe(count);
  expect((await valuesOf(client)).length).toBe(count);
  await client.close();
});
