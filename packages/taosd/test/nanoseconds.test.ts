/**
 * A database in nanoseconds from outside: literals in, the same digits out, over REST in its three forms and the shell,
 * from memory, after a kill, from files; dumped and restored.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTaosd, type Taosd } from './harness.ts';
import { runTool } from './run-tool.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'nanoseconds-'));
let taosd: Taosd;
beforeAll(async () => {
  taosd = await startTaosd({ timezone: 'UTC' });
  const statements = [
    "create database n precision 'ns' keep 36500",
    'create table n.st (ts timestamp, v int, at timestamp) tags (g int)',
    "insert into n.t1 using n.st tags (1) values (1609459200000000001, 1, '2021-01-01 00:00:00.987654321') ('2021-01-01 00:00:00.000000002', 2, 1609459200123456789) (1609459200000000003 + 5b, 3, null)",
    "insert into n.t2 using n.st tags (2) values ('2021-01-01T08:00:00.000000002+08:00', 20, 5) ('1969-12-31 23:59:59.999999999', 10, -1) (1609459200000000001 - 1u, 0, 0)",
  ];
  for (const statement of statements) await done(statement);
});
afterAll(async () => {
  await taosd.dispose();
  rmSync(folder, { recursive: true });
});

async function done(sql: string): Promise<readonly (readonly unknown[])[]> {
  const answer = await taosd.sql(sql);
  expect(answer, sql).toMatchObject({ status: 'succ' });
  return answer.data ?? [];
}

const DAY = '2021-01-01 00:00:00.';
const ROWS_OF_T1 = [
  [`${DAY}000000001`, 1, `${DAY}987654321`],
  [`${DAY}000000002`, 2, `${DAY}123456789`],
  [`${DAY}000000008`, 3, null],
];

const questions: readonly [sql: string, rows: readonly (readonly unknown[])[]][] = [
  ['select * from n.t1', ROWS_OF_T1],
  ['select * from n.t1 order by ts desc', [...ROWS_OF_T1].reverse()],
  ['select v from n.t1 where ts = 1609459200000000008', [[3]]],
  [`select v from n.t1 where ts > '${DAY}000000001' and ts <= '${DAY}000000002'`, [[2]]],
  ['select v from n.st where ts < 0', [[10]]],
  ["select v from n.st where at = '2021-01-01 00:00:00.123456789'", [[2]]],
  ['select v from n.st where ts > now - 1d', []],
  [
    'select first(ts), last(ts), spread(ts), count(*) from n.t1',
    [[`${DAY}000000001`, `${DAY}000000008`, 7, 3]],
  ],
  [
    'select count(*), sum(v) from n.t1 interval(20b) sliding(10b)',
    [
      ['2020-12-31 23:59:59.999999990', 3, 6],
      [`${DAY}000000000`, 3, 6],
    ],
  ],
  [
    'select count(*) from n.st interval(1n)',
    [
      ['1969-12-01 00:00:00.000000000', 1],
      ['2020-12-01 00:00:00.000000000', 1],
      [`${DAY}000000000`, 4],
    ],
  ],
  [
    'select sum(v) from n.t1 where ts >= 1609459200000000000 and ts <= 1609459200000000025 interval(10b) fill(value, -1)',
    [
      [`${DAY}000000000`, 6],
      [`${DAY}000000010`, -1],
      [`${DAY}000000020`, -1],
    ],
  ],
  ['select x.ts, y.v from n.t1 x, n.t2 y where x.ts = y.ts', [[`${DAY}000000002`, 20]]],
  ['select last_row(ts), last_row(v) from n.st', [[`${DAY}000000008`, 3]]],
  ['select diff(v) from n.t1', ROWS_OF_T1.slice(1).map(([ts]) => [ts, 1])],
  ['select interp(v) from n.t1 where ts = 1609459200000000005 fill(linear)', [[2]]],
  [
    'select count(*) from n.t1 session(ts, 1b)',
    [
      [`${DAY}000000001`, 2],
      [`${DAY}000000008`, 1],
    ],
  ],
];

async function askAll(): Promise<void> {
  for (const [sql, rows] of questions) expect(await done(sql), sql).toEqual(rows);
}

async function restOf(form: string, sql: string): Promise<string> {
  const url = `${taosd.rest}/rest/${form}`;
  const authorization = `Basic ${Buffer.from('root:taosdata').toString('base64')}`;
  const response = await fetch(url, { method: 'POST', body: sql, headers: { authorization } });
  return response.text();
}

test('answers from memory', askAll);

test('REST prints the integers, and nine digits with a zone', async () => {
  const sql = 'select ts, at from n.t1 where v = 1';
  expect(await restOf('sqlt', sql)).toContain('[[1609459200000000001,1609459200987654321]]');
  expect(await restOf('sqlutc', sql)).toContain('"2021-01-01T00:00:00.000000001+0000"');
});

test('the shell prints nine digits', async () => {
  const words = ['-h', 'localhost', '-P', String(taosd.port), '-s', 'select * from n.t1'];
  const { out } = await runTool('taos', words, folder);
  expect(out).toContain('2021-01-01 00:00:00.000000008');
});

test('answers from the log after a kill, and from files after a stop', async () => {
  await taosd.stop('SIGKILL');
  await taosd.start();
  await askAll();
  await taosd.stop();
  await taosd.start();
  await askAll();
});

test('a dump holds every digit', async () => {
  const at = ['-h', 'localhost', '-P', String(taosd.port)];
  const sums = 'select count(*), sum(v), first(ts), last(ts), last(at) from n.st';
  const before = await done(sums);
  await runTool('taosdump', [...at, '-o', 'out', 'n'], folder);
  await done('drop database n');
  await runTool('taosdump', [...at, '-i', 'out'], folder);
  expect(await done(sums)).toEqual(before);
  await askAll();
});

test('times that are not kept, and what is not there in nanoseconds, are refused', async () => {
  const codeOf = async (sql: string): Promise<number | undefined> => (await taosd.sql(sql)).code;
  expect(await codeOf("insert into n.t1 values ('2200-01-01 00:00:00', 1, null)")).toBe(1547);
  expect(await codeOf('insert into n.t1 values (9223372036854775807, 1, null)')).toBe(1547);
  const stream = 'create table n.s as select count(*) from n.t1 interval(1s)';
  expect(await taosd.sql(stream)).toMatchObject({ status: 'error' });
  const having =
    "select last(ts) from n.st group by tbname having last(ts) > '2021-01-01 00:00:00'";
  expect(await taosd.sql(having)).toMatchObject({ status: 'error' });
});

test('delete takes the very rows', async () => {
  await done('delete from n.t1 where ts >= 1609459200000000002 and ts < 1609459200000000008');
  expect(await done('select v from n.t1')).toEqual([[1], [3]]);
});
