/** The manifest's bytes against the page, cuts and flipped bits, and edits of a manifest. */
import { crc32 } from 'node:zlib';
import { CorruptionError } from '@tdnode/common';
import { pageDump } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import type { SegmentInfo } from '../segment/segment-types.ts';
import { decodeManifest, encodeManifest } from './format.ts';
import { applyEdit, type Manifest, type SegmentEntry } from './manifest.ts';

function entry(partition: number, seq: number): SegmentEntry {
  const info: SegmentInfo = {
    sizeBytes: 4096,
    blocks: 2,
    rows: 5000,
    tidFirst: 1,
    tidLast: 9,
    tsFirst: 1.5e12,
    tsLast: 1.5e12 + 99,
    maxVersion: 7,
  };
  return { partition, seq, info };
}

const sample: Manifest = {
  committedVersion: 7,
  nextSeq: 4,
  segments: [entry(-1, 2), entry(1736, 3)],
  droppedTids: [4, 6],
  tombstones: [{ tid: 3, from: -1.5e12, to: 1.5e12, beforeSeq: 4 }],
};

test('a manifest is read as it was written', () => {
  expect(decodeManifest(encodeManifest(sample), 'm')).toEqual(sample);
});

test('the example of docs/format/manifest.md', () => {
  const manifest = {
    committedVersion: 3,
    nextSeq: 2,
    segments: [],
    droppedTids: [5],
    tombstones: [],
  };
  const page = pageDump('format/manifest.md');
  expect(encodeManifest(manifest)).toEqual(page);
  expect(decodeManifest(page, 'm')).toEqual(manifest);
});

test('a manifest of format 1 has no tombstones', () => {
  const { tombstones: _, ...first } = sample;
  const body = encodeManifest({ ...sample, tombstones: [] }).subarray(16, -4);
  const header = new Uint8Array(16);
  const view = new DataView(header.buffer);
  [0x4d4e4454, 1, body.length, crc32(body)].forEach((n, i) => view.setUint32(i * 4, n, true));
  const bytes = Uint8Array.from([...header, ...body]);
  expect(decodeManifest(bytes, 'm')).toEqual({ ...first, tombstones: [] });
});

test('every cut and every flipped bit is noticed', () => {
  const bytes = encodeManifest(sample);
  for (let length = 0; length < bytes.length; length++) {
    expect(() => decodeManifest(bytes.subarray(0, length), 'm')).toThrow(CorruptionError);
  }
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    expect(() => decodeManifest(flipped, 'm'), `bit ${bit}`).toThrow(CorruptionError);
  }
});

const seqs = (manifest: Manifest): number[][] =>
  manifest.segments.map(({ partition, seq }) => [partition, seq]);

test.each([
  [
    'new files come last in their partition',
    { added: [entry(1, 9), entry(2, 10)], removed: [] },
    [
      [1, 1],
      [1, 2],
      [1, 4],
      [1, 9],
      [2, 3],
      [2, 10],
    ],
  ],
  [
    'a merged file stands where its sources stood',
    { added: [entry(1, 9)], removed: [1, 2] },
    [
      [1, 9],
      [1, 4],
      [2, 3],
    ],
  ],
  [
    'a merged file stays before younger ones',
    { added: [entry(1, 9)], removed: [2] },
    [
      [1, 1],
      [1, 9],
      [1, 4],
      [2, 3],
    ],
  ],
  [
    'files go without a successor',
    { added: [], removed: [1, 4] },
    [
      [1, 2],
      [2, 3],
    ],
  ],
])('%s', (_, edit, expected) => {
  const before: Manifest = {
    committedVersion: 1,
    nextSeq: 5,
    segments: [entry(1, 1), entry(1, 2), entry(1, 4), entry(2, 3)],
    droppedTids: [],
    tombstones: [],
  };
  const after = applyEdit(before, { nextSeq: 11, ...edit });
  expect(seqs(after)).toEqual(expected);
  expect(after).toMatchObject({ nextSeq: 11, committedVersion: 1 });
});
