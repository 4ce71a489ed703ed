/**
 * Aim: what a writer was given a reader gives back, by block and column, with the statistics of a full decode; and
 * anything that is not what was written is a `CorruptionError`, never another answer.
 * Method: a small segment with every type, in memory; every truncation, and every bit of it flipped; then a longer
 * one read upwards, downwards and in jumps.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { CorruptionError, SqlType, seededRandom, vectorValue } from '@tdnode/common';
import type { FileSystem, Vector } from '@tdnode/common';
import { MemoryFileSystem } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { exampleBlocks } from '../../testdata/example-blocks.ts';
import { ColumnScratch } from '../codec/column-scratch.ts';
import { SegmentReader } from './segment-reader.ts';
import { SegmentWriter } from './segment-writer.ts';
import type { BlockSource, BlockStats, Compression, SegmentInfo } from './segment-types.ts';

const PATH = '/a.seg';
const FIXTURE = new URL('../../testdata/segment-v1.seg', import.meta.url);
const scratch = new ColumnScratch();

function write(fs: FileSystem, blocks: readonly BlockSource[], comp: Compression): SegmentInfo {
  const writer = new SegmentWriter(fs, PATH, { comp });
  for (const block of blocks) writer.addBlock(block);
  return writer.finish({ maxVersion: 42 });
}

function segmentOf(blocks: readonly BlockSource[], comp: Compression): MemoryFileSystem {
  const fs = new MemoryFileSystem();
  write(fs, blocks, comp);
  return fs;
}

/** Strings as text of their bytes: a view would change with the scratch. */
function valuesOf(vector: Vector, rows: number) {
  return Array.from({ length: rows }, (_, i) => {
    const value = vectorValue(vector, i);
    return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
  });
}

/** Everything that a reader knows of a block, as plain values. */
function readBlock(reader: SegmentReader, block: number) {
  const rows = reader.rows(block);
  const ts = [...reader.readTs(block, scratch).subarray(0, rows)];
  const columns = Array.from({ length: reader.columnCount(block) }, (_, column) => ({
    colId: reader.colId(block, column),
    type: reader.type(block, column),
    values: valuesOf(reader.readColumn(block, column, scratch), rows),
  }));
  const tid = reader.tid(block);
  return { tid, schemaVersion: reader.schemaVersion(block), rows, ts, columns };
}

function sourceBlock(block: BlockSource) {
  const columns = block.columns.map(({ colId, type, vector }) => ({
    colId,
    type,
    values: valuesOf(vector, block.rows),
  }));
  return { ...block, ts: [...block.ts], columns: columns.sort((a, b) => a.colId - b.colId) };
}

function readAll(reader: SegmentReader) {
  return Array.from({ length: reader.blockCount }, (_, block) => readBlock(reader, block));
}

test.each([0, 1, 2] as const)('a segment of comp %i reads as it was written', (comp) => {
  const blocks = exampleBlocks();
  const fs = new MemoryFileSystem();
  const info = write(fs, blocks, comp);
  const reader = SegmentReader.open(fs, PATH);
  expect(reader.info).toEqual(info);
  expect(info).toEqual({
    sizeBytes: fs.readFile(PATH).length,
    blocks: 4,
    rows: 154,
    tidFirst: 2,
    tidLast: 7,
    tsFirst: 1_499_999_999_999,
    tsLast: 1_500_000_210_240,
    maxVersion: 42,
  });
  expect(readAll(reader)).toEqual(blocks.map(sourceBlock));
  reader.verify();
  reader.close();
  expect(fs.openPaths).toEqual([]);
});

test('blocks are found by table, columns by colId, strides without reading', () => {
  const reader = SegmentReader.open(segmentOf(exampleBlocks(), 2), PATH);
  const range = (tid: number) => [reader.blockBegin(tid), reader.blockEnd(tid)];
  expect([1, 2, 3, 7, 8].map(range)).toEqual([
    [0, 0],
    [0, 3],
    [3, 3],
    [3, 4],
    [4, 4],
  ]);
  expect([1, 2, 3, 4].map((colId) => reader.columnIndex(0, colId))).toEqual([-1, 0, 1, -1]);
  expect(reader.columnIndex(2, 21)).toBe(13);
  expect([0, 1, 2, 3].map((block) => reader.stride(block))).toEqual([1000, 1000, 0, 0]);
});

