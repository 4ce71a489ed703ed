import { expect, test } from 'vitest';
import { UseMemory } from './use-memory.ts';

function clockAt(time: { ms: number }): { now(): number; monotonic(): number } {
  return { now: () => time.ms, monotonic: () => time.ms };
}

test('the database sticks to user and password', () => {
  const memory = new UseMemory(clockAt({ ms: 0 }));
  memory.set('root', 'taosdata', 'power');
  expect(memory.get('root', 'taosdata')).toBe('power');
  expect(memory.get('root', 'other')).toBeUndefined();
  expect(memory.get('ro', 'ottaosdata')).toBeUndefined();
});

test('an entry is forgotten after its idle time, and use prolongs it', () => {
  const time = { ms: 0 };
  const memory = new UseMemory(clockAt(time), 100);
  memory.set('u', 'p', 'd');
  time.ms = 90;
  expect(memory.get('u', 'p')).toBe('d');
  time.ms = 180;
  expect(memory.get('u', 'p')).toBe('d');
  time.ms = 281;
  expect(memory.get('u', 'p')).toBeUndefined();
});

test('the longest unused entry makes room', () => {
  const memory = new UseMemory(clockAt({ ms: 0 }), 100, 2);
  memory.set('a', '', 'd');
  memory.set('b', '', 'd');
  memory.get('a', '');
  memory.set('c', '', 'd');
  expect(['a', 'b', 'c'].map((user) => memory.get(user, ''))).toEqual(['d', undefined, 'd']);
});
