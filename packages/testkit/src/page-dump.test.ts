/** The forms of a dump that the pages use. */
import { expect, test } from 'vitest';
import { pageDump, parseDump } from './page-dump.ts';

test.each([
  ['54 44  4e 4d', [0x54, 0x44, 0x4e, 0x4d]],
  ['0000  01 02 03', [1, 2, 3]],
  ['00000010  01 02   ..', [1, 2]],
  ['00000000 02000000', [0, 0, 0, 0, 2, 0, 0, 0]],
  ['0102 | c1\n03   a word\n', [1, 2, 3]],
])('%j', (dump, bytes) => expect([...parseDump(dump)]).toEqual(bytes));

test('words among the digits and pages without a dump are refused', () => {
  expect(() => parseDump('01 zz')).toThrow('not hex');
  expect(() => pageDump('architecture.md')).toThrow('no hex dump 0');
});
