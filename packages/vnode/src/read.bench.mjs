// What queries cost in one engine thread, over real files or memory: fragment over the store, and merge.
// Run on dist:
//
//   node packages/vnode/src/read.bench.mjs files  [query] [rounds]     10 M rows in 100 tables, committed
//   node packages/vnode/src/read.bench.mjs memory [query] [rounds]      1 M rows, submitted 1000 at a time
//
// The files are kept between runs in the system's temporary folder.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  nodeFileSystem,
  readSubmit,
  silentLogger,
  submitGroupBytes,
  systemClock,
  writeSubmitGroup,
} from '@tdnode/common';
import { mergeResults, planSelect, runFragment } from '@tdnode/query';
import { parseStatement } from '@tdnode/sql';
import { Store } from '@tdnode/tsdb';

const TABLES = 100;
const T0 = 1_500_000_000_000;
const GROUP = 1000;

const [source = 'files', only, roundsText = '9'] = process.argv.slice(2);
const rounds = Number(roundsText);

const column = (name, type, bytes, colId) => ({ name, type, bytes, colId });
const schema = {
  version: 1,
  columns: [
    column('ts', 9, 8, 1),
    column('current', 6, 4, 2),
    column('voltage', 4, 4, 3),
    column('phase', 6, 4, 4),
  ],
  tags: [column('location', 8, 64, 1), column('groupid', 4, 4, 2)],
};
const options = {
  replica: 1,
  quorum: 1,
  days: 10,
  keep: [36500, 36500, 36500],
  cache: 16,
  blocks: source === 'files' ? 6 : 60,
  minRows: 100,
  maxRows: 4096,
  comp: 2,
  walLevel: 1,
  fsync: 3000,
  update: 0,
  cacheLast: 0,
  precision: 'ms',
};

let seed = 12345;
function random() {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return seed / 0x7fffffff;
}

/** Walks like sensors': one state a table. */
const walks = Array.from({ length: TABLES }, () => ({ current: 10, voltage: 220, phase: 0.3 }));

function makeGroup(table, from) {
  const walk = walks[table];
  const ts = new Float64Array(GROUP);
  const current = new Float32Array(GROUP);
  const voltage = new Int32Array(GROUP);
  const phase = new Float32Array(GROUP);
  for (let i = 0; i < GROUP; i++) {
    walk.current += (10 - walk.current) * 0.005 + (random() + random() + random() - 1.5) * 0.4;
    walk.voltage = Math.min(230, Math.max(210, walk.voltage + Math.floor(random() * 3) - 1));
    walk.phase = Math.min(0.4, Math.max(0.2, walk.phase + (random() - 0.5) * 0.01));
    ts[i] = T0 + (from + i) * 1000;
    current[i] = Math.round(walk.current * 1000) / 1000;
    voltage[i] = walk.voltage;
    phase[i] = Math.round(walk.phase * 1000) / 1000;
  }
  const bytes = (array) => [new Uint8Array(array.buffer)];
  const group = {
    schemaUid: 1,
    schemaVersion: 1,
    rows: GROUP,
    uids: [table + 2],
    rowCounts: [GROUP],
    segments: 1,
    columns: [
      { colId: 1, type: 9, form: 1, data: bytes(ts) },
      { colId: 2, type: 6, form: 0, data: bytes(current) },
      { colId: 3, type: 4, form: 0, data: bytes(voltage) },
      { colId: 4, type: 6, form: 0, data: bytes(phase) },
    ],
  };
  const payload = new Uint8Array(submitGroupBytes(group));
  writeSubmitGroup(group, payload, 0);
  return payload;
}

function openStore(dir) {
  return Store.open({
    fs: nodeFileSystem,
    dir,
    options,
    clock: systemClock,
    logger: silentLogger,
    columnsOf: () => schema.columns,
  });
}

