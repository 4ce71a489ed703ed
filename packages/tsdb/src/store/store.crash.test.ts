/**
 * Aim: a power cut at any operation of commit, compaction, retention or open leaves a store that opens and
 * has everything that was committed; a disk that fails at any operation loses nothing either, and work goes
 * on when it is repaired. Method: one scenario, stopped or failed at its 1st, 2nd, 3rd, … operation.
 */
import { SqlType, seededRandom } from '@tdnode/common';
import {
  CrashError,
  FaultyFileSystem,
  ManualClock,
  MemoryFileSystem,
  type FileOperation,
} from '@tdnode/testkit';
import { expect, test } from 'vitest';
import {
  DAY,
  StoreModel,
  column,
  readAll,
  testOptions,
  type Write,
} from '../../test/store-model.ts';

const BASE = 18_000 * DAY;
const columns = [column(1, SqlType.TIMESTAMP), column(2, SqlType.INT), column(3, SqlType.BINARY)];

/** Six rows a table over two partitions; later rounds overlap earlier ones. */
function roundOf(n: number): Write {
  const rows = [0, 1, 2, 3, 4, 5].map((i) => ({
    ts: BASE + i * (DAY / 4) + n * 1000,
    values: [n * 10 + i, i === 3 ? null : `round ${n}`],
  }));
  const tids = n < 3 ? [4, 5, 1 + (n % 2)] : [5, 1 + (n % 2)];
  return { columns: columns.slice(1), segments: tids.map((tid) => ({ tid, rows })) };
}

function settle(model: StoreModel): void {
  while (model.store.runSlice(0) === 'more');
}

/** Writes and commits a few times, compacts, drops a table, ages. */
function scenario(model: StoreModel, onCommitted: (version: number) => void): void {
  for (let n = 0; n < 6; n++) {
    model.write(roundOf(n));
    if (n === 3) model.drop(4);
    if (n === 3)
      model.write({ columns: [], segments: [{ tid: 6, rows: [{ ts: BASE, values: [] }] }] });
    model.store.beginCommit();
    settle(model);
    onCommitted(model.store.committedVersion);
    if (n === 3) model.columns = columns.slice(0, 2);
  }
}

function checkAll(model: StoreModel): void {
  const wanted = model.columns.slice(1);
  for (const tid of [1, 2, 3, 4, 5, 6]) {
    const cursor = model.store.cursor(tid, model.spec(wanted, -Infinity, Infinity, false));
    const rows = model.dropped.has(tid) ? [] : model.expected(tid, wanted, -Infinity, Infinity);
    expect(readAll(cursor, wanted).flat()).toEqual(rows);
  }
}

function newModel(fs: FaultyFileSystem, clock: ManualClock): StoreModel {
  return new StoreModel(fs, clock, { ...testOptions, update: 1 }, columns.slice());
}

function newDisk(): MemoryFileSystem {
  const disk = new MemoryFileSystem();
  disk.makeFolder('/v');
  disk.syncFolder('/');
  return disk;
}

function operationsOfScenario(): number {
  const fs = new FaultyFileSystem(newDisk());
  const model = newModel(fs, new ManualClock(BASE));
  scenario(model, () => {});
  expect(model.compactions).toBeGreaterThan(0);
  return fs.operations;
}

test.each(['drop', 'keep', 'random'] as const)(
  'a power cut at any operation loses nothing committed (%s)',
  (fate) => {
    const total = operationsOfScenario();
    for (let stop = 1; stop <= total; stop++) {
      const disk = newDisk();
      const fs = new FaultyFileSystem(disk);
      const model = newModel(fs, new ManualClock(BASE));
      let committed = 0;
      fs.stopAfter(stop - fs.operations);
      try {
        scenario(model, (version) => (committed = version));
      } catch (error) {
        if (!(error instanceof CrashError)) throw error;
      }
      const after = disk.crash({ data: fate, names: fate, random: seededRandom(stop) });
      model.reopen(after);
      // Nothing is there that the manifest does not name.
      const named = model.store.stats().files;
      expect(after.list('/v/tsdb').filter((name) => name !== 'manifest')).toHaveLength(named);
      expect(model.store.committedVersion, `stopped at ${stop}`).toBeGreaterThanOrEqual(committed);
      checkAll(model);
      model.store.flush();
      settle(model);
      checkAll(model);
      model.store.close();
    }
  },
);

const operations: FileOperation[] = ['create', 'write', 'sync', 'rename', 'unlink', 'syncFolder'];

test.each(operations)('a failing %s loses nothing and is tried again', (operation) => {
  for (let after = 0; after < 12; after++) {
    const disk = newDisk();
    const fs = new FaultyFileSystem(disk);
    const clock = new ManualClock(BASE);
    const model = newModel(fs, clock);
    fs.fail({
      operation,
      code: operation === 'write' ? 'ENOSPC' : 'EIO',
      after,
      times: 3,
      shortBytes: 5,
      pathPart: 'tsdb',
    });
    scenario(model, () => checkAll(model));
    checkAll(model);
    fs.heal();
    clock.advance(1000);
    settle(model);
    model.store.beginCommit();
    settle(model);
    checkAll(model);
    expect(model.store.memoryBytes).toBe(0);
    expect(model.store.committedVersion).toBe(model.log.length);
    expect(model.store.stats().lastError).toBeUndefined();
    model.store.close();
    model.reopen(disk.crash({ data: 'drop', names: 'drop' }));
    checkAll(model);
    model.store.close();
  }
});

test('flush says what the disk says, and memory stays', () => {
  const fs = new FaultyFileSystem(newDisk());
  const model = newModel(fs, new ManualClock(BASE));
  model.write(roundOf(0));
  fs.fail({ operation: 'write', code: 'ENOSPC', times: 2 });
  expect(() => model.store.flush()).toThrow('ENOSPC');
  checkAll(model);
  expect(() => model.store.flush()).toThrow('ENOSPC');
  model.store.flush();
  expect(model.store.memoryBytes).toBe(0);
  checkAll(model);
});
