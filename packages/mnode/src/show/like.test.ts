import { expect, test } from 'vitest';
import { nameFilter } from './like.ts';

const word = (text: string) => ({ kind: 'word', text, quoted: true, start: 0, end: 0 }) as const;

test.each([
  ['dev%', 'dev_1', true],
  ['%1', 'dev_1', true],
  ['%1', 'dev10', false],
  ['dev__', 'dev10', true],
  ['DEV_1', 'dev_1', true],
  ['dev\\_1', 'dev_1', false],
  ['%', '', true],
  ['%a%b%', 'xxaxxbxx', true],
  ['%a%b', 'xxaxxbxx', false],
  ['_', '', false],
  ['%%', 'a', true],
])('%s on %s: %s', (pattern, name, expected) => {
  expect(nameFilter(word(pattern))!(name)).toBe(expected);
});

test('no pattern takes all, an empty one is refused', () => {
  expect(nameFilter(undefined)).toBeUndefined();
  expect(() => nameFilter(word(''))).toThrow('pattern string is empty');
});

test('a pattern of many runs stays linear enough for a long name', () => {
  expect(nameFilter(word(`${'%a'.repeat(90)}b`))!('a'.repeat(192))).toBe(false);
});
