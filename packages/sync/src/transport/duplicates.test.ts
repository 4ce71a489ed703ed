import { expect, test } from 'vitest';
import { replaces } from './duplicates.ts';

const low = { id: 'x', isDialledByLower: true, peerInstance: 'p' };
const high = { id: 'y', isDialledByLower: false, peerInstance: 'p' };

test.each([
  ['a restarted peer', { ...high, peerInstance: 'q' }, low, '', true],
  ['the same side dialled again', { ...low, id: 'z' }, low, '', true],
  ['the lower dialled', low, high, '', true],
  ['the higher dialled, and gave the other up', high, low, 'x', true],
  ['the two crossed', high, low, '', false],
  ['the two crossed after an older one', high, low, 'older', false],
])('%s', (_name, next, current, seen, expected) => {
  expect(replaces(next, current, seen)).toBe(expected);
});
