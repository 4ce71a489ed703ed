/** What is remembered of users of another dnode's mnode, and for how long. */
import { ManualClock } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { UserCache } from './user-cache.ts';

const root = { name: 'root', privilege: 'super' } as const;
const reader = { name: 'r', privilege: 'readable' } as const;

function cacheAt(clock: ManualClock): UserCache {
  const cache = new UserCache(clock);
  cache.heard();
  cache.remember(cache.generation, root, 'taosdata');
  cache.remember(cache.generation, reader, 'p');
  return cache;
}

test('a right password is known, another is not', () => {
  const cache = cacheAt(new ManualClock(0));
  expect(cache.verified('root', 'taosdata')).toEqual(root);
  expect(cache.verified('root', 'p')).toBeUndefined();
  expect(cache.verified('nobody', 'taosdata')).toBeUndefined();
  expect(cache.user('r')).toEqual(reader);
});

test('rights that were asked for without a password do not make one right', () => {
  const cache = new UserCache(new ManualClock(0));
  cache.heard();
  cache.remember(cache.generation, root);
  expect(cache.user('root')).toEqual(root);
  expect(cache.verified('root', '')).toBeUndefined();
});

test('a user that changed is forgotten, or all where nobody knows which', () => {
  const cache = cacheAt(new ManualClock(0));
  cache.forget('root');
  expect(cache.verified('root', 'taosdata')).toBeUndefined();
  expect(cache.verified('r', 'p')).toEqual(reader);
  cache.forget(undefined);
  expect(cache.user('r')).toBeUndefined();
});

test('an answer to a question from before a change is not remembered', () => {
  const cache = cacheAt(new ManualClock(0));
  const { generation } = cache;
  cache.forget('root');
  cache.remember(generation, root, 'taosdata');
  expect(cache.verified('root', 'taosdata')).toBeUndefined();
});

test('without news for 15 s, or without anybody who listens, nothing is trusted', () => {
  const clock = new ManualClock(0);
  const cache = cacheAt(clock);
  clock.advance(14_999);
  expect(cache.verified('root', 'taosdata')).toEqual(root);
  clock.advance(1);
  expect(cache.verified('root', 'taosdata')).toBeUndefined();
  cache.heard();
  expect(cache.verified('root', 'taosdata')).toEqual(root);
  cache.deafen();
  expect(cache.user('root')).toBeUndefined();
});
