// Queries over 10 M rows of (ts, float, int, float) in 100 tables, 2,500 blocks, decoded already: what the
// operators cost without storage. Run on dist: node packages/query/src/exec/query.bench.mjs
import { parseStatement } from '../../../sql/dist/index.js';
import { mergeResults, planSelect, runFragment } from '../../dist/index.js';

const TABLES = 100;
const BLOCKS = 25;
const ROWS = 4000;
const T0 = 1_500_000_000_000;
// Blocks repeat every eight tables, so that data do not stay in the cache.
const DISTINCT = 8;
const rowsOf = (from) => {
  const ts = new Float64Array(ROWS);
  const columns = [0, 1, 2].map(() => new Float64Array(ROWS));
  for (let i = 0; i < ROWS; i++) {
    ts[i] = T0 + (from + i) * 1000;
    columns[0][i] = Math.fround(
      10 + Math.round(Math.sin(from + i) * 300 + Math.random() * 100) / 100,
    );
    columns[1][i] = 215 + Math.floor(Math.random() * 11);
    columns[2][i] = Math.fround(0.3 + Math.random() / 10);
  }
  const stats = columns.map((data) => ({
    nullCount: 0,
    sum: data.reduce((a, b) => a + b, 0),
    min: Math.min(...data),
    max: Math.max(...data),
    first: data[0],
    last: data[ROWS - 1],
  }));
  const vectors = columns.map((data) => ({ kind: 'f64', data, nullCount: 0 }));
  return { ts, vectors, stats };
};
const data = Array.from({ length: DISTINCT }, () =>
  Array.from({ length: BLOCKS }, (_, b) => rowsOf(b * ROWS)),
);
const tables = Array.from({ length: TABLES }, (_, t) => ({
  uid: t + 2,
  tid: t + 1,
  name: `d${t}`,
  tag: (colId) => (colId === 1 ? new TextEncoder().encode(`city${t % 10}`) : t % 10),
}));
const scan = {
  table: (uid) => tables[uid - 2],
  childTables: () => tables,
  childTableCount: () => TABLES,
  lastRow: () => undefined,
  open(table, spec) {
    const blocks = data[table.tid % DISTINCT];
    let at = 0;
    return {
      next() {
        if (at === BLOCKS) return undefined;
        const { ts, vectors, stats } = blocks[spec.descending ? BLOCKS - 1 - at : at];
        at++;
        return {
          rows: ROWS,
          tsFirst: ts[0],
          tsLast: ts[ROWS - 1],
          ts: () => ts,
          column: (i) => vectors[spec.colIds[i] - 2],
          stats: (i) => stats[spec.colIds[i] - 2],
        };
      },
      close() {},
    };
  },
};

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
const zone = { name: 'UTC', offsetMs: () => 0 };
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
  timeZone: zone,
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
  Q3: 'select avg(current),max(voltage),min(phase) from meters where groupid=3',
  Q3g: 'select avg(current),max(voltage),min(phase) from meters group by groupid',
  Q4: 'select avg(current) from meters interval(1h)',
  Q5: 'select avg(current),max(voltage) from d0 interval(10s)',
  Q6: 'select * from d0 limit 1000',
  Q7: 'select * from d0',
  Q8: 'select last_row(*) from meters',
  Q9: 'select last(*) from d7',
  Q10: 'select count(*) from meters where voltage>220 and current<9.5',
  Q11: 'select top(current,10) from meters',
  Q14: 'select avg(current),max(voltage) from meters interval(1d) group by location',
  Q15: `select ts,current,voltage,phase from meters where groupid=3 and ts>=${T0} and ts<${T0 + 50_000_000}`,
  Q15a: `select ts,current,voltage,phase from meters where groupid>=0 and ts>=${T0} and ts<${T0 + 50_000_000}`,
  Q16a: 'select spread(current) from meters',
  Q16b: 'select stddev(current) from meters',
  ordered: 'select * from meters order by ts limit 100000',
};
const only = process.argv[2];
for (const [name, sql] of Object.entries(queries)) {
  if (only !== undefined && name !== only) continue;
  let best = Infinity;
  let rows = 0;
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    rows = await run(sql);
    best = Math.min(best, performance.now() - start);
  }
  process.stdout.write(`${name.padEnd(8)} ${best.toFixed(2).padStart(9)} ms  ${rows} rows\n`);
}
