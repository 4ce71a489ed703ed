/** Aim: a killed query ends for whoever draws its batches, once. Method: batches by hand. */
import type { Batch } from '@tdnode/common';
import { expect, test } from 'vitest';
import { killable } from './killable.ts';

const batch: Batch = { rows: 1, columns: [] };

async function* three(): AsyncGenerator<Batch> {
  for (let i = 0; i < 3; i++) yield batch;
}

async function* silent(): AsyncGenerator<Batch> {
  await new Promise(() => undefined);
  yield batch;
}

function ending() {
  const abort = new AbortController();
  const seen = { ends: 0 };
  const onEnd = (): void => void seen.ends++;
  return { abort, seen, how: { signal: abort.signal, onEnd } };
}

test('undisturbed: all batches, then the end', async () => {
  const { how, seen } = ending();
  let rows = 0;
  for await (const { rows: more } of killable(three(), how)) rows += more;
  expect([rows, seen.ends]).toEqual([3, 1]);
});

test('who waits for a batch that does not come gets the reason', async () => {
  const { abort, how, seen } = ending();
  const drawing = killable(silent(), how).next();
  abort.abort(new Error('killed'));
  await expect(drawing).rejects.toThrow('killed');
  expect(seen.ends).toBeGreaterThan(0);
});

test('who stopped in the middle gets the reason when he goes on', async () => {
  const { abort, how, seen } = ending();
  const batches = killable(three(), how);
  await batches.next();
  abort.abort(new Error('killed'));
  await expect(batches.next()).rejects.toThrow('killed');
  expect(seen.ends).toBe(1);
});
