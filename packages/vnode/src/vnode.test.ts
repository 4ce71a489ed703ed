import {
  ErrorCode,
  TaosError,
  silentLogger,
  type DbOptions,
  type FileSystem,
} from '@tdnode/common';
import { encodeChanges, type Change } from '@tdnode/rpc';
import {
  FaultyFileSystem,
  ManualClock,
  MemoryFileSystem,
  assertNothingOpen,
} from '@tdnode/testkit';
import { expect, test } from 'vitest';
import {
  METERS,
  asWrite,
  createMeters,
  metersConfig,
  metersSchema,
  submitMeters,
  type MeterRows,
} from './fixtures/meters.ts';
import { rowsOf } from './fixtures/read-rows.ts';
import { VnodeScan } from './vnode-read.ts';
import { runWrites } from './vnode-write.ts';
import { Vnode } from './vnode.ts';

const clock = new ManualClock();
const NOW = clock.now();
const DAY = 86_400_000;

function newDisk(): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  fs.makeFolder('/v');
  fs.syncAll();
  return fs;
}

function open(fs: FileSystem, options: Partial<DbOptions> = {}): Vnode {
  return Vnode.open({ fs, clock, logger: silentLogger }, '/v', metersConfig(options));
}

function write(vnode: Vnode, kind: 'submit' | 'change', payload: Uint8Array): number {
  const one = asWrite(kind, payload);
  runWrites(vnode, [one]);
  if (one.error !== undefined) throw one.error;
  return one.version;
}

const submit = (vnode: Vnode, ...tables: MeterRows[]): number =>
  write(vnode, 'submit', submitMeters(tables));
const change = (vnode: Vnode, ...changes: Change[]): number =>
  write(vnode, 'change', encodeChanges(changes));

function codeOf(run: () => unknown): number {
  try {
    run();
  } catch (error) {
    if (error instanceof TaosError) return error.code;
    throw error;
  }
  return 0;
}

test('rows written are read, from memory, after a restart, and from files', () => {
  const fs = newDisk();
  let vnode = open(fs);
  expect(write(vnode, 'change', createMeters([7, 8]))).toBe(1);
  expect(
    submit(
      vnode,
      {
        uid: 7,
        rows: [
          [NOW, 1],
          [NOW + 2, 2],
        ],
      },
      { uid: 8, rows: [[NOW, 3]] },
    ),
  ).toBe(2);
  submit(vnode, { uid: 7, rows: [[NOW + 1, 9]] });
  const expected = [
    [NOW, 1],
    [NOW + 1, 9],
    [NOW + 2, 2],
  ];
  const check = (): void => {
    expect(rowsOf(vnode, 7)).toEqual(expected);
    expect(rowsOf(vnode, 8)).toEqual([[NOW, 3]]);
    expect(vnode.meta.tagsOf(8)).toEqual([new TextEncoder().encode('city2'), 8]);
    expect(vnode.meta.name(1)).toBe('d7');
  };
  check();
  vnode.close();
  vnode = open(fs);
  expect(vnode.appliedVersion).toBe(3);
  check();
  vnode.flush();
  check();
  expect(vnode.store.memoryBytes).toBe(0);
  vnode.close();
  vnode = open(fs);
  check();
  expect(submit(vnode, { uid: 8, rows: [[NOW + 5, 4]] })).toBe(4);
  vnode.close();
  assertNothingOpen(fs);
});

test('what cannot be stored is refused before it is logged', () => {
  const vnode = open(newDisk(), { keep: [30, 30, 30] });
  write(vnode, 'change', createMeters([7]));
  expect(codeOf(() => submit(vnode, { uid: 99, rows: [[NOW, 1]] }))).toBe(
    ErrorCode.TDB_INVALID_TABLE_ID,
  );
  expect(codeOf(() => submit(vnode, { uid: 7, rows: [[NOW - 30 * DAY - 1, 1]] }))).toBe(1547);
  expect(
    codeOf(() =>
      submit(vnode, {
        uid: 7,
        rows: [
          [NOW, 1],
          [NOW + 10 * DAY + 1, 1],
        ],
      }),
    ),
  ).toBe(1547);
  expect(
    submit(vnode, {
      uid: 7,
      rows: [
        [NOW - 30 * DAY, 1],
        [NOW + 10 * DAY, 1],
      ],
    }),
  ).toBe(2);
  const tag: Change = { kind: 'setTag', uid: 99, colId: 1, value: 1 };
  expect(codeOf(() => change(vnode, tag))).toBe(ErrorCode.TDB_INVALID_TABLE_ID);
  expect(codeOf(() => write(vnode, 'change', new Uint8Array([1, 77])))).toBe(
    ErrorCode.TDB_MESSED_MSG,
  );
  expect(vnode.log.lastVersion).toBe(2);
});

