import { silentLogger } from '@tdnode/common';
import { ManualClock } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { RareLog } from './rare-log.ts';

test('a kind is logged once in ten seconds, with the number left out', () => {
  const lines: string[] = [];
  const clock = new ManualClock();
  const log = new RareLog(
    { ...silentLogger, warn: (_module, text) => lines.push(text) },
    'DND',
    clock,
  );
  for (let i = 0; i < 5; i++) log.warn('a', 'refused');
  log.warn('b', 'other');
  clock.advance(10_000);
  log.warn('a', 'refused');
  expect(lines).toEqual(['refused', 'other', 'refused (4 more like it)']);
});

test('a flood of kinds is bounded', () => {
  let count = 0;
  const clock = new ManualClock();
  const log = new RareLog({ ...silentLogger, warn: () => count++ }, 'DND', clock);
  for (let i = 0; i < 10_000; i++) log.warn(`k${i}`, 'x');
  expect(count).toBe(256);
  clock.advance(10_000);
  log.warn('new', 'x');
  expect(count).toBe(257);
});
