import { seededRandom } from '@tdnode/common';
import { expect, test } from 'vitest';
import { MAX_CLOCK_SKEW_MS, MAX_SIGNERS, REPLAY_WINDOW } from '../limits/limits.ts';
import { ReplayGuard } from './replay-guard.ts';

test('each number is good once, in any order within the window', () => {
  const random = seededRandom(5);
  const guard = new ReplayGuard();
  const seen = new Set<number>();
  let highest = 0;
  const wrong: number[] = [];
  for (let i = 0; i < 150_000; i++) {
    const back = Math.floor(random.next() * (REPLAY_WINDOW + 5));
    const number = Math.max(1, random.next() < 0.5 ? highest + 1 + (i % 3) : highest - back);
    const isNew = !seen.has(number) && number + REPLAY_WINDOW > highest;
    if (guard.accept('a', number, 0) !== (isNew ? 'new' : 'replayed')) wrong.push(number);
    if (isNew) seen.add(number);
    highest = Math.max(highest, isNew ? number : 0);
  }
  expect(wrong).toEqual([]);
  expect(highest).toBeGreaterThan(REPLAY_WINDOW);
});

test('a leap beyond the window forgets nothing that it should know', () => {
  const guard = new ReplayGuard();
  for (const number of [1, REPLAY_WINDOW, 10 * REPLAY_WINDOW])
    expect(guard.accept('a', number, 0)).toBe('new');
  for (const number of [1, REPLAY_WINDOW, 9 * REPLAY_WINDOW, 10 * REPLAY_WINDOW])
    expect(guard.accept('a', number, 0)).toBe('replayed');
  expect(guard.accept('a', 9 * REPLAY_WINDOW + 1, 0)).toBe('new');
  expect(guard.accept('b', 1, 0)).toBe('new');
});

test('signers are bounded, and forgotten when all they signed is too old', () => {
  const guard = new ReplayGuard();
  for (let i = 0; i < MAX_SIGNERS; i++) expect(guard.accept(`s${i}`, 1, 0)).toBe('new');
  expect(guard.accept('one more', 1, 2 * MAX_CLOCK_SKEW_MS)).toBe('too many signers');
  expect(guard.accept('s0', 1, 2 * MAX_CLOCK_SKEW_MS)).toBe('replayed');
  expect(guard.accept('one more', 1, 2 * MAX_CLOCK_SKEW_MS + 1)).toBe('new');
});
