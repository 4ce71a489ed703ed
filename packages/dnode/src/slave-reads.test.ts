/** Which replica a read asks, and for which version. */
import { ManualClock } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { SlaveReads } from './slave-reads.ts';

const VG = 5;
const REPLICAS = [1, 2, 3];

/** `versions`: what the master answers, one after the other. */
function readsOf(
  versions: (number | undefined)[],
  { isOn = true, silent = 0, clock = new ManualClock(0) } = {},
): { readonly reads: SlaveReads; readonly settled: () => Promise<void> } {
  const reads = new SlaveReads({
    isOn,
    clock,
    mayAnswer: (id) => id !== silent,
    askVersion: async () => versions.shift(),
  });
  return { reads, settled: () => new Promise((resolve) => setImmediate(resolve)) };
}

test('until the master has said its version, it is asked; then all in turn', async () => {
  const { reads, settled } = readsOf([7]);
  expect(reads.next(VG, REPLICAS)).toBeUndefined();
  await settled();
  const turns = [0, 1, 2, 3].map(() => reads.next(VG, REPLICAS));
  expect(turns.map((one) => one?.dnodeId)).toEqual([1, 2, 3, 1]);
  expect(new Set(turns.map((one) => one?.atLeast))).toEqual(new Set([7]));
});

test('a write that was acknowledged is waited for, also one from before the master answered', async () => {
  const { reads, settled } = readsOf([7]);
  reads.next(VG, REPLICAS);
  reads.acknowledged(VG, 9);
  await settled();
  expect(reads.next(VG, REPLICAS)?.atLeast).toBe(9);
  reads.acknowledged(VG, 8);
  expect(reads.next(VG, REPLICAS)?.atLeast).toBe(9);
  reads.acknowledged(VG, 10);
  expect(reads.next(VG, REPLICAS)?.atLeast).toBe(10);
});

test('what may have changed unseen is asked of the master again, whatever was on its way', async () => {
  const { reads, settled } = readsOf([7, 12]);
  reads.next(VG, REPLICAS);
  reads.forget();
  await settled();
  expect(reads.next(VG, REPLICAS)).toBeUndefined();
  await settled();
  expect(reads.next(VG, REPLICAS)?.atLeast).toBe(12);
  reads.forget(VG);
  expect(reads.next(VG, REPLICAS)).toBeUndefined();
});

test('without an answer of the master slaves are not asked', async () => {
  const { reads, settled } = readsOf([undefined, 3]);
  expect(reads.next(VG, REPLICAS)).toBeUndefined();
  await settled();
  expect(reads.next(VG, REPLICAS)).toBeUndefined();
  await settled();
  expect(reads.next(VG, REPLICAS)?.atLeast).toBe(3);
});

test('who is behind, or silent, is left out for a while', async () => {
  const clock = new ManualClock(0);
  const { reads, settled } = readsOf([7], { silent: 3, clock });
  reads.next(VG, REPLICAS);
  await settled();
  reads.behind(VG, 2);
  const asked = (): Set<number | undefined> =>
    new Set([0, 1, 2, 3].map(() => reads.next(VG, REPLICAS)?.dnodeId));
  expect(asked()).toEqual(new Set([1]));
  clock.advance(3_001);
  expect(asked()).toEqual(new Set([1, 2]));
});

test('one replica, and slaveQuery 0, leave it to the master', async () => {
  const alone = readsOf([7]);
  alone.reads.next(VG, [1]);
  await alone.settled();
  expect(alone.reads.next(VG, [1])).toBeUndefined();
  const off = readsOf([7], { isOn: false });
  off.reads.next(VG, REPLICAS);
  await off.settled();
  expect(off.reads.next(VG, REPLICAS)).toBeUndefined();
});
