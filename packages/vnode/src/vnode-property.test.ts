/** A vnode against a plain sorted array of rows, under random writes, changes, commits and restarts. */
import { seededRandom, silentLogger, type Random } from '@tdnode/common';
import { encodeChanges } from '@tdnode/rpc';
import { ManualClock, MemoryFileSystem, assertNothingOpen } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import {
  asWrite,
  createMeters,
  metersConfig,
  submitMeters,
  type MeterRows,
} from './fixtures/meters.ts';
import { rowsOf } from './fixtures/read-rows.ts';
import { runWrites } from './vnode-write.ts';
import { Vnode } from './vnode.ts';

const NOW = 1_600_000_000_000;
const SEEDS = 25;
const STEPS = 60;

/** The oracle: uid → time → current. */
type Model = Map<number, Map<number, number>>;

const below = (random: Random, n: number): number => Math.floor(random.next() * n);

function randomRows(random: Random): [number, number][] {
  const times = new Set<number>();
  const spread = random.next() < 0.3 ? 4 * 86_400_000 : 40;
  for (let i = 1 + below(random, 20); i > 0; i--) times.add(NOW - below(random, spread));
  return [...times].sort((a, b) => a - b).map((ts) => [ts, below(random, 1000)]);
}

function applyRows(model: Model, { uid, rows }: MeterRows, update: number): void {
  const table = model.get(uid)!;
  for (const [ts, value] of rows) if (update === 1 || !table.has(ts)) table.set(ts, value);
}

function expectSame(vnode: Vnode, model: Model, where: string): void {
  for (const [uid, rows] of model) {
    const expected = [...rows].sort(([a], [b]) => a - b);
    expect(rowsOf(vnode, uid), `${where}, table ${uid}`).toEqual(expected);
  }
  expect(vnode.meta.tables.size, where).toBe(model.size);
}

test.each([0, 1])('answers as a sorted array does, update %i', (update) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seededRandom(seed * 2 + update);
    const fs = new MemoryFileSystem();
    fs.makeFolder('/v');
    const services = { fs, clock: new ManualClock(NOW), logger: silentLogger, segmentBytes: 4000 };
    const open = (): Vnode => Vnode.open(services, '/v', metersConfig({ update, days: 1 }));
    const model: Model = new Map();
    let vnode = open();
    let nextUid = 1;
    for (let step = 0; step < STEPS; step++) {
      const luck = random.next();
      const uids = [...model.keys()];
      if (luck < 0.12 || uids.length === 0) {
        const made = Array.from({ length: 1 + below(random, 3) }, () => nextUid++);
        runOne(vnode, 'change', createMeters(made));
        for (const uid of made) model.set(uid, new Map());
      } else if (luck < 0.17) {
        const uid = uids[below(random, uids.length)]!;
        runOne(vnode, 'change', encodeChanges([{ kind: 'dropTables', uids: [uid] }]));
        model.delete(uid);
      } else if (luck < 0.8) {
        const chosen = uids.filter(() => random.next() < 0.5);
        const tables = chosen.map((uid) => ({ uid, rows: randomRows(random) }));
        if (tables.length === 0) continue;
        runOne(vnode, 'submit', submitMeters(tables));
        for (const table of tables) applyRows(model, table, update);
      } else if (luck < 0.88) {
        vnode.flush();
      } else if (luck < 0.94) {
        for (let i = 0; i < 5; i++) vnode.runSlice(i);
      } else {
        vnode.close();
        vnode = open();
      }
      if (step % 10 === 9) expectSame(vnode, model, `seed ${seed}, step ${step}`);
    }
    expectSame(vnode, model, `seed ${seed}, at the end`);
    vnode.flush();
    while (vnode.runSlice(Infinity) === 'more');
    expectSame(vnode, model, `seed ${seed}, compacted`);
    vnode.close();
    assertNothingOpen(fs);
  }
});

function runOne(vnode: Vnode, kind: 'submit' | 'change', payload: Uint8Array): void {
  const one = asWrite(kind, payload);
  runWrites(vnode, [one]);
  if (one.error !== undefined) throw one.error;
}
