/**
 * Rows per second of the INSERT parser, on the built package: `node insert.bench.mjs` after a build. The
 * texts are sensor readings: 1000 rows of one table, 100 tables with a row each, one row.
 */
import { NameMap, timeZone } from '@tdnode/common';
import { InsertParser } from '@tdnode/sql';

const TABLES = 1000;
const encoder = new TextEncoder();

/** A catalog of `d0` … in database `db`, over four vgroups. */
function catalog() {
  const names = new NameMap();
  for (let i = 0; i < TABLES; i++) {
    const name = encoder.encode(`d${i}`);
    names.set(name, 0, name.length, i);
  }
  const columns = [
    { name: 'ts', type: 9, bytes: 8, colId: 1 },
    { name: 'current', type: 6, bytes: 4, colId: 2 },
    { name: 'voltage', type: 4, bytes: 4, colId: 3 },
    { name: 'phase', type: 6, bytes: 4, colId: 4 },
  ];
  const schema = {
    ordinal: 0,
    schemaUid: 1,
    schema: { version: 1, columns, tags: [] },
    precision: 'ms',
    database: 0,
  };
  return {
    findDatabase: () => 0,
    findTable: (_database, sql, from, to) => names.find(sql, from, to),
    databaseName: () => 'db',
    isStable: () => false,
    uid: (table) => 1000 + table,
    vgId: (table) => 2 + (table & 3),
    schema: () => schema,
  };
}

function row(table, i) {
  const current = (10 + 3 * Math.sin(i / 50 + table)).toFixed(3);
  const phase = (0.3 + 0.1 * Math.cos(i / 70 + table)).toFixed(3);
  return `(${1500000000000 + i * 1000},${current},${210 + ((i * 7 + table) % 21)},${phase})`;
}

const range = (n) => Array.from({ length: n }, (_, i) => i);
const cases = [
  {
    name: '1000 rows of a table',
    rows: 1000,
    sql: (k) =>
      `insert into db.d${k} values${range(1000)
        .map((i) => row(k, i))
        .join('')}`,
  },
  {
    name: '100 tables, 1 row each',
    rows: 100,
    sql: (k) =>
      `insert into ${range(100)
        .map((t) => `db.d${t} values${row(t, k)}`)
        .join(' ')}`,
  },
  { name: '1 row', rows: 1, sql: (k) => `insert into db.d${k} values${row(k, k)}` },
];

const parser = new InsertParser(catalog());
const context = { databaseName: undefined, database: -1, zone: timeZone('UTC'), nowMs: 1.7e12 };
for (const { name, rows, sql } of cases) {
  const statements = range(50).map((k) => encoder.encode(sql(k)));
  let best = Infinity;
  for (let round = 0; round < 6; round++) {
    const start = performance.now();
    let count = 0;
    do {
      for (const statement of statements) parser.parse(statement, context);
      count += statements.length;
    } while (performance.now() - start < 250);
    best = Math.min(best, (performance.now() - start) / count);
  }
  const rate = (rows / best / 1000).toFixed(2);
  process.stdout.write(
    `${name.padEnd(24)} ${rate.padStart(6)} M rows/s ${(best * 1000).toFixed(2).padStart(8)} us a statement\n`,
  );
}
