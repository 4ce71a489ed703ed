import { readFileSync } from 'node:fs';
import { seededRandom, silentLogger } from '@tdnode/common';
import { encodeChanges, type Change } from '@tdnode/rpc';
import {
  FaultyFileSystem,
  ManualClock,
  MemoryFileSystem,
  assertNothingOpen,
} from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { METERS, createMeters, metersSchema } from '../fixtures/meters.ts';
import { MetaStore } from './meta-store.ts';
import type { Meta } from './meta.ts';
import type { FileSystem } from '@tdnode/common';

function newDisk(): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  fs.makeFolder('/meta');
  fs.syncAll();
  return fs;
}

const open = (fs: FileSystem): MetaStore =>
  MetaStore.open(fs, '/meta', {
    clock: new ManualClock(),
    logger: silentLogger,
    changesBytesMin: 2000,
  });

/** Everything a meta knows, to be compared. */
function picture(meta: Meta): unknown {
  const tables = [];
  for (let tid = 1; tid < meta.tables.end; tid++) {
    if (!meta.tables.has(tid)) continue;
    const uid = meta.tables.uid(tid);
    tables.push([tid, uid, meta.name(tid), meta.tagsOf(uid), meta.schemaOf(tid)!.uid]);
  }
  const schemas = [...meta.schemas()].map(({ uid, name, isStable, schema, tids }) => [
    uid,
    name,
    isStable,
    schema,
    tids.size,
  ]);
  return { end: meta.tables.end, tables, schemas };
}

const drop = (...uids: number[]): Uint8Array => encodeChanges([{ kind: 'dropTables', uids }]);

test('changes that were saved are there again, others are not', () => {
  const fs = newDisk();
  let store = open(fs);
  store.apply(1, createMeters([5, 6, 7]));
  store.apply(2, drop(7));
  store.save(4);
  const saved = picture(store.meta);
  store.apply(5, createMeters([8]));
  store.close();
  store = open(fs);
  expect(store.version).toBe(4);
  expect(picture(store.meta)).toEqual(saved);
  expect(store.apply(4, drop(5))).toEqual([]);
  expect(picture(store.meta)).toEqual(saved);
  store.close();
  assertNothingOpen(fs);
});

test('a checkpoint takes the place of the changes before it', () => {
  const fs = newDisk();
  let store = open(fs);
  let version = 0;
  const normal: Change = {
    kind: 'putSchema',
    uid: 77,
    name: 'n1',
    isStable: false,
    schema: { ...metersSchema, tags: [] },
  };
  store.apply(
    ++version,
    encodeChanges([
      normal,
      { kind: 'createTables', schemaUid: 77, tables: [{ uid: 77, name: 'n1', tags: [] }] },
    ]),
  );
  for (let i = 0; i < 50; i++) {
    const uids = Array.from({ length: 300 }, (_, j) => 1000 + i * 300 + j);
    store.apply(++version, createMeters(uids));
    store.apply(++version, drop(...uids.filter((uid) => uid % 10 !== 0)));
    store.save(version);
  }
  expect(fs.list('/meta').length).toBe(1);
  expect(fs.list('/meta')[0]).not.toBe('0000000000000001.log');
  const before = picture(store.meta);
  store.close();
  store = open(fs);
  expect(store.version).toBe(version);
  expect(picture(store.meta)).toEqual(before);
  expect(store.meta.schema(METERS)!.tids.size).toBe(1500);
  store.apply(++version, createMeters([999_999]));
  expect(store.meta.tables.find(999_999)).toBe(15_002);
  store.close();
});

test('switched off before any operation of a checkpoint, what was saved is there', () => {
  const prepare = (fs: FileSystem): MetaStore => {
    const store = open(fs);
    for (let i = 0; i < 20; i++) {
      store.apply(i + 1, createMeters(Array.from({ length: 10 }, (_, j) => i * 10 + j + 1)));
      store.save(i + 1);
    }
    return store;
  };
  const whole = new FaultyFileSystem(newDisk());
  prepare(whole);
  for (let stop = 0; stop <= whole.operations; stop++) {
    const memory = newDisk();
    const fs = new FaultyFileSystem(memory);
    fs.stopAfter(stop);
    let saved = 0;
    try {
      saved = prepare(fs).version;
    } catch (error) {
      if (!fs.crashed) throw error;
    }
    for (const fate of ['drop', 'random'] as const) {
      const after = open(memory.crash({ data: fate, names: fate, random: seededRandom(stop) }));
      expect(after.version).toBeGreaterThanOrEqual(saved);
      expect(after.meta.tables.size).toBe(after.version * 10);
      after.close();
    }
  }
});

test("the page's example is opened", () => {
  const page = readFileSync(new URL('../../../../docs/format/meta.md', import.meta.url), 'utf8');
  const bytes: number[] = [];
  for (const [, hex] of page.matchAll(/^[0-9a-f]{8} {2}((?:[0-9a-f]{2} +)+)/gm)) {
    for (const byte of hex!.trim().split(/ +/)) bytes.push(parseInt(byte, 16));
  }
  const fs = newDisk();
  const handle = fs.open('/meta/0000000000000002.log', 'create');
  handle.write(Uint8Array.from(bytes), 0);
  handle.close();
  const store = open(fs);
  expect(store.version).toBe(3);
  expect(store.meta.tables.end).toBe(3);
  expect(store.meta.tables.find(12)).toBe(2);
  expect(store.meta.name(2)).toBe('b');
  expect(store.meta.tagsOf(12)).toEqual([new TextEncoder().encode('Oslo')]);
  expect(store.meta.schema(10)!.name).toBe('st');
});
