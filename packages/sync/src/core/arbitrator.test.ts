import { expect, test } from 'vitest';
import type { Message } from '../messages/message.ts';
import { ArbitratorCore, type ArbitratorOutput, type ArbitratorState } from './arbitrator.ts';
import { NOBODY } from './types.ts';

/** In term 3, voted for 1, both in sync since version 7. */
const KNOWN: ArbitratorState = {
  term: 3,
  votedFor: 1,
  inSync: { members: [1, 2], epoch: 5, era: 7 },
};

const vote = (from: number, more: object = {}): Message => ({
  kind: 'vote',
  from,
  to: 0,
  term: 4,
  lastVersion: 0,
  lastTerm: 0,
  era: 7,
  isPreVote: false,
  isTransfer: false,
  ...more,
});

const inSync = (term: number, members: readonly number[], epoch: number): Message => ({
  kind: 'inSync',
  from: 1,
  to: 0,
  term,
  inSync: { members, epoch, era: 7 },
});

const heartbeat = (term: number): Message => ({
  kind: 'heartbeat',
  from: 1,
  to: 0,
  term,
  commit: 0,
  sentVersion: 0,
});

function answer(core: ArbitratorCore, message: Message): ArbitratorOutput {
  return core.step({ kind: 'message', message });
}

const isGranted = (output: ArbitratorOutput): boolean =>
  output.messages.some((message) => message.kind === 'voteAck' && message.isGranted);

test.each([
  ['a member of the next term', 2, {}, true],
  ['a member in a pre-vote', 2, { isPreVote: true }, true],
  ['who has its vote of this term', 1, { term: 3 }, true],
  ['another in this term', 2, { term: 3 }, false],
  ['an older term', 2, { term: 2 }, false],
  ['who is not in sync', 3, {}, false],
  ['who is of an earlier era', 2, { era: 2 }, false],
])('%s', (_, from, more, expected) => {
  const output = answer(new ArbitratorCore(KNOWN, {}), vote(from, more));
  expect(isGranted(output)).toBe(expected);
  const isPreVote = 'isPreVote' in more;
  const isNew = expected && !isPreVote && from === 2;
  expect(output.state).toEqual(isNew ? { ...KNOWN, term: 4, votedFor: 2 } : undefined);
});

test('while a master is heard, nobody else is helped, unless it handed over or its connection broke', () => {
  const core = new ArbitratorCore(KNOWN, { electionTicks: 3 });
  answer(core, heartbeat(3));
  expect(isGranted(answer(core, vote(2)))).toBe(false);
  core.step({ kind: 'tick' });
  core.step({ kind: 'tick' });
  expect(isGranted(answer(core, vote(2, { isPreVote: true })))).toBe(false);
  core.step({ kind: 'tick' });
  expect(isGranted(answer(core, vote(2, { isPreVote: true })))).toBe(true);
  answer(core, heartbeat(3));
  expect(isGranted(answer(core, vote(2, { isPreVote: true, isTransfer: true })))).toBe(true);
  core.step({ kind: 'peerLost', peer: 2 });
  expect(isGranted(answer(core, vote(2, { isPreVote: true })))).toBe(false);
  core.step({ kind: 'peerLost', peer: 1 });
  expect(isGranted(answer(core, vote(2)))).toBe(true);
});

test.each([
  ['a strike', inSync(3, [1], 6), [1], 3],
  ['a repeated message', inSync(3, [1], 5), [1, 2], 3],
  ['a master of the past', inSync(2, [1], 6), [1, 2], 3],
  ['a master elected without its vote', inSync(9, [1], 6), [1], 9],
])('%s', (_, message, members, term) => {
  const core = new ArbitratorCore(KNOWN, {});
  const output = answer(core, message);
  expect(core.state.inSync.members).toEqual(members);
  expect(output.messages).toMatchObject([{ kind: 'inSyncAck', term, inSync: { members } }]);
});

test('its vote in the term of a master that speaks is spent', () => {
  const core = new ArbitratorCore(KNOWN, { electionTicks: 1 });
  expect(answer(core, heartbeat(4)).state).toMatchObject({ term: 4, votedFor: 1 });
  core.step({ kind: 'tick' });
  expect(isGranted(answer(core, vote(2)))).toBe(false);
});

test('what does not change is not written again', () => {
  const core = new ArbitratorCore({ ...KNOWN, votedFor: NOBODY }, {});
  expect(answer(core, heartbeat(3)).state).toBeDefined();
  expect(answer(core, heartbeat(3)).state).toBeUndefined();
});
