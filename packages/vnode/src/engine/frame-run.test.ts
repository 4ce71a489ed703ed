/** Frames go into runs and come out in order, each at a multiple of 8; buffers come back and are used again. */
import type { VgId } from '@tdnode/common';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameRun, singleRun, visitFrames } from './frame-run.ts';
import { OutgoingFrames } from './outgoing-frames.ts';

type Frame = readonly [vgId: number, bytes: readonly number[]];

function framesOf(run: Uint8Array<ArrayBuffer>): Frame[] {
  const frames: Frame[] = [];
  visitFrames(run, (vgId, bytes) => {
    expect(bytes.byteOffset % 8).toBe(0);
    frames.push([vgId, [...bytes]]);
  });
  return frames;
}

const frames = fc.array(fc.tuple(fc.integer({ min: 2, max: 9 }), fc.uint8Array()), {
  maxLength: 40,
});

test('a run gives back what was added, part by part or whole, whatever its buffer held before', () => {
  fc.assert(
    fc.property(frames, fc.nat(64), (all, size) => {
      const run = new FrameRun(new Uint8Array(size * 8).fill(255).buffer);
      const half = (bytes: Uint8Array): number => bytes.length >> 1;
      for (const [vgId, bytes] of all)
        run.add(vgId as VgId, [bytes.subarray(0, half(bytes)), bytes.subarray(half(bytes))]);
      expect(run.length % 8).toBe(0);
      expect(framesOf(run.take())).toEqual(all.map(([vgId, bytes]) => [vgId, [...bytes]]));
    }),
    { seed: 1 },
  );
});

test('a run of one frame holds no byte more', () => {
  const run = singleRun(5 as VgId, [Uint8Array.of(1, 2), Uint8Array.of(3)]);
  expect([run.length, run.buffer.byteLength]).toEqual([16, 16]);
  expect(framesOf(run)).toEqual([[5, [1, 2, 3]]]);
});

test('live frames of a turn make one run for each peer; a long turn makes several, in order', () => {
  const outgoing = new OutgoingFrames();
  const frame = (fill: number): Uint8Array => new Uint8Array(100_000).fill(fill);
  for (let i = 0; i < 4; i++)
    for (const peer of [2, 3]) outgoing.add(7 as VgId, peer, [frame(i)], 'live');
  outgoing.add(7 as VgId, 2, [frame(9)], 'bulk');
  const sent = outgoing.take();
  expect(outgoing.isEmpty).toBe(true);
  const seen = (peer: number, lane: string): number[] =>
    sent
      .filter((one) => one.peer === peer && one.lane === lane)
      .flatMap(({ run }) => framesOf(run).map(([, bytes]) => bytes[0]!));
  expect(seen(2, 'live')).toEqual([0, 1, 2, 3]);
  expect(seen(3, 'live')).toEqual([0, 1, 2, 3]);
  expect(seen(2, 'bulk')).toEqual([9]);
  expect(sent.length).toBe(5);
});

test('a run is in a hurry when one of its frames is', () => {
  const outgoing = new OutgoingFrames();
  const lanes = (): string[] => outgoing.take().map(({ lane }) => lane);
  for (let i = 0; i < 2; i++) outgoing.add(7 as VgId, 2, [Uint8Array.of(i)], 'lazy');
  expect(lanes()).toEqual(['lazy']);
  for (const lane of ['lazy', 'live', 'lazy'] as const)
    outgoing.add(7 as VgId, 2, [Uint8Array.of(1)], lane);
  outgoing.add(7 as VgId, 3, [Uint8Array.of(1)], 'lazy');
  expect(lanes()).toEqual(['live', 'lazy']);
});

test('buffers that come back are used for later turns, but for large ones', () => {
  const outgoing = new OutgoingFrames();
  const bufferOf = (bytes: number): ArrayBuffer => {
    outgoing.add(7 as VgId, 2, [new Uint8Array(bytes)], 'live');
    return outgoing.take()[0]!.run.buffer;
  };
  const small = bufferOf(10);
  outgoing.giveBack([small]);
  expect(bufferOf(10)).toBe(small);
  const large = bufferOf(2 * 1024 * 1024);
  outgoing.giveBack([large]);
  expect(bufferOf(10)).not.toBe(large);
});
