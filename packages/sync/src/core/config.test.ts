import { expect, test } from 'vitest';
import { applyChange, arbitratorEra, electorate, leavesArbitrator } from './config.ts';
import { ARBITRATOR, type Config, type ConfigChange } from './types.ts';

const config = (voters: number[], learners: number[] = [], arbitrator = false): Config => ({
  voters,
  learners,
  arbitrator,
});

test.each<[string, Config, ConfigChange, Config | undefined]>([
  ['a learner comes', config([2]), { kind: 'addLearner', id: 1 }, config([2], [1])],
  ['a voter is no learner too', config([2]), { kind: 'addLearner', id: 2 }, undefined],
  ['a learner is promoted', config([2], [1]), { kind: 'promote', id: 1 }, config([1, 2])],
  ['nobody else is', config([2], [1]), { kind: 'promote', id: 3 }, undefined],
  ['a voter goes', config([1, 2, 3]), { kind: 'remove', id: 2 }, config([1, 3])],
  ['a learner goes', config([1], [2]), { kind: 'remove', id: 2 }, config([1])],
  ['the last voter stays', config([1], [2]), { kind: 'remove', id: 1 }, undefined],
  ['who is not there cannot go', config([1, 2]), { kind: 'remove', id: 3 }, undefined],
  [
    'the arbitrator comes',
    config([1]),
    { kind: 'setArbitrator', isUsed: true },
    config([1], [], true),
  ],
  ['but once', config([1], [], true), { kind: 'setArbitrator', isUsed: true }, undefined],
])('%s', (_, from, change, to) => {
  expect(applyChange(from, change)).toEqual(to);
});

test('the arbitrator votes with two voters only', () => {
  expect(electorate(config([1], [], true))).toEqual([1]);
  expect(electorate(config([1, 2], [], true))).toEqual([1, 2, ARBITRATOR]);
  expect(electorate(config([1, 2, 3], [], true))).toEqual([1, 2, 3]);
  expect(electorate(config([1, 2]))).toEqual([1, 2]);
});

test('an era is a run of configs with the same two voters; a new one begins after any other', () => {
  const configs = [
    { version: 0, config: config([1, 2], [], true) },
    { version: 5, config: config([1, 2], [3], true) },
    { version: 7, config: config([1, 2, 3], [], true) },
    { version: 9, config: config([1, 2], [], true) },
    { version: 12, config: config([1, 2], [4], true) },
  ];
  expect(configs.map((_, i) => arbitratorEra(configs.slice(0, i + 1)))).toEqual([0, 0, -1, 9, 9]);
  expect(leavesArbitrator(configs[0]!.config, configs[1]!.config)).toBe(false);
  expect(leavesArbitrator(configs[1]!.config, configs[2]!.config)).toBe(true);
  expect(leavesArbitrator(configs[2]!.config, configs[3]!.config)).toBe(false);
  expect(leavesArbitrator(config([1, 2], [], true), config([1, 2]))).toBe(false);
});
