import { ByteWriter, seededRandom } from '@tdnode/common';
import { expect, test } from 'vitest';
import { BulkAssembly } from './bulk-assembly.ts';
import {
  BATCH_BYTES,
  BULK_CHUNK_BYTES,
  LIVE_QUEUE_BYTES,
  MAX_FRAME_BYTES,
  SMALL_FRAME_BYTES,
  SMALL_RESERVE_BYTES,
} from './limits.ts';
import { SendQueue } from './send-queue.ts';
import { TokenBucket } from './token-bucket.ts';
import {
  WireError,
  addLive,
  beginLive,
  encodeBulk,
  encodeWords,
  parseBulk,
  parseLive,
  parseWords,
} from './wire-message.ts';

test('what goes in comes out, in order, in messages near the batch size', () => {
  const random = seededRandom(3);
  const queue = new SendQueue();
  const sizes = Array.from({ length: 800 }, () => Math.floor(random.next() ** 8 * 600_000));
  for (const size of sizes)
    expect(queue.offer(5, [new Uint8Array(size).fill(size & 255)], 'live')).toBe(true);
  const found: number[] = [];
  for (let message = queue.takeLive(); message !== undefined; message = queue.takeLive()) {
    expect(message.length).toBeLessThan(BATCH_BYTES + 600_100);
    parseLive(message.view(), (vgId, bytes) => {
      expect([vgId, bytes[bytes.length - 1] ?? 0]).toEqual([5, bytes.length & 255]);
      found.push(bytes.length);
    });
    queue.sent(message);
  }
  expect(found).toEqual(sizes);
  expect([queue.liveBytes, queue.hasLive]).toEqual([0, false]);
});

test('the live bound holds, small frames have a reserve, room is told once', () => {
  const queue = new SendQueue();
  const large = new Uint8Array(LIVE_QUEUE_BYTES / 4 - 16);
  for (let i = 0; i < 4; i++) expect(queue.offer(2, [large], 'live')).toBe(true);
  expect(queue.offer(2, [new Uint8Array(SMALL_FRAME_BYTES + 1)], 'live')).toBe(false);
  const small = new Uint8Array(SMALL_FRAME_BYTES);
  let count = 0;
  while (queue.offer(2, [small], 'live')) count++;
  expect(count).toBe(Math.floor(SMALL_RESERVE_BYTES / (SMALL_FRAME_BYTES + 8)));
  expect(queue.takeRoomAgain()).toBe(false);
  for (let message = queue.takeLive(); message !== undefined; message = queue.takeLive())
    queue.sent(message);
  expect([queue.takeRoomAgain(), queue.takeRoomAgain()]).toEqual([true, false]);
});

test('bulk goes in pieces and is put together again', () => {
  const queue = new SendQueue();
  const frames = [0, 1, BULK_CHUNK_BYTES, BULK_CHUNK_BYTES + 1, 300_000].map((size) =>
    new Uint8Array(size).fill(size & 255),
  );
  for (const [i, frame] of frames.entries()) expect(queue.offer(i, [frame], 'bulk')).toBe(true);
  const assembly = new BulkAssembly();
  const found: [number, number][] = [];
  while (queue.hasBulk) {
    const size = queue.nextBulkBytes;
    const chunk = queue.takeBulk()!;
    expect(chunk.bytes.length).toBe(size);
    const whole = assembly.add(parseBulk(encodeBulk(chunk)));
    if (whole === undefined) continue;
    expect(Buffer.compare(whole.bytes, frames[whole.vgId]!)).toBe(0);
    found.push([whole.vgId, whole.bytes.length]);
  }
  expect(found).toEqual(frames.map((frame, i) => [i, frame.length]));
  expect(queue.bulkBytes).toBe(0);
});

test('pieces out of place and lengths beyond the limit are refused', () => {
  const bytes = new Uint8Array(4);
  expect(() => new BulkAssembly().add({ vgId: 2, total: undefined, bytes })).toThrow(WireError);
  expect(() => new BulkAssembly().add({ vgId: 2, total: MAX_FRAME_BYTES + 1, bytes })).toThrow(
    WireError,
  );
  expect(() => new BulkAssembly().add({ vgId: 2, total: 3, bytes })).toThrow(WireError);
  const begun = new BulkAssembly();
  begun.add({ vgId: 2, total: 9, bytes });
  expect(() => begun.add({ vgId: 3, total: undefined, bytes })).toThrow(WireError);
  expect(() => begun.add({ vgId: 2, total: 9, bytes })).toThrow(WireError);
});

test('a live message cut anywhere is refused or shorter by whole frames', () => {
  const writer = beginLive(new ByteWriter(64));
  addLive(writer, 2, [new Uint8Array(5).fill(1)]);
  addLive(writer, 3, [new Uint8Array(8).fill(2)]);
  const whole = writer.copy();
  const lengths = (end: number): number[] => {
    const found: number[] = [];
    parseLive(whole.subarray(0, end), (_vgId, bytes) => found.push(bytes.length));
    return found;
  };
  expect(lengths(whole.length)).toEqual([5, 8]);
  for (let end = 0; end < whole.length; end++) {
    if (end === 8) expect(lengths(end)).toEqual([]);
    else if (end === 24) expect(lengths(end)).toEqual([5]);
    else expect(() => lengths(end), `${end}`).toThrow(WireError);
  }
});

test('words come back, and no more of them', () => {
  const message = encodeWords(2, ['a', '', 'ü']);
  expect(parseWords(message, 3)).toEqual(['a', '', 'ü']);
  expect(() => parseWords(message, 2)).toThrow(WireError);
  expect(() => parseWords(message, 4)).toThrow(WireError);
});

test('the bandwidth bound holds over time', () => {
  const bucket = new TokenBucket(1_000_000, 0);
  let taken = 0;
  for (let now = 0; now < 10_000; now++) while (bucket.take(10_000, now) === 0) taken += 10_000;
  expect(taken).toBeGreaterThanOrEqual(9_900_000);
  expect(taken).toBeLessThanOrEqual(10_110_000);
  expect(new TokenBucket(1000, 0).take(64_000, 0)).toBe(0); // a piece above the most there can be
});
