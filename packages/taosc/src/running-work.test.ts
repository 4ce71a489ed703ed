import type { Batch } from '@tdnode/common';
import { ManualClock } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { killable } from './killable.ts';
import { RunningWork } from './running-work.ts';

const client = { user: 'root', address: '127.0.0.1' };

test('a query is listed from its beginning to its end', () => {
  const clock = new ManualClock(1000);
  const work = new RunningWork(clock);
  const query = work.begin(client, 'select 1 from t');
  clock.advance(20);
  expect(work.list().queries).toEqual([
    {
      connectionId: 1,
      number: 1,
      user: 'root',
      address: '127.0.0.1',
      createdAt: 1000,
      elapsedUs: 20_000,
      sql: 'select 1 from t',
    },
  ]);
  query.end();
  expect(work.list().queries).toEqual([]);
  expect(work.list().connections).toHaveLength(1);
});

test('a killed query is not listed, though nobody draws its batches', () => {
  const work = new RunningWork(new ManualClock(0));
  work.begin(client, 'select 1 from t').kill('test');
  expect(work.list().queries).toEqual([]);
});

test('kill finds queries and connections by their ids only', () => {
  const work = new RunningWork(new ManualClock(0));
  const first = work.begin(client, 'a');
  const second = work.begin(client, 'b');
  const other = work.begin({ user: 'u', address: '10.0.0.1' }, 'c');
  expect(work.kill({ connectionId: 1, query: 9 })).toBe(false);
  expect(work.kill({ connectionId: 9, query: 1 })).toBe(false);
  expect(work.kill({ connectionId: 1, query: 2 })).toBe(true);
  expect(work.kill({ connectionId: 1, query: 2 })).toBe(false);
  expect([first, second, other].map((query) => query.signal.aborted)).toEqual([false, true, false]);
  expect(work.kill({ connectionId: 1, query: undefined })).toBe(true);
  expect(first.signal.aborted).toBe(true);
  expect(other.signal.aborted).toBe(false);
});

test('idle connections are forgotten, busy ones are not', () => {
  const clock = new ManualClock(0);
  const work = new RunningWork(clock);
  work.begin(client, 'long');
  work.seen({ user: 'u', address: '10.0.0.1' });
  clock.advance(61_000);
  work.seen({ user: 'v', address: '10.0.0.2' });
  expect(work.list().connections.map((one) => one.user)).toEqual(['root', 'v']);
});

test('a connection is one by its token, wherever its sockets are, until it leaves', () => {
  const work = new RunningWork(new ManualClock(0));
  const shell = { user: 'root', token: 'a', program: 'taos', pid: 7 };
  work.seen({ ...shell, address: '10.0.0.1:4001' });
  const query = work.begin({ ...shell, address: '10.0.0.1:4002' }, 'select 1 from t');
  work.seen({ ...shell, user: 'other', address: '10.0.0.2:1' });
  expect(
    work
      .list()
      .connections.map(({ id, user, program, pid, address }) => [id, user, program, pid, address]),
  ).toEqual(
    [
      [2, 'other', 'taos', 7, '10.0.0.2:1'],
      [1, 'root', 'taos', 7, '10.0.0.1:4001'],
    ].toReversed(),
  );
  work.left({ ...shell, address: '' });
  expect(work.list().connections).toHaveLength(2);
  query.end();
  work.left({ ...shell, address: '' });
  expect(work.list().connections.map(({ user }) => user)).toEqual(['other']);
});

test('connections are bounded', () => {
  const work = new RunningWork(new ManualClock(0));
  for (let i = 0; i < 1500; i++) work.seen({ user: 'u', address: String(i) });
  expect(work.list().connections).toHaveLength(1000);
});

const empty: Batch = { rows: 0, columns: [] };

test('whoever waits for a killed query gets the error, though its source never answers', async () => {
  const work = new RunningWork(new ManualClock(0));
  const query = work.begin(client, 'forever');
  async function* source(): AsyncGenerator<Batch> {
    yield empty;
    await new Promise(() => undefined);
  }
  const batches = killable(source(), { signal: query.signal, onEnd: () => query.end() });
  await batches.next();
  const waiting = batches.next();
  work.kill({ connectionId: 1, query: 1 });
  await expect(waiting).rejects.toMatchObject({ code: 527 });
  expect(work.list().queries).toEqual([]);
});

test('a killed source that ends quietly is not taken for a whole answer', async () => {
  const work = new RunningWork(new ManualClock(0));
  const query = work.begin(client, 'short');
  async function* source(): AsyncGenerator<Batch> {
    yield empty;
    query.kill('test');
  }
  const batches = killable(source(), { signal: query.signal, onEnd: () => query.end() });
  await batches.next();
  await expect(batches.next()).rejects.toMatchObject({ code: 527 });
});

test('leaving early ends the source', async () => {
  let isClosed = false;
  async function* source(): AsyncGenerator<Batch> {
    try {
      yield empty;
      yield empty;
    } finally {
      isClosed = true;
    }
  }
  const { signal } = new AbortController();
  for await (const _ of killable(source(), { signal, onEnd: () => undefined })) break;
  await Promise.resolve();
  expect(isClosed).toBe(true);
});
