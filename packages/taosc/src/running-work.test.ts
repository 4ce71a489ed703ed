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
  expect(work.queries()).toEqual([
    {
      id: '1:1',
      user: 'root',
      address: '127.0.0.1',
      qid: '0x1',
      createdAt: 1000,
      elapsedUs: 20_000,
      sql: 'select 1 from t',
    },
  ]);
  query.end();
  expect(work.queries()).toEqual([]);
  expect(work.connections()).toHaveLength(1);
});

test('kill finds queries and connections by their ids only', () => {
  const work = new RunningWork(new ManualClock(0));
  const first = work.begin(client, 'a');
  const second = work.begin(client, 'b');
  const other = work.begin({ user: 'u', address: '10.0.0.1' }, 'c');
  expect(work.kill('query', '1:9')).toBe(false);
  expect(work.kill('query', '9:1')).toBe(false);
  expect(work.kill('stream', '1:1')).toBe(false);
  expect(work.kill('query', '1:2')).toBe(true);
  expect([first, second, other].map((query) => query.signal.aborted)).toEqual([false, true, false]);
  expect(work.kill('connection', '1')).toBe(true);
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
  expect(work.connections().map((one) => one.user)).toEqual(['root', 'v']);
});

test('connections are bounded', () => {
  const work = new RunningWork(new ManualClock(0));
  for (let i = 0; i < 1500; i++) work.seen({ user: 'u', address: String(i) });
  expect(work.connections()).toHaveLength(1000);
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
  work.kill('query', '1:1');
  await expect(waiting).rejects.toMatchObject({ code: 527 });
  expect(work.queries()).toEqual([]);
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
