/**
 * Speed and size of the codecs on meters: a current that walks (FLOAT, 3 decimals), a voltage (INT), a phase (FLOAT, 3
 * decimals), a row a second; and on what is less kind. Run on the built package:
 *
 *   node packages/tsdb/src/codec/codec.bench.mjs
 */
import { SqlType } from '@tdnode/common';
import { AlignedBytes } from '../../dist/codec/aligned-bytes.js';
import { decodeColumn } from '../../dist/codec/column-decoder.js';
import { ColumnEncoder } from '../../dist/codec/column-encoder.js';
import { ColumnScratch } from '../../dist/codec/column-scratch.js';

const ROWS = 4096;
const BLOCKS = 64;

/** Uniform in [0, 1), from a fixed seed. */
function generator(seed) {
  let s = seed | 0;
  return () => {
    s = (s + 0x6d2b79f5) | 0;
    let z = Math.imul(s ^ (s >>> 15), 1 | s);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 4294967296;
  };
}

const rnd = generator(1);
let current = 10;
let voltage = 220;
let phase = 300;
let late = 1.5e12;
const { fround } = Math;
const walk = () => {
  current += (10 - current) * 0.005 + (rnd() + rnd() + rnd() - 1.5) * 0.4;
  return Math.round(Math.abs(current) * 1000) / 1000;
};
const step = (value, by, low, high) =>
  Math.min(high, Math.max(low, value + Math.floor(rnd() * (2 * by + 1)) - by));

const columns = {
  'ts, every second': [SqlType.TIMESTAMP, (i) => 1.5e12 + i * 1000],
  'ts, jitter ±5 ms': [SqlType.TIMESTAMP, (i) => 1.5e12 + i * 1000 + Math.floor(rnd() * 11)],
  'ts, us with gaps': [SqlType.TIMESTAMP, () => (late += 1e7 + Math.floor(rnd() ** 8 * 1e10))],
  'current FLOAT': [SqlType.FLOAT, () => fround(walk())],
  'voltage INT': [SqlType.INT, () => (voltage = step(voltage, 1, 210, 230))],
  'phase FLOAT': [SqlType.FLOAT, () => fround((phase = step(phase, 5, 200, 400)) / 1000)],
  'current DOUBLE': [SqlType.DOUBLE, walk],
  'sin FLOAT': [SqlType.FLOAT, (i) => fround(Math.sin(i / 100))],
  'sin DOUBLE': [SqlType.DOUBLE, (i) => Math.sin(i / 100)],
  'random INT': [SqlType.INT, () => Math.floor(rnd() * 2 ** 31)],
  'bits BOOL': [SqlType.BOOL, () => (rnd() < 0.5 ? 1 : 0)],
  'voltage, 1 % NULL': [
    SqlType.INT,
    () => (rnd() < 0.01 ? NaN : (voltage = step(voltage, 1, 210, 230))),
  ],
};

const scratch = new ColumnScratch();
const encoder = new ColumnEncoder();

function measureColumn(name, type, value, comp) {
  const data = Array.from({ length: BLOCKS }, (_, b) =>
    Float64Array.from({ length: ROWS }, (_v, i) => value(b * ROWS + i)),
  );
  const out = new AlignedBytes(1 << 20);
  const starts = [];
  let encodeNs = Infinity;
  let decodeNs = Infinity;
  for (let round = 0; round < 12; round++) {
    out.size = 0;
    starts.length = 0;
    let t = process.hrtime.bigint();
    for (const block of data) {
      starts.push(out.size);
      encoder.encode(out, { kind: 'f64', data: block, nullCount: -1 }, { type, rows: ROWS, comp });
    }
    encodeNs = Math.min(encodeNs, Number(process.hrtime.bigint() - t));
    t = process.hrtime.bigint();
    const shape = { type, rows: ROWS, nullCount: 0 };
    for (const at of starts) decodeColumn(out, at, shape, scratch);
    decodeNs = Math.min(decodeNs, Number(process.hrtime.bigint() - t));
  }
  const values = ROWS * BLOCKS;
  console.log(
    `comp ${comp}  ${name.padEnd(18)} encoding ${out.bytes[0]}` +
      `  ${(out.size / values).toFixed(3).padStart(6)} B/value` +
      `  encode ${(encodeNs / values).toFixed(1).padStart(5)} ns` +
      `  decode ${(decodeNs / values).toFixed(2).padStart(5)} ns (${Math.round((values / decodeNs) * 1000)} M/s)`,
  );
  return out.size / values;
}

for (const comp of [0, 1, 2]) {
  let row = 0;
  for (const [name, [type, value]] of Object.entries(columns)) {
    const size = measureColumn(name, type, value, comp);
    if (['ts, every second', 'current FLOAT', 'voltage INT', 'phase FLOAT'].includes(name))
      row += size;
  }
  console.log(`comp ${comp}  a row of meters: ${row.toFixed(3)} B\n`);
}
