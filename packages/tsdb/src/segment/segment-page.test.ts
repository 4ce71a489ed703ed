/**
 * Aim: docs/format/segment.md tells the truth. Its hex dump is read as a file, and written again byte for byte.
 */
import { SqlType } from '@tdnode/common';
import type { Vector } from '@tdnode/common';
import { MemoryFileSystem, pageDump } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { ColumnScratch } from '../codec/column-scratch.ts';
import { SegmentReader } from './segment-reader.ts';
import { SegmentWriter } from './segment-writer.ts';

const PAGE = 'format/segment.md';
const PATH = '/page.seg';
const VOLTAGE = [220, 221, NaN, 219, 220, 222, 221, 220];
const COUNT = [1000, 1003, 1005, 1006, 1010, 1011, 1015, 1018];
const TIMES = Array.from({ length: 8 }, (_, i) => 1_500_000_000_000 + 1000 * i);

function numbers(colId: number, type: SqlType, values: readonly number[]) {
  const vector: Vector = { kind: 'f64', data: Float64Array.from(values), nullCount: -1 };
  return { colId, type, vector };
}

test('the example of the page reads as the page says', () => {
  const fs = new MemoryFileSystem();
  fs.open(PATH, 'create').close();
  fs.damage(PATH, () => pageDump(PAGE));
  const reader = SegmentReader.open(fs, PATH);
  const scratch = new ColumnScratch();
  expect(reader.info).toMatchObject({ rows: 8, tidFirst: 1, tidLast: 1, maxVersion: 9 });
  expect([...reader.readTs(0, scratch).subarray(0, 8)]).toEqual(TIMES);
  for (const [colId, values] of [
    [2, VOLTAGE],
    [3, COUNT],
  ] as const) {
    const vector = reader.readColumn(0, reader.columnIndex(0, colId), scratch);
    if (vector.kind !== 'f64') throw new Error('not doubles');
    expect([...vector.data.subarray(0, 8)]).toEqual(values);
  }
});

test('the example of the page is what a writer writes', () => {
  const fs = new MemoryFileSystem();
  const writer = new SegmentWriter(fs, PATH, { comp: 1 });
  const columns = [numbers(3, SqlType.BIGINT, COUNT), numbers(2, SqlType.INT, VOLTAGE)];
  writer.addBlock({ tid: 1, schemaVersion: 1, rows: 8, ts: Float64Array.from(TIMES), columns });
  writer.finish({ maxVersion: 9 });
  expect(Buffer.from(fs.readFile(PATH)).toString('hex')).toBe(
    Buffer.from(pageDump(PAGE)).toString('hex'),
  );
});
