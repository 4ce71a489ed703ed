/**
 * Sentences of the paper (Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm"), each held
 * against one core and its messages. The numbers are the paper's sections.
 */
import { expect, test } from 'vitest';
import type { Message } from '../messages/message.ts';
import { Model } from '../../test/model.ts';
import { ReplicaCore } from './core.ts';
import type { Output } from './step-types.ts';
import { NOBODY, NO_IN_SYNC, type Config, type LogView } from './types.ts';

const THREE: Config = { voters: [1, 2, 3], learners: [], arbitrator: false };

/** A log whose entries have these terms. */
function logOf(terms: readonly number[]): LogView {
  return {
    firstVersion: 1,
    lastVersion: terms.length,
    termOf: (version) => (version === 0 ? 0 : terms[version - 1]!),
    take: (from) => ({ to: terms.length, bytes: terms.length - from + 1 }),
  };
}

function coreOf(terms: readonly number[], term: number, votedFor: number = NOBODY): ReplicaCore {
  const configs = [{ version: 0, config: THREE }];
  const core = new ReplicaCore(
    { log: logOf(terms), hardState: { term, votedFor }, configs, commit: 0 },
    { id: 1, quorum: 2, applyOn: 'persisted' },
  );
  core.start();
  return core;
}

const vote = (term: number, from: number, log: readonly [number, number]): Message => ({
  kind: 'vote',
  from,
  to: 1,
  term,
  lastVersion: log[0],
  lastTerm: log[1],
  era: -1,
  isPreVote: false,
  isTransfer: false,
});

const append = (
  term: number,
  prev: readonly [number, number],
  terms: readonly number[],
): Message => ({
  kind: 'append',
  from: 2,
  to: 1,
  term,
  prevVersion: prev[0],
  prevTerm: prev[1],
  lastVersion: prev[0] + terms.length,
  commit: 0,
  terms: terms.map((t, i) => ({ version: prev[0] + 1 + i, term: t })),
  configs: [],
});

const step = (core: ReplicaCore, message: Message): Output =>
  core.step({ kind: 'message', message });
const isGranted = ({ messages }: Output): boolean =>
  messages.some((message) => message.kind === 'voteAck' && message.isGranted);

test('5.1: a stale term is rejected, and its sender told', () => {
  const output = step(coreOf([1, 1], 3), append(2, [2, 1], [2]));
  expect(output.append).toBeUndefined();
  expect(output.messages).toMatchObject([{ kind: 'heartbeatAck', term: 3 }]);
});

test('5.2: each server votes for at most one candidate in a term, first come first served', () => {
  const core = coreOf([], 1);
  const first = step(core, vote(2, 2, [0, 0]));
  expect(isGranted(first)).toBe(true);
  expect(first.hardState).toEqual({ term: 2, votedFor: 2 });
  expect(isGranted(step(core, vote(2, 3, [0, 0])))).toBe(false);
  expect(isGranted(step(core, vote(2, 2, [0, 0])))).toBe(true);
});

test('5.2: a vote is remembered over a restart', () => {
  expect(isGranted(step(coreOf([], 2, 2), vote(2, 3, [0, 0])))).toBe(false);
  expect(isGranted(step(coreOf([], 2, 2), vote(2, 2, [0, 0])))).toBe(true);
});

test.each([
  ['shorter log, same term', [1, 1], [1, 1], false],
  ['same log', [1, 1], [2, 1], true],
  ['longer log', [1, 1], [3, 1], true],
  ['shorter log, later term', [1, 1, 1], [1, 2], true],
  ['longer log, earlier term', [1, 2], [9, 1], false],
] as const)(
  '5.4.1: a voter denies its vote if its own log is more up to date: %s',
  (_, terms, log, granted) => {
    expect(isGranted(step(coreOf(terms, 2), vote(3, 2, log)))).toBe(granted);
  },
);

/** Figure 7: what a follower may look like when the leader of term 8 comes to power. */
const LEADER = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];

test.each([
  ['a', [1, 1, 1, 4, 4, 5, 5, 6, 6], undefined, false],
  ['b', [1, 1, 1, 4], undefined, false],
  ['c', [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6], 10, true],
  ['d', [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7], 10, true],
  ['e', [1, 1, 1, 4, 4, 4, 4], undefined, false],
  ['f', [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3], undefined, false],
] as const)(
  '5.3, figure 7 %s: an append behind 10/6 is accepted where the logs agree',
  (_, terms, cut, fits) => {
    const output = step(coreOf(terms, 7), append(8, [10, 6], [8]));
    expect(output.truncateAfter).toBe(cut);
    expect(output.append).toEqual(fits ? { from: 11, to: 11 } : undefined);
    if (fits) return;
    const [answer] = output.messages;
    expect(answer).toMatchObject({ kind: 'appendAck', isRefused: true, version: 10 });
    const hint = (answer as { readonly hintVersion: number }).hintVersion;
    // Nothing above the hint is equal; sending from behind it on is enough.
    for (let v = hint + 1; v <= terms.length; v++) expect(terms[v - 1]).not.toBe(LEADER[v - 1]);
  },
);

test('5.3: what is there already is not written again; only a contradiction cuts', () => {
  const same = step(coreOf([1, 1, 2], 2), append(2, [1, 1], [1]));
  expect([same.append, same.truncateAfter]).toEqual([undefined, undefined]);
  expect(same.messages).toMatchObject([{ kind: 'appendAck', version: 2, isRefused: false }]);
  const other = step(coreOf([1, 1, 1], 2), append(2, [1, 1], [2]));
  expect([other.append, other.truncateAfter]).toEqual([{ from: 2, to: 2 }, 1]);
});

test('5.4.2, figure 8: an entry of an earlier term is not committed by counting replicas', () => {
  const model = new Model({ voters: [1, 2, 3], core: { quorum: 2, applyOn: 'committed' } });
  const { log } = model.replica(1);
  for (const id of [1, 2]) {
    const replica = model.replica(id);
    replica.crash();
    replica.log.entries.push({ term: 2, data: 'old' });
    replica.hardState = { term: 3, votedFor: NOBODY };
    replica.boot();
  }
  const master = model.replica(1);
  const ack = (kind: 'pre' | 'vote'): void => {
    const message: Message = {
      kind: 'voteAck',
      from: 2,
      to: 1,
      term: 4,
      isPreVote: kind === 'pre',
      isGranted: true,
      inSync: NO_IN_SYNC,
    };
    master.step({ kind: 'message', message });
  };
  for (let i = 0; i < 30 && model.network.length === 0; i++) model.tick(1);
  ack('pre');
  ack('vote');
  expect(master.core.role).toBe('master');
  const holds = (version: number): void => {
    const message: Message = {
      kind: 'appendAck',
      from: 2,
      to: 1,
      term: 4,
      version,
      isRefused: false,
      hintVersion: 0,
      hintTerm: 0,
    };
    master.step({ kind: 'message', message });
  };
  master.persist();
  holds(1);
  expect(master.core.commit).toBe(0);
  model.replica(2).log.entries.push(log.at(2)!);
  holds(2);
  expect(master.core.commit).toBe(2);
});

test('6: a server that hears a leader disregards votes, unless the leader handed over', () => {
  const core = coreOf([1], 1);
  step(core, append(1, [1, 1], []));
  expect(isGranted(step(core, vote(9, 3, [5, 5])))).toBe(false);
  expect(core.term).toBe(1);
  const handover = { ...vote(2, 3, [1, 1]), isTransfer: true } as Message;
  expect(isGranted(step(core, handover))).toBe(true);
});