test('statistics are those of a full decode', () => {
  const reader = SegmentReader.open(segmentOf(exampleBlocks(), 2), PATH);
  for (let block = 0; block < reader.blockCount; block++) {
    for (let column = 0; column < reader.columnCount(block); column++) {
      const rows = reader.rows(block);
      const vector = reader.readColumn(block, column, scratch);
      const values = valuesOf(vector, rows);
      const into: BlockStats = { nullCount: 0, sum: 0, min: 0, max: 0, first: 0, last: 0 };
      const has = reader.stats(block, column, into);
      expect(into.nullCount).toBe(values.filter((value) => value === null).length);
      expect(vector.nullCount).toBe(into.nullCount);
      expect(has).toBe(vector.kind === 'f64');
      if (!has || into.nullCount === rows) continue;
      const numbers = values.filter((value) => typeof value === 'number');
      expect(into.sum).toBe(numbers.reduce((sum, value) => sum + value, 0));
      expect(into.min).toBe(Math.min(...numbers));
      expect(into.max).toBe(Math.max(...numbers));
      if (into.nullCount > 0) continue;
      expect([into.first, into.last]).toEqual([values[0], values[rows - 1]]);
    }
  }
});

test('a column whose sum leaves ±2^53 has no statistics, extremes of UINT have', () => {
  const column = (colId: number, type: SqlType, values: number[]) => {
    const vector: Vector = { kind: 'f64', data: Float64Array.from(values), nullCount: -1 };
    return { colId, type, vector };
  };
  const block: BlockSource = {
    tid: 1,
    schemaVersion: 1,
    rows: 2,
    ts: Float64Array.of(1, 2),
    columns: [
      column(2, SqlType.BIGINT, [2 ** 53, 2 ** 53]),
      column(3, SqlType.UINT, [4294967294, 4294967293]),
      column(4, SqlType.DOUBLE, [Infinity, -Infinity]),
    ],
  };
  const reader = SegmentReader.open(segmentOf([block], 1), PATH);
  const into: BlockStats = { nullCount: 9, sum: 0, min: 0, max: 0, first: 0, last: 0 };
  expect(reader.stats(0, 0, into)).toBe(false);
  expect(reader.stats(0, 2, into)).toBe(false);
  expect(reader.stats(0, 1, into)).toBe(true);
  expect(into).toEqual({
    nullCount: 0,
    sum: 8589934587,
    min: 4294967293,
    max: 4294967294,
    first: 4294967294,
    last: 4294967293,
  });
});

test('a block can be copied without decoding it', () => {
  const reader = SegmentReader.open(segmentOf(exampleBlocks(), 2), PATH);
  const fs = new MemoryFileSystem();
  const writer = new SegmentWriter(fs, PATH, { comp: 2 });
  for (const block of [1, 2, 3]) writer.addCopy(reader.rawBlock(block));
  writer.finish({ maxVersion: 1 });
  const copy = SegmentReader.open(fs, PATH);
  expect(readAll(copy)).toEqual(readAll(reader).slice(1));
  const into: BlockStats = { nullCount: 0, sum: 0, min: 0, max: 0, first: 0, last: 0 };
  const expected = { ...into };
  expect([copy.stats(0, 0, into), reader.stats(1, 0, expected)]).toEqual([true, true]);
  expect(into).toEqual(expected);
});

test('blocks in the wrong order are refused, and an aborted file is gone', () => {
  const fs = new MemoryFileSystem();
  const writer = new SegmentWriter(fs, PATH, { comp: 1 });
  const [first, second] = exampleBlocks() as [BlockSource, BlockSource];
  writer.addBlock(second);
  expect(() => writer.addBlock(first)).toThrow('ascend by table and time');
  expect(() => writer.addBlock({ ...second, tid: 3, ts: new Float64Array(20) })).toThrow('ascend');
  writer.abort();
  writer.abort();
  expect(fs.exists(PATH)).toBe(false);
  expect(fs.openPaths).toEqual([]);
});