test('rows of an older schema are taken while their columns exist, of a lost column refused', () => {
  const vnode = open(newDisk());
  write(vnode, 'change', createMeters([7]));
  const added = { name: 'phase', type: metersSchema.columns[1]!.type, bytes: 8, colId: 4 };
  change(vnode, {
    kind: 'putSchema',
    uid: METERS,
    name: 'meters',
    isStable: true,
    schema: { ...metersSchema, version: 2, columns: [...metersSchema.columns, added] },
  });
  submit(vnode, { uid: 7, rows: [[NOW, 1]] });
  const kept = metersSchema.columns.filter(({ colId }) => colId !== 3);
  change(vnode, {
    kind: 'putSchema',
    uid: METERS,
    name: 'meters',
    isStable: true,
    schema: { ...metersSchema, version: 3, columns: kept },
  });
  expect(codeOf(() => submit(vnode, { uid: 7, rows: [[NOW, 1]] }))).toBe(
    ErrorCode.TDB_IVD_TB_SCHEMA_VERSION,
  );
});

test('a batch of changes and submits is carried out in order', () => {
  const vnode = open(newDisk());
  const writes = [
    asWrite('submit', submitMeters([{ uid: 7, rows: [[NOW, 1]] }])),
    asWrite('change', createMeters([7])),
    asWrite('submit', submitMeters([{ uid: 7, rows: [[NOW, 2]] }])),
    asWrite('change', encodeChanges([{ kind: 'dropTables', uids: [7] }])),
    asWrite('submit', submitMeters([{ uid: 7, rows: [[NOW, 3]] }])),
    asWrite('change', createMeters([7])),
    asWrite('submit', submitMeters([{ uid: 7, rows: [[NOW, 4]] }])),
  ];
  runWrites(vnode, writes);
  expect(writes.map(({ version, error }) => (error === undefined ? version : 'no'))).toEqual([
    'no',
    1,
    2,
    3,
    'no',
    4,
    5,
  ]);
  expect(rowsOf(vnode, 7)).toEqual([[NOW, 4]]);
  expect(vnode.meta.tables.find(7)).toBe(2);
});

test('tags are changed, tables and stables dropped, also over a restart', () => {
  const fs = newDisk();
  let vnode = open(fs);
  write(vnode, 'change', createMeters([7, 8, 9]));
  submit(vnode, { uid: 7, rows: [[NOW, 1]] }, { uid: 9, rows: [[NOW, 1]] });
  vnode.flush();
  change(
    vnode,
    { kind: 'setTag', uid: 7, colId: 2, value: null },
    { kind: 'dropTables', uids: [9, 12] },
  );
  change(vnode, { kind: 'setTag', uid: 8, colId: 1, value: new Uint8Array([65]) });
  const check = (): void => {
    expect(vnode.meta.tagsOf(7)![1]).toBe(null);
    expect(vnode.meta.tagsOf(8)).toEqual([new Uint8Array([65]), 8]);
    const scan = new VnodeScan(vnode);
    expect([...scan.childTables(METERS)].map(({ uid }) => uid)).toEqual([7, 8]);
    expect(scan.childTableCount(METERS)).toBe(2);
    expect(rowsOf(vnode, 9)).toEqual([]);
  };
  check();
  vnode.close();
  vnode = open(fs);
  check();
  vnode.flush();
  vnode.close();
  vnode = open(fs);
  check();
  change(vnode, { kind: 'dropStable', uid: METERS });
  expect(vnode.meta.tables.size).toBe(0);
  expect(vnode.meta.schema(METERS)).toBeUndefined();
});

