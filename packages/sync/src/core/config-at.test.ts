/** The config that goes with files has to keep the arbitrator's era when the entry with which it began is gone. */
import { expect, test } from 'vitest';
import { ReplicaCore } from './core.ts';
import type { ConfigAt, LogView } from './types.ts';

const log: LogView = {
  firstVersion: 1,
  lastVersion: 9,
  termOf: () => 1,
  take: (from) => ({ to: from, bytes: 0 }),
};

function coreWith(configs: readonly ConfigAt[]): ReplicaCore {
  const start = { log, hardState: { term: 1, votedFor: 1 }, configs, commit: 0 };
  return new ReplicaCore(start, { id: 1, quorum: 1, applyOn: 'persisted' });
}

const pair = { voters: [1, 2], learners: [], arbitrator: true };
const withLearner = { voters: [1, 2], learners: [3], arbitrator: true };
const three = { voters: [1, 2, 3], learners: [], arbitrator: true };

test('a config has the version of its era while the arbitrator is in use, else its own', () => {
  const core = coreWith([
    { version: 0, config: pair },
    { version: 4, config: withLearner },
    { version: 6, config: three },
  ]);
  expect(core.configAt(3)).toEqual({ version: 0, config: pair });
  expect(core.configAt(5)).toEqual({ version: 0, config: withLearner });
  expect(core.configAt(9)).toEqual({ version: 6, config: three });
});

test('begun again from there, the era is the same', () => {
  const again = coreWith([
    coreWith([
      { version: 0, config: pair },
      { version: 4, config: withLearner },
    ]).configAt(5),
  ]);
  expect(again.configAt(9)).toEqual({ version: 0, config: withLearner });
});
