import { CorruptionError, SqlType, seededRandom } from '@tdnode/common';
import { FaultyFileSystem, ManualClock, MemoryFileSystem } from '@tdnode/testkit';
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
const columns = [column(1, SqlType.TIMESTAMP), column(2, SqlType.INT)];

function rowsAt(tid: number, times: readonly number[]): Write {
  const rows = times.map((ts, i) => ({ ts, values: [i] }));
  return { columns: columns.slice(1), segments: [{ tid, rows }] };
}

function newModel(options = testOptions): {
  model: StoreModel;
  disk: MemoryFileSystem;
  clock: ManualClock;
} {
  const disk = new MemoryFileSystem();
  disk.makeFolder('/v');
  const clock = new ManualClock(BASE);
  return { model: new StoreModel(disk, clock, options, columns), disk, clock };
}

const everything = (model: StoreModel, descending = false) =>
  model.store.cursor(1, model.spec(columns.slice(1), -Infinity, Infinity, descending));

test('a commit is wanted when memory is a third full, or when rows waited ten minutes', () => {
  const { model, clock } = newModel({ ...testOptions, cache: 1, blocks: 3 });
  expect(model.store.wantsCommit()).toBe(false);
  model.write(rowsAt(1, [BASE]));
  expect(model.store.wantsCommit()).toBe(false);
  clock.advance(10 * 60_000 + 1);
  expect(model.store.wantsCommit()).toBe(true);
  model.store.flush();
  expect(model.store.wantsCommit()).toBe(false);
  const times = Array.from({ length: 100_000 }, (_, i) => BASE + 1 + i);
  model.write(rowsAt(1, times));
  expect(model.store.memoryBytes).toBeGreaterThan(2 ** 20);
  expect(model.store.wantsCommit()).toBe(true);
  expect(model.store.beginCommit()).toBe(true);
  expect(model.store.wantsCommit()).toBe(false);
  expect(model.store.beginCommit()).toBe(false);
});

test('retention removes whole partitions, and readers that began before keep theirs', () => {
  const { model, disk, clock } = newModel({ ...testOptions, keep: [2, 2, 2] });
  model.write(rowsAt(1, [BASE - DAY, BASE, BASE + DAY]));
  model.store.flush();
  expect(model.store.stats().files).toBe(3);
  const cursor = everything(model);
  clock.advance(2 * DAY);
  while (model.store.runSlice(0) === 'more');
  expect(model.store.stats().files).toBe(2);
  expect(disk.list('/v/tsdb')).toHaveLength(4);
  expect(
    readAll(cursor, columns.slice(1))
      .flat()
      .map(({ ts }) => ts),
  ).toEqual([BASE - DAY, BASE, BASE + DAY]);
  expect(disk.list('/v/tsdb')).toHaveLength(3);
  expect(
    readAll(everything(model), columns.slice(1))
      .flat()
      .map(({ ts }) => ts),
  ).toEqual([BASE, BASE + DAY]);
});

test('a corrupt segment is reported with its place, a missing one when the store is opened', () => {
  const { model, disk } = newModel();
  model.write(rowsAt(1, [BASE, BASE + 7, BASE + 9]));
  model.store.flush();
  model.store.close();
  const name = disk.list('/v/tsdb').find((file) => file.endsWith('.seg'))!;
  const path = `/v/tsdb/${name}`;
  const bytes = disk.readFile(path);
  const handle = disk.open(path, 'write');
  handle.write(Uint8Array.of(bytes[bytes.length - 9]! ^ 1), bytes.length - 9);
  handle.close();
  model.reopen();
  const read = (): unknown => readAll(everything(model), columns.slice(1));
  expect(read).toThrow(CorruptionError);
  expect(read).toThrow(path);
  model.store.close();
  disk.unlink(path);
  expect(() => model.reopen()).toThrow(/segment file is missing/);
});

test('blocks of files come undecoded with statistics, in both directions', () => {
  const { model } = newModel();
  model.write(
    rowsAt(
      1,
      Array.from({ length: 20 }, (_, i) => BASE + i),
    ),
  );
  model.store.flush();
  for (const descending of [false, true]) {
    const cursor = everything(model, descending);
    const sums: (number | undefined)[] = [];
    for (let block = cursor.next(); block !== undefined; block = cursor.next())
      sums.push(block.stats(0)?.sum);
    cursor.close();
    const expected = [28, 92, 70];
    expect(sums).toEqual(descending ? expected.toReversed() : expected);
  }
});

