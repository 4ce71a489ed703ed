/** `taos` as people and scripts use it, on a real server: recorded output, terminals, pipes, files, exit statuses. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestCluster, endPoint } from './cluster-harness.ts';
import { startTaosd, type Taosd } from './harness.ts';
import { ShellUser } from './shell-harness.ts';

const recorded = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '../../../conformance/shell/taos-s.txt',
);

const BANNER = `
Welcome to the TDengine shell from Linux, Client Version:2.1.2.0
Copyright (c) 2020 by TAOS Data, Inc. All rights reserved.

`;

/** Some seconds of work: nearly a million windows. */
const LONG =
  'select count(*) from t where ts >= 1600000000000 and ts < 1600009990000 interval(10a) fill(value, 0) limit 999999';

let taosd: Taosd;
let user: ShellUser;
beforeAll(async () => {
  taosd = await startTaosd();
  user = new ShellUser(taosd);
});
afterAll(async () => {
  user.dispose();
  await taosd.dispose();
});

/** `base.t` with one row; made by who needs it, for the record begins on an empty server. */
async function makeBase(): Promise<void> {
  const statements = [
    'create database if not exists base',
    'create table if not exists base.t (ts timestamp, v int)',
    'insert into base.t values (1600000000000, 1)',
  ];
  const { err } = await user.run(['-s', statements.join(';')]);
  expect(err).toBe('');
}

interface Block {
  readonly statement: string;
  readonly output: string;
}

function recordedBlocks(): Block[] {
  const [, ...parts] = readFileSync(recorded, 'utf8').split(/^=== /m);
  return parts.map((part) => {
    const at = part.indexOf('\n');
    return { statement: part.slice(0, at), output: part.slice(at).trim() };
  });
}

/** The same statements in one run of `-f`: what stands behind each echo, or else the next line of standard error. */
async function replayed(blocks: readonly Block[]): Promise<Block[]> {
  const script = path.join(user.home, 'recorded.sql');
  writeFileSync(script, blocks.map(({ statement }) => `${statement};\n`).join(''));
  const { out, err } = await user.run(['-f', script]);
  const failures = err
    .split('\n')
    .filter((line) => line !== '')
    .values();
  const [, ...parts] = out.split(/^taos> /m);
  return parts.map((part) => {
    const at = part.indexOf(';\n');
    const output = part.slice(at + 2).trim();
    const statement = part.slice(0, at);
    const isSilent = output === '' && !statement.startsWith('set ');
    return { statement, output: isSilent ? (failures.next().value ?? '') : output };
  });
}

/** Statements whose rows tell of the server itself: heads and widths are compared. */
const OWN_ROWS = /^show (?:connections|users|scores|variables|modules|tables|mnodes|dnodes)/;

function comparable({ statement, output }: Block): string {
  const text = output
    .replaceAll(/\d+\.\d{6}s/g, '(seconds)')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}/g, 'yyyy-mm-dd hh:mm:ss.mmm');
  if (!OWN_ROWS.test(statement)) return text;
  const [head = '', rule = '', row = ''] = text.split('\n');
  return [head, rule, row.replaceAll(/[^|]/g, ' ')].join('\n');
}

/** Where the record is not what to do: `use` has its sentence, and rows line up with wide heads. */
const OTHERWISE: Readonly<Record<string, string>> = {
  'use shell': 'Database changed.',
  'select avg(current) as "平均电流" from meters interval(1m)': `           ts            |         平均电流          |
======================================================
 yyyy-mm-dd hh:mm:ss.mmm |              11.733333588 |
Query OK, 1 row(s) in set ((seconds))`,
  'select ts as a_rather_long_alias_for_a_timestamp_column, f as f from types': ` a_rather_long_alias_for_a_timestamp_column |          f           |
====================================================================
 yyyy-mm-dd hh:mm:ss.mmm                    |              3.14159 |
 yyyy-mm-dd hh:mm:ss.mmm                    |                 NULL |
Query OK, 2 row(s) in set ((seconds))`,
};

