import { expect, test } from 'vitest';
import { matchesLike } from './like.ts';

const encoder = new TextEncoder();
function like(text: string, pattern: string, characters = false): boolean {
  const bytes = encoder.encode(`..${text}..`);
  return matchesLike(encoder.encode(pattern), { bytes, from: 2, to: bytes.length - 2 }, characters);
}

test.each([
  ['abc', 'abc', true],
  ['ABC', 'abc', true],
  ['abcd', 'abc', false],
  ['abc', 'a%', true],
  ['abc', '%c', true],
  ['abc', '%b%', true],
  ['abc', '%', true],
  ['', '%', true],
  ['', '', true],
  ['', '_', false],
  ['a', '_', true],
  ['abc', '___', true],
  ['abc', '__', false],
  ['aXbXc', '%x%c', true],
  ['abab', '%ab', true],
  ['ab', '%_c', false],
  ['a%c', 'a\\%c', false],
  ['back\\slash', '%\\_%', true],
  // What follows % may overlap what stands before it.
  ['abc', 'abc%abc', true],
])('%s like %s: %s', (text, pattern, expected) => {
  expect(like(text, pattern)).toBe(expected);
});

test('_ is a character of NCHAR and a byte of BINARY', () => {
  expect(like('中文', '__', true)).toBe(true);
  expect(like('中文', '__')).toBe(false);
  expect(like('中文', '______')).toBe(true);
  expect(like('x中', '_中', true)).toBe(true);
});
