/**
 * Aim: a write to another dnode is answered once, by its own version or error, and a write that gets no answer says
 * whether it may have been carried out. Method: two wires joined by a queue that the test lets flow, or breaks.
 */
import { ErrorCode, TaosError, type VgId } from '@tdnode/common';
import { NetworkError, RedirectError, type WriteKind, type WriteResult } from '@tdnode/rpc';
import { ManualClock } from '@tdnode/testkit';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { NO_VGROUP, failedFrame, readWriteFrame, writeHead, writtenFrame } from './write-frames.ts';
import { WriteWire } from './write-wire.ts';

const VG = 5 as VgId;
const ROWS = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

type Write = (vgId: VgId, kind: WriteKind, payload: Uint8Array) => Promise<WriteResult>;

/** Dnode 1, which asks, and dnode 2, whose vnodes are `write`. */
function pair(write: Write) {
  const clock = new ManualClock();
  const queue: { to: number; bytes: Uint8Array }[] = [];
  let isFull = false;
  const wireOf = (self: number, vnodes: { write: Write }): WriteWire =>
    new WriteWire({
      vnodes,
      clock,
      send: (to, vgId, parts) => {
        expect([vgId, to]).toEqual([NO_VGROUP, 3 - self]);
        if (isFull) return false;
        queue.push({ to, bytes: new Uint8Array(parts.flatMap((part) => [...part])) });
        return true;
      },
    });
  const asking = wireOf(1, { write: () => Promise.reject(new Error('nobody asks dnode 1')) });
  const asked = wireOf(2, { write });
  const flow = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      (next.to === 1 ? asking : asked).receive(3 - next.to, next.bytes);
      for (let i = 0; i < 5; i++) await Promise.resolve();
    }
  };
  const fill = (): void => void (isFull = true);
  return { asking, asked, clock, flow, fill };
}

test('each write gets its own answer, in whichever order they come', async () => {
  const answers: ((result: WriteResult) => void)[] = [];
  const seen: unknown[] = [];
  const { asking, flow } = pair((vgId, kind, payload) => {
    seen.push([vgId, kind, [...payload]]);
    return new Promise((resolve) => answers.push(resolve));
  });
  const first = asking.write(2, VG, 'submit', ROWS);
  const second = asking.write(2, VG, 'change', ROWS.subarray(0, 3));
  await flow();
  expect(seen).toEqual([
    [VG, 'submit', [...ROWS]],
    [VG, 'change', [1, 2, 3]],
  ]);
  answers[1]!({ version: 8 });
  answers[0]!({ version: 7 });
  await flow();
  await flow();
  expect([await first, await second]).toEqual([{ version: 7 }, { version: 8 }]);
});

test('errors travel whole, redirects too', async () => {
  const errors = [
    new TaosError(ErrorCode.TDB_INVALID_TABLE_ID, undefined, { detail: 'uid 9' }),
    new RedirectError(['h3:6030']),
  ];
  const { asking, flow } = pair(() => Promise.reject(errors.shift()!));
  const writes = [asking.write(2, VG, 'submit', ROWS), asking.write(2, VG, 'submit', ROWS)];
  const settled = Promise.allSettled(writes);
  await flow();
  await flow();
  expect(await settled).toMatchObject([
    { reason: { code: ErrorCode.TDB_INVALID_TABLE_ID, detail: 'uid 9' } },
    { reason: { where: ['h3:6030'] } },
  ]);
});

test('what was not taken was surely not carried out; what was on the way may have been', async () => {
  const { asking, fill } = pair(() => Promise.resolve({ version: 1 }));
  const onTheWay = asking.write(2, VG, 'submit', ROWS);
  fill();
  const refused = asking.write(2, VG, 'submit', ROWS);
  asking.peerLost(2);
  for (const [write, wasSent] of [
    [onTheWay, true],
    [refused, false],
  ] as const) {
    const error = await write.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NetworkError);
    expect((error as NetworkError).wasSent).toBe(wasSent);
  }
});

test('writes on the way to one dnode are bounded in number', async () => {
  const { asking } = pair(() => Promise.resolve({ version: 1 }));
  for (let i = 0; i < 4096; i++) void asking.write(2, VG, 'submit', ROWS).catch(() => undefined);
  const error = await asking.write(2, VG, 'submit', ROWS).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ wasSent: false, code: ErrorCode.RPC_NETWORK_UNAVAIL });
  asking.peerLost(2);
});

test('a dnode that never answers is given up after the deadline', async () => {
  vi.useFakeTimers();
  const { asking, clock } = pair(() => new Promise(() => undefined));
  const write = asking.write(2, VG, 'submit', ROWS).catch((reason: unknown) => reason);
  clock.advance(30_000);
  vi.advanceTimersByTime(1_000);
  vi.useRealTimers();
  expect(await write).toMatchObject({ wasSent: true, code: ErrorCode.RPC_TOO_SLOW });
});

test('a stopping dnode answers what runs, and sends new writes elsewhere', async () => {
  let finish: ((result: WriteResult) => void) | undefined;
  const { asking, asked, flow } = pair(() => new Promise((resolve) => (finish = resolve)));
  const running = asking.write(2, VG, 'submit', ROWS);
  await flow();
  const closed = asked.close();
  const late = asking.write(2, VG, 'submit', ROWS).catch((reason: unknown) => reason);
  await flow();
  expect(await late).toMatchObject({ code: ErrorCode.RPC_NETWORK_UNAVAIL });
  finish!({ version: 4 });
  await closed;
  await flow();
  expect(await running).toEqual({ version: 4 });
});

test('frames are read as they were written; cut short they are none, or an error', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.uint8Array(), fc.nat(30), (request, payload, cut) => {
      const write = new Uint8Array([...writeHead(request, VG, 'change'), ...payload]);
      const read = readWriteFrame(write);
      expect(read).toMatchObject({ kind: 'write', request, vgId: VG, type: 'change' });
      if (read?.kind === 'write') expect([...read.payload]).toEqual([...payload]);
      expect(readWriteFrame(write.subarray(0, Math.min(cut, 15)))).toBeUndefined();
      const written = writtenFrame(request, 7);
      expect(readWriteFrame(written)).toEqual({ kind: 'written', request, version: 7 });
      if (cut < 24) expect(readWriteFrame(written.subarray(0, cut))).toBeUndefined();
    }),
    { seed: 1 },
  );
  const failed = failedFrame(3, new TaosError(ErrorCode.VND_IS_FULL));
  expect(() => readWriteFrame(failed.subarray(0, 17))).toThrow(TaosError);
});
