/**
 * Appending, committing and scanning, on the real disk. Run by hand after a build:
 *
 *   node packages/tsdb/src/store/store.bench.mjs [folder]
 *
 * Rows are those of a meter: time, FLOAT, INT, FLOAT; 20 bytes each.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  nodeFileSystem,
  readSubmit,
  silentLogger,
  submitGroupBytes,
  systemClock,
  writeSubmitGroup,
} from '@tdnode/common';
import { Store } from '@tdnode/tsdb';

const columns = [
  { name: 'ts', type: 9, bytes: 8, colId: 1 },
  { name: 'current', type: 6, bytes: 4, colId: 2 },
  { name: 'voltage', type: 4, bytes: 4, colId: 3 },
  { name: 'phase', type: 6, bytes: 4, colId: 4 },
];
const options = {
  replica: 1,
  quorum: 1,
  days: 10,
  keep: [36500, 36500, 36500],
  cache: 16,
  blocks: 6,
  minRows: 100,
  maxRows: 4096,
  comp: 2,
  walLevel: 1,
  fsync: 3000,
  update: 0,
  cacheLast: 0,
  precision: 'ms',
};
const bytesOf = (array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
let walk = 10;

/** One group: `tids.length` segments of `rowsEach` rows from time `start`. */
function makeGroup(tids, rowsEach, start) {
  const rows = tids.length * rowsEach;
  const ts = new Float64Array(rows);
  const current = new Float32Array(rows);
  const voltage = new Int32Array(rows);
  const phase = new Float32Array(rows);
  for (let i = 0; i < rows; i++) {
    ts[i] = 1.5e12 + (start + (i % rowsEach)) * 1000;
    walk += (Math.random() - 0.5) * 0.4 + (10 - walk) * 0.01;
    current[i] = Math.round(walk * 1000) / 1000;
    voltage[i] = 210 + ((i * 7) % 20);
    phase[i] = Math.round((0.2 + Math.random() * 0.2) * 1000) / 1000;
  }
  const data = (colId, type, form, array) => ({ colId, type, form, data: [bytesOf(array)] });
  const source = {
    schemaUid: 1,
    schemaVersion: 1,
    rows,
    uids: tids,
    rowCounts: tids.map(() => rowsEach),
    segments: tids.length,
    columns: [
      data(1, 9, 1, ts),
      data(2, 6, 0, current),
      data(3, 4, 0, voltage),
      data(4, 6, 0, phase),
    ],
  };
  const bytes = new Uint8Array(submitGroupBytes(source));
  writeSubmitGroup(source, bytes, 0);
  return bytes;
}

/** Several payloads in one buffer, as they arrive from one turn of the event loop. */
function appendShared(store, tids, start, count) {
  const payloads = Array.from({ length: count }, (_, i) => makeGroup(tids, 1, start + i));
  const shared = new Uint8Array(payloads.reduce((sum, payload) => sum + payload.length, 0));
  let at = 0;
  for (const [i, payload] of payloads.entries()) {
    shared.set(payload, at);
    for (const group of readSubmit(shared.subarray(at, at + payload.length))) {
      store.append(start + i + 1, group, Uint32Array.from(tids));
    }
    at += payload.length;
  }
}

const dir = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'store-bench-'));
const open = (name) =>
  Store.open({
    fs: nodeFileSystem,
    dir: join(dir, name),
    options,
    clock: systemClock,
    logger: silentLogger,
    columnsOf: () => columns,
  });
const rate = (rows, ms) => `${(rows / ms / 1000).toFixed(1)} M rows/s`;
const cpuMs = () => process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000;

function scan(store, tids, colIds, what) {
  for (const round of ['cold', 'warm', 'warm']) {
    const began = performance.now();
    let rows = 0;
    let sum = 0;
    for (const tid of tids) {
      const types = colIds.map((id) => columns[id - 1].type);
      const cursor = store.cursor(tid, {
        colIds,
        types,
        from: -Infinity,
        to: Infinity,
        descending: false,
      });
      for (let block = cursor.next(); block !== undefined; block = cursor.next()) {
        block.ts();
        for (let c = 0; c < colIds.length; c++) sum += block.column(c).data[block.rows - 1];
        rows += block.rows;
      }
      cursor.close();
    }
    console.log(
      `  scan ${what} (${round}): ${rows} rows, ${rate(rows, performance.now() - began)}, ${sum.toFixed(0)}`,
    );
  }
}

/** Appends `total` rows; commits in slices between appends as a vnode would. */
function ingest(store, tids, rowsEach, groupTids, total) {
  let version = store.committedVersion;
  let appendMs = 0;
  let sliceMs = 0;
  let worstSliceMs = 0;
  let rss = 0;
  for (let start = 0; start * tids.length < total; start += rowsEach) {
    for (let t = 0; t < tids.length; t += groupTids) {
      const part = tids.slice(t, t + groupTids);
      const payload = makeGroup(part, rowsEach, start);
      const began = performance.now();
      for (const group of readSubmit(payload))
        store.append(++version, group, Uint32Array.from(part));
      appendMs += performance.now() - began;
      if (store.wantsCommit()) store.beginCommit();
      const slice = performance.now();
      store.runSlice(slice + 2);
      const took = performance.now() - slice;
      sliceMs += took;
      worstSliceMs = Math.max(worstSliceMs, took);
    }
    if (start % (rowsEach * 16) === 0) rss = Math.max(rss, process.memoryUsage().rss);
  }
  const rest = cpuMs();
  store.flush();
  sliceMs += cpuMs() - rest;
  const { fileRows, fileBytes, files } = store.stats();
  console.log(
    `  append ${rate(total, appendMs)}; commit ${((sliceMs / total) * 1e3).toFixed(3)} s/M rows, worst slice ${worstSliceMs.toFixed(1)} ms`,
  );
  console.log(
    `  ${files} files, ${fileRows} rows, ${(fileBytes / fileRows).toFixed(2)} B/row; rss ${(rss / 2 ** 20).toFixed(0)} MiB`,
  );
}

const range = (n) => Array.from({ length: n }, (_, i) => i + 1);
try {
  console.log('I4: 100 tables, 1000 rows a group, 10 M rows');
  const i4 = open('i4');
  ingest(i4, range(100), 1000, 1, 10_000_000);
  scan(i4, range(100), [2, 3, 4], 'files, 3 columns');
  i4.close();
  console.log(
    'one row a segment: 1 table, 1 M rows in memory, by 1 row a group, 16 groups a buffer',
  );
  const ones = open('ones');
  for (let t = 0; t < 1_000_000; t += 16) appendShared(ones, [1], t, 16);
  scan(ones, [1], [2], 'memory, 1 column');
  scan(ones, [1], [2, 3, 4], 'memory, 3 columns');
  ones.close();
  console.log(
    'one row a segment: 100 tables, 1 M rows in memory, by 100 rows a group, 8 groups a buffer',
  );
  const hundred = open('hundred');
  for (let t = 0; t < 10_000; t += 8) appendShared(hundred, range(100), t, 8);
  scan(hundred, range(100), [2], 'memory, 1 column');
  scan(hundred, range(100), [2, 3, 4], 'memory, 3 columns');
  const before = cpuMs();
  hundred.flush();
  console.log(`  commit ${(cpuMs() - before).toFixed(0)} ms`);
  hundred.close();
  console.log('many tables: 100 k tables, 10 rows each, by 100 tables a group');
  const many = open('many');
  ingest(many, range(100_000), 1, 100, 1_000_000);
  scan(many, range(100_000), [2], 'files, 1 column');
  many.close();
} finally {
  rmSync(dir, { recursive: true });
}
