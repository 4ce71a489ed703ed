/** The layout of segments and records, against the page and against flipped bits. */
import { pageDump } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import {
  SEGMENT_HEADER_BYTES,
  readRecordHeader,
  readSegmentHeader,
  recordBytes,
  segmentName,
  segmentVersion,
  writeRecordHeader,
  writeSegmentHeader,
} from './format.ts';
import { visitSegment } from './segment-reader.ts';

test("the page's example is what this code writes and reads", () => {
  const page = pageDump('format/wal.md');
  expect(readSegmentHeader(page)).toEqual({ firstVersion: 42, knownSynced: 41 });
  const records: [number, number, string][] = [];
  const end = visitSegment(page, 0, ({ version, type, payload }) => {
    records.push([version, type, new TextDecoder().decode(payload)]);
  });
  expect(end).toBe(page.length);
  expect(records).toEqual([
    [42, 1, 'hello'],
    [43, 2, 'TDnode!!'],
  ]);
  const written = new Uint8Array(page.length);
  written.set(writeSegmentHeader(42, 41));
  written.set(new TextEncoder().encode('hello'), 64);
  writeRecordHeader(written, 32, { length: 5, type: 1, term: 7, version: 42, knownSynced: 41 });
  written.set(new TextEncoder().encode('TDnode!!'), 104);
  writeRecordHeader(written, 72, { length: 8, type: 2, term: 7, version: 43, knownSynced: 42 });
  expect(written).toEqual(page);
});

test('any flipped bit of a record is noticed', () => {
  const bytes = new Uint8Array(recordBytes(13));
  writeRecordHeader(bytes, 0, { length: 13, type: 1, term: 1, version: 1, knownSynced: 0 });
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    expect(readRecordHeader(bytes, 0)).toBeTypeOf('string');
    bytes[bit >> 3]! ^= 1 << (bit & 7);
  }
});

test('another format version is refused by its number', () => {
  const header = writeSegmentHeader(1, 0);
  header[8] = 9;
  expect(readSegmentHeader(header)).toMatch(/log format 9/);
  expect(readSegmentHeader(header.subarray(0, SEGMENT_HEADER_BYTES - 1))).toMatch(/cut off/);
});

test('segment names sort as their versions', () => {
  expect(segmentName(12)).toBe('0000000000000012.log');
  expect(segmentVersion(segmentName(2 ** 53 - 1))).toBe(2 ** 53 - 1);
  expect(segmentVersion('12.log')).toBeUndefined();
});
