/** Mistyped names find the right one; strangers find none. */
import { expect, test } from 'vitest';
import { editDistance, nearestName } from './nearest-name.ts';

test.each([
  ['', 'abc', 3],
  ['kitten', 'sitting', 3],
  ['same', 'same', 0],
])('%s to %s takes %i edits', (a, b, edits) => expect(editDistance(a, b)).toBe(edits));

test.each([
  ['datadri', 'dataDir'],
  ['maxTable', 'maxTables'],
  ['zzzzzz', undefined],
])('%s means %s', (wrong, right) =>
  expect(nearestName(wrong, ['dataDir', 'maxTables'])).toBe(right),
);