test('versions that are in files are not applied again', () => {
  const { model } = newModel({ ...testOptions, update: 1 });
  model.write(rowsAt(1, [BASE]));
  model.store.flush();
  model.store.dropTables(1, [1]);
  expect(readAll(everything(model), columns.slice(1)).flat()).toHaveLength(1);
});

test('on a full disk, what is too old makes room for a commit', () => {
  const disk = new MemoryFileSystem();
  disk.makeFolder('/v');
  const clock = new ManualClock(BASE);
  const fs = new FaultyFileSystem(disk);
  const model = new StoreModel(fs, clock, { ...testOptions, keep: [2, 2, 2] }, columns);
  model.write(rowsAt(1, [BASE - DAY]));
  model.store.flush();
  while (model.store.runSlice(0) === 'more');
  clock.advance(2 * DAY);
  model.write(rowsAt(1, [BASE + DAY]));
  fs.fail({ operation: 'write', code: 'ENOSPC', times: 1000, pathPart: '.seg' });
  model.store.beginCommit();
  while (model.store.runSlice(0) === 'more');
  clock.advance(1000);
  while (model.store.runSlice(0) === 'more');
  expect(disk.list('/v/tsdb').filter((name) => name.endsWith('.seg'))).toEqual([]);
  expect(model.store.stats().lastError).toContain('ENOSPC');
  fs.heal();
  clock.advance(1000);
  while (model.store.runSlice(0) === 'more');
  expect(model.store.stats()).toMatchObject({ files: 1, memoryBytes: 0, lastError: undefined });
});

/** A store whose owner may undo what is above version 1, with frozen memory up to there, `steps` of its commit done. */
function frozen(steps: number): { model: StoreModel; version: number } {
  const { model } = newModel();
  model.write(rowsAt(1, [BASE, BASE + DAY]));
  const version = model.log.length;
  model.store.commitLimit = 0;
  model.store.beginCommit();
  model.store.commitLimit = version;
  for (let i = 0; i < steps; i++) model.store.runSlice(-Infinity);
  return { model, version };
}

const removals = {
  delete: (model: StoreModel, version: number) =>
    model.store.deleteRows(version, [1], { from: BASE, to: BASE }),
  drop: (model: StoreModel, version: number) => model.store.dropTables(version, [1]),
};

test.each(['delete', 'drop'] as const)(
  'a %s that may be undone keeps rows that it takes away from being left out of files',
  (kind) => {
    let waited = 0;
    for (let steps = 0; steps < 4; steps++) {
      const { model, version } = frozen(steps);
      if (model.store.committedVersion === version) break;
      removals[kind](model, version + 1);
      while (model.store.runSlice(Infinity) === 'more');
      expect(model.store.commitNeeds).toBe(version + 1);
      expect(model.store.committedVersion, `${steps} steps`).toBe(0);
      model.store.commitLimit = version + 1;
      while (model.store.runSlice(Infinity) === 'more');
      expect(model.store.committedVersion).toBe(version);
      expect(model.store.commitNeeds).toBe(0);
      waited++;
    }
    expect(waited).toBeGreaterThan(1);
  },
);

test('a compaction is given up for a drop that may be undone, and none begins', () => {
  let abandoned = 0;
  for (let steps = 0; steps < 20; steps++) {
    const { model } = newModel();
    for (let i = 0; i < 4; i++) {
      model.write(rowsAt(1, [BASE + i]));
      model.write(rowsAt(2, [BASE + i]));
      model.store.flush();
    }
    const { committedVersion } = model.store;
    model.store.commitLimit = committedVersion;
    for (let i = 0; i < steps; i++) model.store.runSlice(-Infinity);
    if (model.store.stats().files < 4) break;
    model.store.dropTables(committedVersion + 1, [2]);
    while (model.store.runSlice(Infinity) === 'more');
    model.store.close();
    model.reopen();
    const cursor = model.store.cursor(2, model.spec(columns.slice(1), -Infinity, Infinity, false));
    expect(readAll(cursor, columns.slice(1)).flat()).toHaveLength(4);
    abandoned++;
  }
  expect(abandoned).toBeGreaterThan(1);
});