test.each([0, 2] as const)('cut at any byte, a segment of comp %i is corrupt', (comp) => {
  const fs = segmentOf(exampleBlocks(), comp);
  const whole = fs.readFile(PATH);
  for (let size = 0; size < whole.length; size++) {
    fs.damage(PATH, () => whole.slice(0, size));
    expect(() => SegmentReader.open(fs, PATH)).toThrow(CorruptionError);
  }
  expect(fs.openPaths).toEqual([]);
});

test('with any bit flipped, a segment is corrupt', () => {
  const fs = segmentOf(exampleBlocks(), 2);
  const whole = fs.readFile(PATH);
  for (let bit = 0; bit < 8 * whole.length; bit++) {
    fs.damage(PATH, (bytes) => {
      bytes.set(whole);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    });
    let caught: unknown;
    try {
      SegmentReader.open(fs, PATH).verify();
    } catch (error) {
      caught = error;
    }
    if (!(caught instanceof CorruptionError)) expect({ bit, caught }).toBe('a CorruptionError');
  }
});

test('a damaged block is refused at its place, others are still read', () => {
  const fs = segmentOf(exampleBlocks(), 1);
  fs.damage(PATH, (bytes) => void (bytes[16 + 24]! ^= 4));
  const reader = SegmentReader.open(fs, PATH);
  expect(() => reader.readColumn(0, 0, scratch)).toThrow(
    `${PATH}: block has a wrong checksum at byte 16`,
  );
  expect(() => reader.readColumn(0, 0, scratch)).toThrow(CorruptionError);
  expect(readBlock(reader, 2)).toEqual(sourceBlock(exampleBlocks()[2]!));
});

const isSame = (actual: Float64Array, expected: Float64Array) =>
  expected.every((value, i) => Object.is(actual[i], value));

test('a longer segment reads the same upwards, downwards and in jumps', () => {
  const random = seededRandom(7);
  const rows = 500;
  const noise = () => random.next();
  const blocks = Array.from({ length: 700 }, (_, b): BlockSource => {
    const data = Float64Array.from({ length: rows }, noise);
    const vector: Vector = { kind: 'f64', data, nullCount: 0 };
    return {
      tid: 1 + Math.floor(b / 10),
      schemaVersion: 1,
      rows,
      ts: Float64Array.from(
        { length: rows },
        (_v, i) => b * 1e6 + i * 10 + Math.floor(noise() * 9),
      ),
      columns: [{ colId: 2, type: SqlType.DOUBLE, vector }],
    };
  });
  const reader = SegmentReader.open(segmentOf(blocks, 1), PATH);
  const check = (b: number) => {
    expect(isSame(reader.readTs(b, scratch), blocks[b]!.ts)).toBe(true);
    const vector = reader.readColumn(b, 0, scratch);
    const expected = blocks[b]!.columns[0]!.vector;
    if (vector.kind !== 'f64' || expected.kind !== 'f64') throw new Error('not doubles');
    expect(isSame(vector.data, expected.data)).toBe(true);
  };
  for (let b = 0; b < blocks.length; b++) check(b);
  for (let b = blocks.length - 1; b >= 0; b--) check(b);
  reader.release();
  for (let k = 0; k < 300; k++) check(Math.floor(noise() * blocks.length));
});

test('a segment of the first version still opens', () => {
  const fs = new MemoryFileSystem();
  if (process.env['WRITE_FIXTURE'] === '1') {
    write(fs, exampleBlocks(), 2);
    writeFileSync(FIXTURE, fs.readFile(PATH));
  }
  fs.open(PATH, 'create').close();
  fs.damage(PATH, () => new Uint8Array(readFileSync(FIXTURE)));
  expect(readAll(SegmentReader.open(fs, PATH))).toEqual(exampleBlocks().map(sourceBlock));
});
