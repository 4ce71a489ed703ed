import { TaosError } from '@tdnode/common';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameKind, FrameReader, frameHeader, type Frame } from './stream-frame.ts';

test('frames come out whole however the bytes are cut', () => {
  const frames = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 });
  const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(frames, cuts, (payloads, sizes) => {
      const bytes = Buffer.concat(
        payloads.flatMap((payload) => [frameHeader(FrameKind.item, payload.length), payload]),
      );
      const reader = new FrameReader(50);
      const found: Frame[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length]!;
        found.push(...reader.feed(bytes.subarray(at, at + size)));
        at += size;
      }
      expect(found.map(({ payload }) => [...payload])).toEqual(
        payloads.map((payload) => [...payload]),
      );
      expect(reader.isBetweenFrames).toBe(true);
    }),
  );
});

test('a frame above the limit is refused by its header alone', () => {
  expect(() => [...new FrameReader(50).feed(frameHeader(FrameKind.item, 51))]).toThrow(TaosError);
});