test('every recorded statement prints what was recorded', async () => {
  const blocks = recordedBlocks();
  expect(blocks.length).toBeGreaterThan(45);
  const got = await replayed(blocks);
  expect(got.map(({ statement }) => statement)).toEqual(blocks.map(({ statement }) => statement));
  for (const [i, block] of blocks.entries()) {
    const { statement } = block;
    const expected = OTHERWISE[statement]?.trim() ?? comparable(block);
    expect(comparable(got[i]!), statement).toBe(expected);
  }
});

describe('scripts', () => {
  test('-s shows banner, echo and answer; errors go to standard error', async () => {
    const good = await user.run(['-s', 'show mnodes']);
    expect(good.out.startsWith(`${BANNER}taos> show mnodes\n   id   |`)).toBe(true);
    expect(good.out).toMatch(/\nQuery OK, 1 row\(s\) in set \(\d+\.\d{6}s\)\n\n$/);
    expect([good.err, good.status]).toEqual(['', 0]);
    const bad = await user.run(['-s', 'select * from db.nosuch; show mnodes']);
    expect(bad.err).toMatch(/^\nDB error: .+ \(\d+\.\d{6}s\)\n$/);
    expect(bad.out).toContain('Query OK, 1 row(s)');
    expect(bad.status).toBe(0);
  });

  test('--strict ends with the first failure and says so by its status', async () => {
    const { out, status } = await user.run([
      '--strict',
      '-s',
      'select * from db.nosuch; show mnodes',
    ]);
    expect(out).not.toContain('Query OK');
    expect(status).toBe(1);
  });

  test('a pipe gets answers only, whole ones', async () => {
    const input = `create database if not exists piped;
use piped;
create table if not exists t
  (ts timestamp, v int);
insert into t values ${Array.from({ length: 150 }, (_, i) => `(${1_600_000_000_000 + i}, ${i})`).join('\n')};
select v from t`;
    const { out, err, status } = await user.run([], input);
    expect([err, status]).toEqual(['', 0]);
    expect(out).not.toContain('taos>');
    expect(out).not.toContain('Welcome');
    expect(out).not.toContain('\x1b');
    expect(out).toContain('         149 |\nQuery OK, 150 row(s) in set');
  });

  test('nobody there, a wrong password, a wrong option: status 1', async () => {
    const nobody = await user.run(['-P', '1', '-s', 'show dnodes']);
    expect(nobody.err).toContain('DB error: Unable to establish connection');
    expect(nobody.err).toContain('localhost:1 does not answer (ECONNREFUSED)');
    const stranger = await user.run(['-pwrong', '-s', 'show dnodes']);
    expect(stranger.err).toContain('DB error: Authentication failure');
    const typo = await user.run(['--hots', 'h1']);
    expect([nobody.status, stranger.status, typo.status]).toEqual([1, 1, 1]);
  });

  test('-n startup tells a probe whether taosd serves', async () => {
    const up = await user.run(['-n', 'startup']);
    expect([up.status, up.out]).toEqual([
      0,
      `check startup, host:localhost port:${taosd.port}\ncheck startup finished, version:2.1.2.0\n`,
    ]);
    expect((await user.run(['-n', 'startup', '-pwrong'])).status).toBe(0);
    const down = await user.run(['-n', 'startup', '-P', '1']);
    expect([down.status, down.err.split('\n')[0]]).toEqual([
      1,
      'failed to check startup step, code:0x8000000b Unable to establish connection',
    ]);
  });

  test('-C, -V and -r', async () => {
    expect((await user.run(['-C'])).out).toContain(`serverPort:             ${taosd.port} `);
    expect((await user.run(['-V'])).out).toBe('version: 2.1.2.0\n');
    await makeBase();
    const raw = await user.run(['-r', '-d', 'base', '-s', 'select ts from t limit 1']);
    expect(raw.out).toContain('\n 1600000000000  |\n');
  });

  test('secondEp is asked when firstEp does not answer', async () => {
    const config = path.join(user.home, 'taos.cfg');
    writeFileSync(config, `firstEp localhost:1\nsecondEp ${endPoint(taosd)}\n`);
    const { out } = await user.run(['-c', config, '-s', 'show mnodes']);
    expect(out).toContain('Query OK, 1 row(s)');
  });

  test('rows leave into a file and come back, wide characters and quotes too', async () => {
    const file = path.join(user.home, 'rows.csv');
    const { out, err } = await user.run([
      '-s',
      String.raw`create database if not exists files; use files;
create table a (ts timestamp, f float, d double, b binary(20), n nchar(20), o bool);
insert into a values (1600000000000, 3.14159274, 1e-20, 'it\'s, "so"', '北京 👍', true) (1600000000001, null, null, null, null, null);
select * from a >> ${file};
create table b (ts timestamp, f float, d double, b binary(20), n nchar(20), o bool);
insert into b file '${file}'; select * from a; select * from b`,
    ]);
    expect(err).toBe('');
    expect(readFileSync(file, 'utf8')).toBe(`ts,f,d,b,n,o
'2020-09-13 12:26:40.000',3.1415927,1e-20,'it''s, "so"','北京 👍',1
'2020-09-13 12:26:40.001',NULL,NULL,NULL,NULL,NULL
`);
    const tables = [...out.matchAll(/ {11}ts[^]*?(?=Query OK)/g)].map(([table]) => table);
    expect(tables).toHaveLength(2);
    expect(tables[0]).toBe(tables[1]);
    expect(out).toContain('Query OK, 2 of 2 row(s) in database');
  });

  test('-D runs a folder, -k reads every table', async () => {
    const dir = path.join(user.home, 'dump');
    await user.run(['-s', 'create database if not exists dumped']);
    mkdirSync(dir);
    writeFileSync(path.join(dir, 'tables.sql'), 'create table dumped.t1 (ts timestamp, v int);\n');
    for (const n of [1, 2, 3])
      writeFileSync(
        path.join(dir, `${n}.sql`),
        `use dumped;\ninsert into t1 values (now - ${n}s, ${n});\n`,
      );
    expect((await user.run(['-D', dir, '-T', '2'])).status).toBe(0);
    const counted = await user.run(['-d', 'dumped', '-s', 'select count(*) from t1']);
    expect(counted.out).toContain('                     3 |');
    const checked = await user.run(['-d', 'dumped', '-k', '1']);
    expect(checked.out).toContain('total 1 tables, 0 cannot be read');
  });

  test('a reader that leaves ends the shell quietly', async () => {
    await makeBase();
    const config = path.join(taosd.dir, 'cfg');
    const taos = path.resolve(path.dirname(recorded), '../../packages/taos/bin/taos.mjs');
    const command = `"$0" "$1" -c "$2" -d base -s "$3" | head -n 1 >/dev/null; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync(
      'bash',
      ['-c', command, process.execPath, taos, config, LONG],
      {
        encoding: 'utf8',
      },
    );
    expect([stdout.trim(), stderr]).toEqual(['0', '']);
  });
});

describe('at a terminal', () => {
  test('statements over lines, errors with their place, wide characters, history', async () => {
    const terminal = user.open();
    const banner = await terminal.until('taos> ');
    expect(banner).toContain(BANNER);
    await terminal.enter('create database if not exists typed;');
    expect(await terminal.enter('use typed;', 'Database changed.')).toContain(
      'Database changed.\n\n',
    );
    terminal.type('create table t (ts timestamp,\r');
    await terminal.until('   -> ');
    await terminal.enter('name nchar(20));');
    await terminal.enter("insert into t values (1600000000000, '中文字符 and latin');", '1 of 1');
    await terminal.enter('set max_binary_display_width 12;', '\n');
    expect(await terminal.enter('select * from t;')).toContain(
      `           ts            |     name     |
=========================================
 2020-09-13 12:26:40.000 | 中文字符 ... |
Query OK`,
    );
    expect(await terminal.enter('select * from t\\G')).toContain('name: 中文字符 and latin\n');
    expect(await terminal.enter('selec * from t;', 'DB error')).toMatch(
      /DB error: syntax error near "selec \* from t" \(\d\.\d{6}s\)\n {10}selec \* from t\n {10}\^ expected a statement/,
    );
    terminal.type('quit\r');
    expect(await terminal.ended()).toBe(0);
    const history = readFileSync(path.join(user.home, '.taos_history'), 'utf8');
    expect(history).toContain('create table t (ts timestamp, name nchar(20));\n');
    const later = user.open(['-d', 'typed']);
    await later.until('taos> ');
    later.type('create t\x1b[A\r'); // the newest that begins like this
    await later.until('Table already exists');
    await later.until('taos> ');
    later.type('latin\x12\r');
    await later.until('Query OK, 1 of 1 row(s)');
    await later.until('taos> ');
    later.type('\x04');
    expect(await later.ended()).toBe(0);
  });

  test('Tab completes keywords, databases, tables and columns', async () => {
    await user.run([
      '-s',
      'create database if not exists tabbed; create table if not exists tabbed.meters1 (ts timestamp, voltage int)',
    ]);
    const terminal = user.open();
    await terminal.until('taos> ');
    terminal.type('desc');
    terminal.type('\t');
    await terminal.until('describe');
    terminal.type(' tabb');
    terminal.type('\t');
    await terminal.until('tabbed.');
    terminal.type('\t');
    await terminal.until('meters1');
    expect(await terminal.enter(';')).toContain('voltage');
    terminal.type('select * from tabbed.meters1 where vol');
    terminal.type('\t');
    await terminal.until('voltage');
    await terminal.enter(' > 0;');
  });

  test('Ctrl-C ends a statement here and on the server, and what is typed', async () => {
    await makeBase();
    const terminal = user.open(['-d', 'base']);
    await terminal.until('taos> ');
    terminal.type(`${LONG};\r`);
    await terminal.until(' 2020-09-13 12:26:40.000 |');
    terminal.type('\x03');
    const interrupted = await terminal.until('taos> ');
    const rows = /Query interrupted \(Query terminated\), (\d+) row\(s\) in set/.exec(
      interrupted,
    )?.[1];
    expect(Number(rows)).toBeLessThan(999_000);
    expect(await terminal.enter('show queries;')).toContain('Query OK, 0 row(s) in set');
    terminal.type('select forgotten\x03');
    await terminal.until('^C');
    await terminal.until('taos> ');
    await terminal.enter('show mnodes;');
  });

  test('a paste of several lines is one line until Enter', async () => {
    const terminal = user.open();
    await terminal.until('taos> ');
    terminal.type('\x1b[200~show mnodes;\nshow\n dnodes;\n\x1b[201~');
    await terminal.until('show mnodes; show  dnodes;');
    terminal.type('\r');
    const both = await terminal.until('taos> ');
    expect(both).toContain('role');
    expect(both).toContain('offline reason');
  });

  test('a password that is asked for is not shown', async () => {
    const terminal = user.open(['-p']);
    await terminal.until('Enter password: ');
    terminal.type('taosdata\r');
    expect(await terminal.until('taos> ')).not.toContain('taosdata');
    await terminal.enter('show mnodes;');
  });
});

test('where its dnode goes away, a shell goes on with another', async () => {
  const cluster = new TestCluster({ numOfMnodes: 1 });
  try {
    await cluster.join();
    const second = await cluster.join();
    const terminal = user.open(['-h', 'localhost', '-P', String(second.port)]);
    await terminal.until('taos> ');
    await terminal.enter('show dnodes;');
    await second.stop('SIGKILL');
    expect(await terminal.enter('show dnodes;')).toContain(endPoint(second));
    await terminal.enter('create database survives;');
  } finally {
    await cluster.dispose();
  }
});
