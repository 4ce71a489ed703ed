/**
 * taosdump: out of one server, into another one that is empty, equal by checksums of all rows and by select; types at
 * their extremes; a dump while rows are written; dumps and restores that are killed. `--full` dumps a million rows.
 */
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sql } from './cluster-harness.ts';
import { pause, startTaosd, type Taosd } from './harness.ts';
import { runTool, startTool } from './run-tool.ts';

const ROWS_PER_TABLE = process.env['TDNODE_FULL'] === '1' ? 10_000 : 2_000;
const TABLES = 100;

const folder = mkdtempSync(path.join(tmpdir(), 'taosdump-'));
let from: Taosd;
let to: Taosd;
beforeAll(async () => {
  from = await startTaosd({ minTablesPerVnode: 40, maxVgroupsPerDb: 3 });
  to = await startTaosd();
});
afterAll(async () => {
  await from.dispose();
  await to.dispose();
  rmSync(folder, { recursive: true });
});

const at = (dnode: Taosd): string[] => ['-h', 'localhost', '-P', String(dnode.port)];
const dump = (...words: string[]) => runTool('taosdump', words, folder);
const start = (...words: string[]) => startTool('taosdump', words, folder);

async function fill(db: string, tables: number, rows: number): Promise<void> {
  const words = ['-d', db, '-t', String(tables), '-n', String(rows), '-y'];
  await runTool('taosdemo', [...at(from), ...words], folder);
}

/** Files that are whole. */
function filesIn(name: string): string[] {
  const file = path.join(folder, name, 'progress.jsonl');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { file: string }).file);
}

test('meters, out and in, are equal', async () => {
  await fill('meters_db', TABLES, ROWS_PER_TABLE);
  const { out } = await dump(...at(from), '-o', 'whole', 'meters_db');
  expect(out).toContain(`# total row count:          ${TABLES * ROWS_PER_TABLE}`);
  expect(readFileSync(path.join(folder, 'dump_result.txt'), 'utf8')).toContain('DUMP OUT');
  await dump(...at(to), '-i', 'whole');
  await dump(...at(to), '-i', 'whole', '--verify');
  const questions = [
    'select count(*), sum(voltage), avg(current), stddev(voltage), spread(phase) from meters_db.meters group by location',
    'select tbname, groupid, location from meters_db.meters',
    'select * from meters_db.d77 limit 1000',
    'describe meters_db.meters',
  ];
  for (const question of questions) {
    const answers = [await sql(from, question), await sql(to, question)];
    const [one, other] = answers.map((rows) => rows.map((row) => JSON.stringify(row)).toSorted());
    expect(other).toEqual(one);
  }
  await sql(to, "insert into meters_db.d3 values ('2020-01-01 00:00:00', 1, 1, 1)");
  await sql(to, 'drop table meters_db.d4');
  const { status, err } = await start(...at(to), '-i', 'whole', '--verify').result;
  expect(status).toBe(2);
  expect(
    err
      .split('\n')
      .filter((line) => line !== '')
      .toSorted(),
  ).toEqual([
    `taosdump: meters_db.d3 has ${ROWS_PER_TABLE + 1} rows, it had ${ROWS_PER_TABLE}`,
    `taosdump: meters_db.d4 has 0 rows, it had ${ROWS_PER_TABLE}`,
    'taosdump: meters_db.d4 is not there', // its tags
  ]);
});

test('every type at its extremes, NULL, any bytes, tags, normal tables, options', async () => {
  await sql(
    from,
    "create database odd precision 'us' keep 36500 days 7 update 1 cachelast 1 comp 1",
  );
  await sql(
    from,
    'create table odd.st (ts timestamp, b bool, i1 tinyint, i2 smallint, i4 int, i8 bigint, f float, d double, ' +
      's binary(20), n nchar(20), t timestamp, u1 tinyint unsigned, u2 smallint unsigned, u4 int unsigned, u8 bigint unsigned) ' +
      'tags (g bigint, place nchar(20), code binary(8), w double)',
  );
  await sql(
    from,
    String.raw`create table odd.a using odd.st tags (9223372036854775807, '北京\'s "\\', 'x y', -1e-300)`,
  );
  await sql(from, 'create table odd.empty using odd.st tags (null, null, null, null)');
  await sql(from, "create table odd.none using odd.st tags (0, '', '', 0)");
  await sql(
    from,
    String.raw`insert into odd.a values
      (-1, true, -127, -32767, -2147483647, -9223372036854775807, -3.4028234663852886e38, 5e-324, '', '', -5, 0, 0, 0, 0)
      (1600000000000001, false, 127, 32767, 2147483647, 9223372036854775807, 1.401298464324817e-45, 1.7976931348623157e308,
       'it\'s \\ "q"', '🚀 שלום 北京', 253402300799999999, 254, 65534, 4294967294, 18446744073709551614)
      (1600000000000002, null, null, null, null, null, null, null, null, null, null, null, null, null, null)
      (1600000000000003, null, 0, 0, 0, 9007199254740993, 0.1, 0.1, 'tab	line
end', 'x', 0, 1, 1, 1, 9007199254740993)`,
  );
  await sql(from, 'create table odd.plain (ts timestamp, v int)');
  await sql(from, 'insert into odd.plain values (1600000000000000, 1) (1600000000000001, null)');
  await dump(...at(from), '-o', 'odd', '-D', 'odd');
  await dump(...at(to), '-i', 'odd');
  await dump(...at(to), '-i', 'odd', '--verify');
  for (const table of ['a', 'none', 'plain']) {
    const question = `select * from odd.${table}`;
    expect(await to.sql(question, '/rest/sqlt')).toEqual(await from.sql(question, '/rest/sqlt'));
  }
  const tags = 'select tbname, g, place, code, w from odd.st';
  expect(await sql(to, tags)).toEqual(await sql(from, tags));
  const options = async (dnode: Taosd): Promise<unknown> => {
    const rows = await sql(dnode, 'show databases');
    return rows.find(([name]) => name === 'odd')?.filter((_, i) => i !== 1 && i !== 3); // when, vgroups
  };
  expect(await options(to)).toEqual(await options(from));
});

