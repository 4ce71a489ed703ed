/**
 * How fast statements parse, by hand: `npx tsc -b packages/sql && node packages/sql/src/parser/parse.bench.mjs`.
 * Target: at most 2 µs for one child table of a `create table` with a thousand of them.
 */
import { parseStatement } from '../../dist/index.js';

const children = Array.from({ length: 1000 }, (_, i) => `d${i} using db.st tags('x',${i})`).join(
  ' ',
);
const cases = [
  ['create table, per child table', `create table ${children}`, 1000],
  [
    'select, per statement',
    "select avg(v), max(f) m from db.st where ts >= '2021-01-01 00:00:00' and ts < now - 1h and g = 3 interval(1m) fill(prev) group by g order by ts desc limit 10 offset 5",
    1,
  ],
  [
    'where with 2000 conditions, per condition',
    `select a from t where ${'a = 1 and '.repeat(1999)}a = 1`,
    2000,
  ],
];

for (const [name, sql, units] of cases) {
  const rounds = Math.ceil(300_000 / units);
  for (let i = 0; i < rounds / 10; i++) parseStatement(sql);
  const begin = process.hrtime.bigint();
  for (let i = 0; i < rounds; i++) parseStatement(sql);
  const ns = Number(process.hrtime.bigint() - begin) / rounds / units;
  process.stdout.write(`${name}: ${(ns / 1000).toFixed(3)} µs\n`);
}
