/**
 * A segment of 10 M rows of meters: how fast it is written, opened and scanned. Run on the built package:
 *
 *   node packages/tsdb/src/segment/segment.bench.mjs [folder]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqlType, nodeFileSystem } from '@tdnode/common';
import { ColumnScratch } from '../../dist/codec/column-scratch.js';
import { SegmentReader } from '../../dist/segment/segment-reader.js';
import { SegmentWriter } from '../../dist/segment/segment-writer.js';

const TABLES = 100;
const BLOCKS = 25;
const ROWS = 4000;

let state = 1;
const rnd = () => {
  state = (Math.imul(state, 1664525) + 1013904223) | 0;
  return (state >>> 0) / 4294967296;
};
const columns = [new Float64Array(ROWS), new Float64Array(ROWS), new Float64Array(ROWS)];
const ts = new Float64Array(ROWS);
let current = 10;
let voltage = 220;
let phase = 300;

function fill(from) {
  const [c, v, p] = columns;
  for (let i = 0; i < ROWS; i++) {
    ts[i] = 1.5e12 + (from + i) * 1000;
    current += (10 - current) * 0.005 + (rnd() + rnd() + rnd() - 1.5) * 0.4;
    c[i] = Math.fround(Math.round(current * 1000) / 1000);
    v[i] = voltage = Math.min(230, Math.max(210, voltage + Math.floor(rnd() * 3) - 1));
    phase = Math.min(400, Math.max(200, phase + Math.floor(rnd() * 11) - 5));
    p[i] = Math.fround(phase / 1000);
  }
}

const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'segment-bench-'));
const path = join(folder, 'bench.seg');
const types = [SqlType.FLOAT, SqlType.INT, SqlType.FLOAT];
const sources = types.map((type, i) => ({
  colId: 2 + i,
  type,
  vector: { kind: 'f64', data: columns[i], nullCount: 0 },
}));

const writer = new SegmentWriter(nodeFileSystem, path, { comp: 2 });
let ns = 0n;
for (let tid = 1; tid <= TABLES; tid++) {
  for (let b = 0; b < BLOCKS; b++) {
    fill(b * ROWS);
    const t = process.hrtime.bigint();
    writer.addBlock({ tid, schemaVersion: 1, rows: ROWS, ts, columns: sources });
    ns += process.hrtime.bigint() - t;
  }
}
let t = process.hrtime.bigint();
const info = writer.finish({ maxVersion: 1 });
console.log(
  `write: ${ms(ns)} ms encoding (${(Number(ns) / info.rows).toFixed(1)} ns a row), ` +
    `${ms(process.hrtime.bigint() - t)} ms finish; ${(info.sizeBytes / info.rows).toFixed(3)} B a row`,
);

t = process.hrtime.bigint();
const reader = SegmentReader.open(nodeFileSystem, path);
console.log(
  `open: ${ms(process.hrtime.bigint() - t)} ms, index ${(reader.indexBytes / info.blocks).toFixed(0)} B a block`,
);

const scratches = [new ColumnScratch(), new ColumnScratch(), new ColumnScratch()];
const scans = {
  'times and 3 columns': [-1, 0, 1, 2],
  'current, voltage': [0, 1],
  voltage: [1],
};
for (let round = 0; round < 3; round++) {
  for (const [name, wanted] of Object.entries(scans)) {
    t = process.hrtime.bigint();
    for (let b = 0; b < reader.blockCount; b++) read(b, wanted);
    console.log(`round ${round}: scan of ${name}: ${ms(process.hrtime.bigint() - t)} ms`);
  }
}

function read(block, wanted) {
  for (const column of wanted) {
    if (column < 0) reader.readTs(block, scratches[0]);
    else reader.readColumn(block, column, scratches[column]);
  }
}

const into = { nullCount: 0, sum: 0, min: 0, max: 0, first: 0, last: 0 };
let sum = 0;
t = process.hrtime.bigint();
for (let b = 0; b < reader.blockCount; b++) if (reader.stats(b, 0, into)) sum += into.sum;
console.log(
  `statistics of ${info.blocks} blocks: ${ms(process.hrtime.bigint() - t)} ms (${sum.toFixed(0)})`,
);
reader.close();
if (process.argv[2] === undefined) rmSync(folder, { recursive: true });

function ms(nanoseconds) {
  return (Number(nanoseconds) / 1e6).toFixed(1);
}