test('an older schema that comes again changes nothing', () => {
  const vnode = open(newDisk());
  const put = (version: number): Change => ({
    kind: 'putSchema',
    uid: METERS,
    name: 'meters',
    isStable: true,
    schema: { ...metersSchema, version },
  });
  change(vnode, put(1));
  change(vnode, put(3));
  change(vnode, put(2));
  expect(vnode.meta.schema(METERS)!.schema.version).toBe(3);
});

test('no space: the batch is refused, what was acknowledged stays, and writing goes on when space returns', () => {
  const memory = newDisk();
  const fs = new FaultyFileSystem(memory);
  const vnode = open(fs);
  write(vnode, 'change', createMeters([7]));
  submit(vnode, { uid: 7, rows: [[NOW, 1]] });
  fs.fail({ operation: 'write', code: 'ENOSPC', shortBytes: 50, times: 1000 });
  expect(codeOf(() => submit(vnode, { uid: 7, rows: [[NOW + 1, 2]] }))).toBe(
    ErrorCode.VND_NO_DISKSPACE,
  );
  expect(rowsOf(vnode, 7)).toEqual([[NOW, 1]]);
  fs.heal();
  clock.advance(1000);
  submit(vnode, { uid: 7, rows: [[NOW + 2, 3]] });
  vnode.close();
  expect(rowsOf(open(memory), 7)).toEqual([
    [NOW, 1],
    [NOW + 2, 3],
  ]);
});

test('a failed sync at walLevel 2: not acknowledged, refused from then on, reads go on', () => {
  const memory = newDisk();
  const fs = new FaultyFileSystem(memory);
  const vnode = open(fs, { walLevel: 2, fsync: 0 });
  write(vnode, 'change', createMeters([7]));
  submit(vnode, { uid: 7, rows: [[NOW, 1]] });
  fs.fail({ operation: 'sync', code: 'EIO', pathPart: '/wal/' });
  expect(codeOf(() => submit(vnode, { uid: 7, rows: [[NOW + 1, 2]] }))).toBe(
    ErrorCode.WAL_APP_ERROR,
  );
  expect(codeOf(() => submit(vnode, { uid: 7, rows: [[NOW + 2, 3]] }))).toBe(
    ErrorCode.WAL_APP_ERROR,
  );
  expect(rowsOf(vnode, 7)[0]).toEqual([NOW, 1]);
});

test('many changes without any row are saved, and the log is cut', () => {
  const fs = newDisk();
  let vnode = open(fs);
  for (let i = 0; i < 20; i++) {
    const uids = Array.from({ length: 10_000 }, (_, j) => i * 10_000 + j + 1);
    write(vnode, 'change', createMeters(uids));
    vnode.tick();
    vnode.runSlice(Infinity);
  }
  expect(vnode.log.firstVersion).toBeGreaterThan(1);
  vnode.close();
  vnode = open(fs);
  expect(vnode.meta.tables.size).toBe(200_000);
  expect(vnode.appliedVersion).toBe(20);
});

test('no space for files: writes go on, the commit is made when space returns', () => {
  const memory = newDisk();
  const fs = new FaultyFileSystem(memory);
  const vnode = open(fs, { cache: 1, blocks: 1 });
  write(vnode, 'change', createMeters([7]));
  fs.fail({ operation: 'create', code: 'ENOSPC', times: 1000, pathPart: '/tsdb/' });
  let count = 0;
  const writeMore = (): void => {
    const rows = Array.from({ length: 1000 }, (_, i): [number, number] => [NOW + count + i, i]);
    count += rows.length;
    submit(vnode, { uid: 7, rows });
    vnode.tick();
    vnode.runSlice(clock.monotonic());
    clock.advance(200);
  };
  for (let i = 0; i < 40; i++) writeMore();
  expect(vnode.stats().fileBytes).toBe(0);
  fs.heal();
  for (let i = 0; i < 40; i++) writeMore();
  expect(vnode.stats().fileBytes).toBeGreaterThan(0);
  expect(rowsOf(vnode, 7).length).toBe(count);
  vnode.close();
  expect(rowsOf(open(memory), 7).length).toBe(count);
});
