/**
 * Power cuts: a vnode at walLevel 2, fsync 0 on a disk that is switched off before its n-th operation, for every
 * n. What was acknowledged is there afterwards, exactly once; what was not is there whole or not at all.
 */
import { seededRandom, silentLogger, type FileSystem, type Random } from '@tdnode/common';
import { encodeChanges } from '@tdnode/rpc';
import {
  FaultyFileSystem,
  ManualClock,
  MemoryFileSystem,
  assertNothingOpen,
} from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { asWrite, createMeters, metersConfig, submitMeters } from './fixtures/meters.ts';
import { rowsOf } from './fixtures/read-rows.ts';
import { runWrites } from './vnode-write.ts';
import { Vnode } from './vnode.ts';

const NOW = 1_600_000_000_000;
const DAY = 86_400_000;

function open(fs: FileSystem): Vnode {
  const services = { fs, clock: new ManualClock(NOW), logger: silentLogger, segmentBytes: 600 };
  return Vnode.open(services, '/v', metersConfig({ walLevel: 2, fsync: 0, days: 1 }));
}

/** What was sent and what was answered. */
class Ledger {
  readonly acknowledged = new Map<number, [number, number][]>();
  readonly sent = new Map<number, [number, number][]>();
  readonly tables = new Set<number>();
  readonly tablesSent = new Set<number>();
  readonly dropped = new Set<number>();
}

/** Writes, flushes and commits of which the disk sees every kind of operation. Throws when it is switched off. */
function run(vnode: Vnode, ledger: Ledger, random: Random): void {
  let value = 0;
  for (let round = 0; round < 14; round++) {
    const uid = 7 + (round % 3);
    if (round < 3) {
      ledger.tablesSent.add(uid);
      write(vnode, 'change', createMeters([uid]));
      ledger.tables.add(uid);
    }
    const rows: [number, number][] = [];
    const from = NOW - 2 * DAY + 3_000_000 * Math.floor(random.next() * 60);
    for (let i = 0; i < 4; i++) rows.push([from + i, value++]);
    ledger.sent.set(uid, [...(ledger.sent.get(uid) ?? []), ...rows]);
    write(vnode, 'submit', submitMeters([{ uid, rows }]));
    ledger.acknowledged.set(uid, [...(ledger.acknowledged.get(uid) ?? []), ...rows]);
    if (round % 5 === 4) vnode.flush();
  }
  ledger.dropped.add(9);
  write(vnode, 'change', encodeChanges([{ kind: 'dropTables', uids: [9] }]));
  vnode.flush();
}

function write(vnode: Vnode, kind: 'submit' | 'change', payload: Uint8Array): void {
  const one = asWrite(kind, payload);
  runWrites(vnode, [one]);
  if (one.error !== undefined) throw one.error;
}

function newDisk(): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  fs.makeFolder('/v');
  fs.syncAll();
  return fs;
}

/** Acknowledged rows are there, none that was not sent is, none twice. */
function checkRows(vnode: Vnode, ledger: Ledger, where: string): void {
  for (const uid of ledger.tables) {
    if (ledger.dropped.has(uid)) continue;
    const found = rowsOf(vnode, uid).map(String);
    expect(new Set(found).size, where).toBe(found.length);
    const sent = firstOfEachTime(ledger.sent.get(uid) ?? []);
    for (const row of found) expect(sent, where).toContain(row);
    for (const row of firstOfEachTime(ledger.acknowledged.get(uid) ?? []))
      expect(found, where).toContain(row);
  }
  for (const uid of [7, 8, 9]) {
    if (!ledger.tablesSent.has(uid)) expect(vnode.meta.tables.find(uid), where).toBe(0);
  }
}

/** Under update 0 the first row of a time stays. */
function firstOfEachTime(rows: readonly [number, number][]): string[] {
  const first = new Map<number, string>();
  for (const row of rows) if (!first.has(row[0])) first.set(row[0], String(row));
  return [...first.values()];
}

test('switched off before any operation, nothing acknowledged is lost', () => {
  const whole = new FaultyFileSystem(newDisk());
  run(open(whole), new Ledger(), seededRandom(1));
  const total = whole.operations;
  expect(total).toBeGreaterThan(100);
  for (let stop = 0; stop <= total; stop++) {
    const memory = newDisk();
    const fs = new FaultyFileSystem(memory);
    fs.stopAfter(stop);
    const ledger = new Ledger();
    try {
      run(open(fs), ledger, seededRandom(1));
    } catch (error) {
      if (!fs.crashed) throw error;
    }
    for (const fate of ['drop', 'random'] as const) {
      const after = memory.crash({ data: fate, names: fate, random: seededRandom(stop) });
      let vnode = open(after);
      checkRows(vnode, ledger, `stopped after ${stop} of ${total} operations, ${fate}`);
      // It goes on, and all is still there from files.
      write(vnode, 'change', createMeters([70]));
      write(vnode, 'submit', submitMeters([{ uid: 70, rows: [[NOW, 1]] }]));
      vnode.flush();
      vnode.close();
      vnode = open(after);
      checkRows(vnode, ledger, `stopped after ${stop}, ${fate}, reopened`);
      expect(rowsOf(vnode, 70)).toEqual([[NOW, 1]]);
      vnode.close();
      assertNothingOpen(after);
    }
  }
});

test('any one operation fails with EIO: the vnode refuses or goes on, and loses nothing acknowledged', () => {
  const operations = [
    'create',
    'write',
    'truncate',
    'sync',
    'rename',
    'unlink',
    'syncFolder',
  ] as const;
  for (const operation of operations) {
    for (let after = 0; after < 60; after++) {
      const memory = newDisk();
      const fs = new FaultyFileSystem(memory);
      const ledger = new Ledger();
      fs.fail({ operation, code: 'EIO', after });
      try {
        run(open(fs), ledger, seededRandom(2));
        break;
      } catch {
        // As after a restart: what the page cache had is still there.
      }
      const vnode = open(memory);
      checkRows(vnode, ledger, `${operation} number ${after + 1} failed`);
      vnode.close();
    }
  }
});