test('tables and times may be chosen', async () => {
  await fill('some', 5, 100);
  await sql(from, 'create table some.n (ts timestamp, v int)');
  await sql(from, 'insert into some.n values (now, 1)');
  const times = ['-S', '1500000000010', '-E', '2017-07-14 02:40:00.019'];
  await dump(...at(from), '-o', 'some', ...times, 'some', 'd1', 'd3');
  await dump(...at(to), '-i', 'some');
  await dump(...at(to), '-i', 'some', '--verify');
  expect(await sql(to, 'select count(*) from some.meters group by tbname')).toEqual([
    [10, 'd1'],
    [10, 'd3'],
  ]);
  const { out } = await dump(...at(from), '-o', 'schema', '-s', '-N', 'some');
  expect(out).toContain('# total row count:          0');
  expect(readFileSync(path.join(folder, 'schema/dbs.sql'), 'utf8')).toContain(
    "create database if not exists some precision 'ms';\n",
  );
  await dump(...at(from), '-o', 'csv', '--csv', 'some', 'n', 'd0');
  const csv = readFileSync(path.join(folder, 'csv/some/stable/meters/000001.csv'), 'utf8');
  expect(csv.split('\r\n')[0]).toBe('tbname,ts,current,voltage,phase');
  expect(csv.split('\r\n')).toHaveLength(102);
});

test('each table is of one moment while rows are written', async () => {
  await sql(from, 'create database busy');
  await sql(from, 'create table busy.t (ts timestamp, n int)');
  let isOver = false;
  let written = 0;
  const writing = (async () => {
    while (!isOver) {
      const rows = Array.from(
        { length: 500 },
        (_, i) => `(${1_600_000_000_000 + written + i}, ${written + i})`,
      );
      await sql(from, `insert into busy.t values ${rows.join('')}`);
      written += rows.length;
    }
  })();
  while (written < 20_000) await pause(5);
  const before = written;
  await dump(...at(from), '-o', 'busy', 'busy');
  isOver = true;
  await writing;
  await dump(...at(to), '-i', 'busy');
  const [row] = await sql(to, 'select count(*), first(n), last(n) from busy.t');
  const [count, first, last] = row!.map(Number);
  expect([first, last]).toEqual([0, count! - 1]); // no gap, nothing torn
  expect(count! % 500).toBe(0);
  expect(count).toBeGreaterThanOrEqual(before);
});

test('a dump that is killed goes on, and so does a restore', async () => {
  await fill('killed', 40, 5000);
  const out = [...at(from), '-o', 'killed', '-t', '2', '-T', '2', 'killed'];
  await killWhen(out, () => filesIn('killed').length >= 4);
  const whole = filesIn('killed');
  expect((await start('-i', 'killed', '--check').result).err).toMatch(
    /is not whole; give its command again/,
  );
  const other = await start(...at(from), '-o', 'killed', '-t', '3', 'killed').result;
  expect(other.err).toContain('was begun with other options');
  const { out: said } = await dump(...out);
  expect(said).toMatch(/^goes on with the dump of /);
  expect(filesIn('killed').slice(0, whole.length)).toEqual(whole);
  expect(filesIn('killed')).toHaveLength(21);

  const state = path.join(folder, 'state');
  const into = [...at(to), '-i', 'killed', '-T', '2', '-B', '500', '--state', state];
  await killWhen(
    into,
    () => existsSync(state) && readFileSync(state, 'utf8').split('\n').length > 3,
  );
  const restored = readFileSync(state, 'utf8').split('\n').slice(0, -1);
  await dump(...into);
  await dump(...at(to), '-i', 'killed', '--verify');
  expect(readFileSync(state, 'utf8').split('\n').slice(0, restored.length)).toEqual(restored);
});

/** Runs the tool until something is true, and kills it then; it may have ended by itself. */
async function killWhen(words: readonly string[], isTrue: () => boolean): Promise<void> {
  const { child, result } = start(...words);
  while (!isTrue() && child.exitCode === null) await pause(2);
  child.kill('SIGKILL');
  await result;
}

test('damage is found', async () => {
  await fill('hurt', 2, 1000);
  await dump(...at(from), '-o', 'hurt', 'hurt');
  await dump('-i', 'hurt', '--check');
  const file = path.join(folder, 'hurt/hurt/stable/meters/000001.parquet');
  const bytes = readFileSync(file);
  bytes[bytes.length >> 2]! ^= 1;
  writeFileSync(file, bytes);
  const flipped = await start('-i', 'hurt', '--check').result;
  expect(flipped.status).toBe(2);
  expect(flipped.err).toMatch(/^taosdump: \S*000001\.parquet /);
  truncateSync(file, 100);
  expect((await start(...at(to), '-i', 'hurt').result).status).toBe(1);
});