/** Four files of one partition, ten rows each, that a compaction joins. */
function fourFiles(): { model: StoreModel; committed: number } {
  const { model } = newModel();
  for (let file = 0; file < 4; file++) {
    model.write(
      rowsAt(
        1,
        Array.from({ length: 10 }, (_, i) => BASE + file * 10 + i),
      ),
    );
    model.store.flush();
  }
  return { model, committed: model.store.committedVersion };
}

const rowsNow = (model: StoreModel): number[] =>
  readAll(everything(model), columns.slice(1))
    .flat()
    .map(({ ts }) => ts - BASE);

test('files are joined while a delete may be undone; undone, all rows are there, final, none comes back', () => {
  for (const isFinal of [false, true]) {
    for (let steps = 0; steps < 8; steps++) {
      const { model, committed } = fourFiles();
      model.store.commitLimit = committed;
      for (let i = 0; i < steps; i++) model.store.runSlice(-Infinity);
      model.deleteRows(1, BASE + 5, BASE + 34);
      const left = [0, 1, 2, 3, 4, 35, 36, 37, 38, 39];
      while (model.store.runSlice(Infinity) === 'more');
      expect(model.store.stats().files, `${steps} steps`).toBeLessThan(4);
      expect(rowsNow(model)).toEqual(left);
      if (isFinal) {
        model.write(rowsAt(1, [BASE + 10])); // a deleted time anew
        model.store.commitLimit = model.log.length;
        model.store.flush();
        while (model.store.runSlice(Infinity) === 'more');
        expect(rowsNow(model)).toEqual([...left.slice(0, 5), 10, ...left.slice(5)]);
        expect(model.store.rowCount(1)).toBe(11);
      } else {
        model.undoTo(committed);
        expect(rowsNow(model)).toEqual(Array.from({ length: 40 }, (_, i) => i));
      }
      model.store.close();
    }
  }
});

test('a commit between the beginning and the end of a joining: its delete hides rows of the joined file', () => {
  for (let steps = 1; steps < 8; steps++) {
    const { model } = fourFiles();
    model.deleteRows(1, BASE + 5, BASE + 34);
    for (let i = 0; i < steps; i++) model.store.runSlice(-Infinity);
    model.store.flush();
    expect(rowsNow(model), `${steps} steps`).toHaveLength(10);
    while (model.store.runSlice(Infinity) === 'more');
    expect(rowsNow(model), `${steps} steps`).toHaveLength(10);
    expect(model.store.rowCount(1)).toBe(10);
    model.store.close();
  }
});

test('files do not pile up where a delete always waits for its commit', () => {
  const { model } = newModel();
  for (let round = 0; round < 40; round++) {
    model.write(
      rowsAt(
        1,
        Array.from({ length: 100 }, (_, i) => BASE + round * 100 + i),
      ),
    );
    model.store.beginCommit();
    model.deleteRows(1, BASE + round * 50, BASE + round * 50 + 3);
    while (model.store.runSlice(Infinity) === 'more');
  }
  expect(model.store.stats().files).toBeLessThan(20);
  expect(rowsNow(model)).toHaveLength(model.tables.get(1)!.size);
  model.store.close();
});

test('a manifest whose writer was killed before it was on the disk is there before what it replaced is removed', () => {
  for (let seed = 0; seed < 20; seed++) {
    const { model, disk } = newModel();
    disk.syncAll();
    for (let i = 0; i < 4; i++) {
      model.write(rowsAt(1, [BASE + i]));
      model.store.flush();
    }
    // Dies between the new name of the manifest that a compaction made and the sync of the folder.
    const dying = new FaultyFileSystem(disk);
    model.reopen(dying);
    dying.fail({ operation: 'syncFolder', code: 'EIO', after: 1, times: 1000 });
    while (model.store.runSlice(Infinity) === 'more');
    expect(model.store.stats().lastError).toContain('EIO');
    model.reopen(disk);
    const after = disk.crash({ data: 'drop', names: 'random', random: seededRandom(seed) });
    model.reopen(after);
    expect(readAll(everything(model), columns.slice(1)).flat()).toHaveLength(4);
  }
});
