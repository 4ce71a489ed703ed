/** What an outbox sends, and when, against a port that only collects. */
import { ErrorCode, TaosError, type VgId } from '@tdnode/common';
import { expect, test } from 'vitest';
import { Outbox } from './outbox.ts';
import type { EnginePort } from './port.ts';
import type { ToEngine } from './protocol.ts';

type Work = Extract<ToEngine, { kind: 'work' }>;

const two = 2 as VgId;
const four = 4 as VgId;
const payload = Uint8Array.of(1, 2, 3);

function newOutbox(): { readonly outbox: Outbox; readonly sent: Work[] } {
  const sent: Work[] = [];
  const port: EnginePort = {
    post: (message) => void (message.kind === 'work' && sent.push(message)),
    listen: () => {},
    onGone: () => {},
    terminate: async () => {},
  };
  return { outbox: new Outbox(port), sent };
}

const answer = (outbox: Outbox, { flush }: Work, versions: number[]): void =>
  outbox.settle({ flush, versions: Float64Array.from(versions), errors: [] });

test('while the engine is at work writes gather, and leave together with its answer', async () => {
  const { outbox, sent } = newOutbox();
  const first = outbox.add(two, 'submit', payload);
  outbox.flushIfAnswered();
  const later = [outbox.add(two, 'submit', payload), outbox.add(four, 'submit', payload)];
  outbox.flushIfAnswered();
  expect(sent.map((message) => message.vgIds)).toEqual([[2]]);
  answer(outbox, sent[0]!, [1]);
  expect(sent.map((message) => message.vgIds)).toEqual([[2], [2, 4]]);
  expect(await first).toEqual({ version: 1 });
  answer(outbox, sent[1]!, [2, 1]);
  expect(await Promise.all(later)).toEqual([{ version: 2 }, { version: 1 }]);
  expect(outbox.isEmpty).toBe(true);
});

test('a flush before a query does not wait for the answer', () => {
  const { outbox, sent } = newOutbox();
  for (let i = 0; i < 2; i++) {
    void outbox.add(two, 'submit', payload);
    outbox.flush();
  }
  expect(sent.length).toBe(2);
});

test('when the engine is gone, what was sent and what waits are refused', async () => {
  const { outbox } = newOutbox();
  const sent = outbox.add(two, 'submit', payload);
  outbox.flushIfAnswered();
  const waiting = outbox.add(two, 'submit', payload);
  outbox.fail(new TaosError(ErrorCode.VND_APP_ERROR));
  await expect(sent).rejects.toMatchObject({ code: ErrorCode.VND_APP_ERROR });
  await expect(waiting).rejects.toMatchObject({ code: ErrorCode.VND_APP_ERROR });
});
