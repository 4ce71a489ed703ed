/** The arithmetic against slow, obvious versions: all subsets, counted. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countVotes, effectiveQuorum, majority, versionHeldBy } from './quorum.ts';

const versions = fc.array(fc.nat(20), { minLength: 1, maxLength: 7 });

/** The highest version v for which some subset of `count` replicas all hold v. */
function slowVersionHeldBy(matched: readonly number[], count: number): number {
  let best = 0;
  for (let subset = 0; subset < 1 << matched.length; subset++) {
    const chosen = matched.filter((_, i) => (subset & (1 << i)) !== 0);
    if (chosen.length === count && count > 0) best = Math.max(best, Math.min(...chosen));
  }
  return best;
}

test('versionHeldBy is the best that any subset of that size holds', () => {
  fc.assert(
    fc.property(versions, fc.integer({ min: 0, max: 8 }), (matched, count) => {
      expect(versionHeldBy(matched, count)).toBe(slowVersionHeldBy(matched, count));
    }),
  );
});

test('any two majorities have a replica in common, and nothing smaller does', () => {
  for (let n = 1; n <= 9; n++) {
    expect(2 * majority(n)).toBeGreaterThan(n);
    expect(2 * (majority(n) - 1)).toBeLessThanOrEqual(n);
  }
});

test('majorities of configs that differ by one voter have a replica in common', () => {
  for (let n = 1; n <= 9; n++) expect(majority(n) + majority(n + 1)).toBeGreaterThan(n + 1);
});

test('a vote is won, lost or pending as all ways in which it may go on say', () => {
  const vote = fc.constantFrom(true, false, undefined);
  fc.assert(
    fc.property(fc.array(vote, { minLength: 1, maxLength: 6 }), (cast) => {
      const ids = cast.map((_, i) => i);
      const votes = new Map<number, boolean>([[99, true]]);
      cast.forEach((v, i) => v !== undefined && votes.set(i, v));
      const open = ids.filter((i) => cast[i] === undefined);
      const outcomes = new Set<boolean>();
      for (let way = 0; way < 1 << open.length; way++) {
        const extra = open.filter((_, i) => (way & (1 << i)) !== 0).length;
        outcomes.add(cast.filter((v) => v === true).length + extra > ids.length / 2);
      }
      const expected = outcomes.size === 2 ? 'pending' : outcomes.has(true) ? 'won' : 'lost';
      expect(countVotes(ids, votes)).toBe(expected);
    }),
  );
});

test.each([
  [1, 3, 1],
  [2, 3, 2],
  [2, 1, 1],
  [3, 2, 2],
  [0, 2, 1],
  ['majority', 3, 2],
  ['majority', 4, 3],
] as const)('quorum %s of %i voters asks for %i', (quorum, voters, expected) => {
  expect(effectiveQuorum(quorum, voters)).toBe(expected);
});