/** Groups of the tables in turn, as loads come in. */
function fill(store, rowsEach) {
  let version = 0;
  for (let from = 0; from < rowsEach; from += GROUP) {
    for (let table = 0; table < TABLES; table++) {
      const [group] = readSubmit(makeGroup(table, from));
      store.append(++version, group, Uint32Array.of(table + 1));
    }
    if (source !== 'files' || !store.isFull) continue;
    store.flush();
  }
}

const keptDir = path.join(tmpdir(), 'tdnode-read-bench');
const dir = source === 'files' ? keptDir : mkdtempSync(path.join(tmpdir(), 'read-bench-'));
if (!existsSync(dir)) {
  const store = openStore(dir);
  fill(store, 100_000);
  store.flush();
  store.close();
}
const store = openStore(dir);
if (source !== 'files') fill(store, 10_000);

const tables = Array.from({ length: TABLES }, (_, t) => ({
  uid: t + 2,
  tid: t + 1,
  name: `d${t}`,
  tag: (colId) => (colId === 1 ? new TextEncoder().encode(`city${t % 10}`) : Math.floor(t / 10)),
}));
const scan = {
  table: (uid) => tables[uid - 2],
  childTables: () => tables,
  childTableCount: () => TABLES,
  lastRow: (table, colIds) => store.lastRow(table.tid, colIds),
  open: (table, spec) =>
    store.cursor(table.tid, {
      ...spec,
      types: spec.colIds.map((colId) => schema.columns[colId - 1].type),
    }),
};
const environment = {
  table: (_, name) => ({
    uid: name === 'meters' ? 1 : Number(name.slice(1)) + 2,
    db: 'b',
    name,
    kind: name === 'meters' ? 'stable' : 'child',
    vgId: 2,
    schema,
  }),
  vgroups: () => [2],
  db: 'b',
  user: 'root',
  version: '2.1.2.0',
  precision: 'ms',
  timeZone: { name: 'UTC', offsetMs: () => 0 },
  now: T0,
  keepColumnName: false,
  memoryBudgetBytes: 256 << 20,
};

async function run(sql) {
  const plan = planSelect(parseStatement(sql), environment);
  const stream = async function* (fragment) {
    for (const bytes of runFragment(fragment, scan)) if (bytes !== undefined) yield bytes;
  };
  let rows = 0;
  const streams = plan.targets.map((target) => stream(target.fragment));
  for await (const batch of mergeResults(plan, streams)) rows += batch.rows;
  return rows;
}

const queries = {
  Q1: 'select count(*) from meters',
  Q2: 'select avg(current),max(voltage),min(phase) from meters',
  Q3g: 'select avg(current),max(voltage),min(phase) from meters group by groupid',
  Q4: 'select avg(current) from meters interval(1h)',
  Q5: 'select avg(current),max(voltage) from d0 interval(10s)',
  Q7: 'select * from d0',
  Q8: 'select last_row(*) from meters',
  Q10: 'select count(*) from meters where voltage>220 and current<9.5',
  Q11: 'select top(current,10) from meters',
  Q14: 'select avg(current),max(voltage) from meters interval(1d) group by location',
  Q15: `select ts,current,voltage,phase from meters where groupid=3 and ts>=${T0} and ts<${T0 + 3_600_000}`,
  Q16a: 'select spread(current) from meters',
  Q16b: 'select stddev(current) from meters',
};
const cpuMs = () => (process.cpuUsage().user + process.cpuUsage().system) / 1000;
for (const [name, sql] of Object.entries(queries)) {
  if (only !== undefined && only !== 'all' && name !== only) continue;
  const took = [];
  let rows = 0;
  for (let round = 0; round < rounds; round++) {
    const start = cpuMs();
    rows = await run(sql);
    took.push(cpuMs() - start);
  }
  const first = took[0].toFixed(2).padStart(8);
  took.sort((a, b) => a - b);
  const median = took[took.length >> 1].toFixed(2).padStart(8);
  const least = took[0].toFixed(2).padStart(8);
  console.log(
    `${name.padEnd(6)} first ${first}, median ${median}, least ${least} CPU ms, ${rows} rows`,
  );
}
store.close();
if (source !== 'files') rmSync(dir, { recursive: true });
