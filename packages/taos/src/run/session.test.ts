/** Sessions and scripts over a server that tests answer for: every sentence, where it goes, and how it ends. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ErrorCode, SqlType, TaosError, timeZone, type Batch } from '@tdnode/common';
import type { SqlAnswer } from '@tdnode/rpc';
import { afterEach, expect, test } from 'vitest';
import { FakeScreen, FakeServer, inserted, numbers, oneColumn, rowsOf } from '../testing/fakes.ts';
import { checkTables } from './check-tables.ts';
import { planFiles } from './directory.ts';
import { linesOf, runScript } from './script.ts';
import { Session, type Outcome, type SessionOptions } from './session.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'tdnode-taos-'));
  folders.push(made);
  return made;
}

type Answer = (sql: string, signal: AbortSignal | undefined) => SqlAnswer;

/** Every look at the clock is 1.604 ms later than the one before. */
function session(
  answer: Answer,
  options: Partial<SessionOptions> = {},
): { run: Session; screen: FakeScreen; server: FakeServer } {
  const screen = new FakeScreen();
  const server = new FakeServer(answer);
  let time = 0;
  const run = new Session({
    server,
    screen,
    clock: { now: () => 0, monotonic: () => (time += 1.604) },
    zone: timeZone('UTC'),
    isRawTime: false,
    isInteractive: false,
    isStrict: false,
    maxSqlBytes: 1000,
    ...options,
  });
  return { run, screen, server };
}

test('rows, counts, use, nothing, and the way out', async () => {
  const { run, screen, server } = session((sql) => {
    if (sql.startsWith('select')) return numbers(2);
    if (sql.startsWith('show')) return numbers(0);
    return { kind: 'affected', rows: sql.startsWith('insert') ? 3 : 0 };
  });
  for (const statement of [
    'select v from t',
    'show tables',
    'insert into t values (1)',
    'use d',
    ' ',
  ])
    expect(await run.run(statement)).toBe('ok');
  expect(await run.run('quit')).toBe('quit');
  expect(screen.out).toBe(
    `      v      |
==============
           0 |
           1 |
Query OK, 2 row(s) in set (0.001604s)

Query OK, 0 row(s) in set (0.001604s)

Query OK, 3 of 3 row(s) in database (0.001604s)

Database changed.

`,
  );
  expect(server.asked).toHaveLength(4);
});

test.each<[string, TaosError, string, string]>([
  [
    'selec * from types',
    new TaosError(534, undefined, { position: 0, detail: 'expected a statement, found "selec"' }),
    'syntax error near "selec * from types"',
    '          selec * from types\n          ^ expected a statement, found "selec"\n',
  ],
  [
    'select',
    new TaosError(534, undefined, { position: 6, detail: 'more' }),
    'Incomplete SQL statement',
    '          select\n                ^ more\n',
  ],
  [
    'insert into types values (1, 2)',
    new TaosError(534, undefined, {
      position: 30,
      detail: "no value for 'si': value '2', column 'ti', row 1",
    }),
    "syntax error near ')' (invalid data or symbol)",
    "          insert into types values (1, 2)\n                                        ^ no value for 'si': value '2', column 'ti', row 1\n",
  ],
  [
    "insert into t values (1,'北京','too long')",
    new TaosError(534, undefined, {
      position: 33,
      detail: "string data overflow: value 'too long', column 'b', row 1",
    }),
    "invalid operation: 'too long' (string data overflow)",
    `          insert into t values (1,'北京','too long')\n${' '.repeat(39)}^ string data overflow: value 'too long', column 'b', row 1\n`,
  ],
  [
    'select x',
    new TaosError(512, 'invalid SQL: invalid operation: only one expression allowed'),
    'invalid operation: only one expression allowed',
    '',
  ],
  [
    'select * from nosuch',
    new TaosError(866, undefined, { detail: 'there is no table nosuch' }),
    'Table does not exist',
    '          there is no table nosuch\n',
  ],
])('%s fails as recorded, and helps people', async (sql, error, text, hint) => {
  const { run, screen } = session(() => {
    throw error;
  });
  expect(await run.run(sql)).toBe('failed');
  expect(screen.err).toBe(`\nDB error: ${text} (0.001604s)\n`);
  screen.err = '';
  screen.hasReader = true;
  await run.run(sql);
  expect(screen.err).toBe(`\nDB error: ${text} (0.001604s)\n${hint}`);
  expect(screen.out).toBe('');
});

test('a person sees a hundred rows of a long answer, a file or a pipe all of them', async () => {
  const shown = async (statement: string, isInteractive: boolean): Promise<string> => {
    const { run, screen } = session(() => numbers(250), { isInteractive });
    await run.run(statement);
    return screen.out;
  };
  const cut = await shown('select v from t', true);
  expect(cut).toContain('          99 |\n\n Notice: The result shows only the first 100 rows.\n');
  expect(cut).not.toContain(' 100 |');
  expect(cut).toContain('Query OK, 250 row(s) in set');
  for (const text of [
    await shown('select v from t', false),
    await shown('select v from t limit 250', true),
  ]) {
    expect(text).toContain('         249 |\nQuery OK, 250 row(s)');
    expect(text).not.toContain('Notice');
  }
  expect(await shown('select v from t\\G', true)).toContain('* 250.row *');
});

test('a statement that is cancelled says how far it came', async () => {
  const made: { readonly run: Session; readonly screen: FakeScreen } = session((_sql, signal) => {
    const batches = (function* (): Generator<Batch> {
      const all = numbers(128);
      if (all.kind === 'rows') yield* all.batches as Iterable<Batch>;
      made.run.cancel();
      if (signal!.aborted) throw new TaosError(ErrorCode.TSC_QUERY_CANCELLED);
    })();
    return rowsOf([{ name: 'v', type: SqlType.INT, bytes: 4 }], batches);
  });
  const { run } = made;
  expect(await run.run('select v from t')).toBe('interrupted');
  expect(made.screen.out).toContain('Query interrupted (Query terminated), 128 row(s) in set');
  expect(run.cancel()).toBe(false);
});

test('rows go into a file and come back', async () => {
  const file = path.join(folder(), 'a b.csv');
  const { run, screen, server } = session((sql) =>
    sql.startsWith('insert') ? inserted(sql) : numbers(3),
  );
  expect(await run.run(`select v from t >> '${file}'`)).toBe('ok');
  expect(readFileSync(file, 'utf8')).toBe('v\n0\n1\n2\n');
  expect(await run.run(`insert into u file "${file}"`)).toBe('ok');
  expect(server.asked.at(-1)).toBe('insert into u values (0) (1) (2)');
  expect(screen.out).toContain('Query OK, 3 row(s) in set');
  expect(screen.out).toContain('Query OK, 3 of 3 row(s) in database');
  expect(await run.run('insert into u file nowhere.csv')).toBe('failed');
  expect(screen.err).toContain('DB error: invalid operation: nowhere.csv cannot be read: ENOENT');
  expect(await run.run('select v from t >> /nowhere/x.csv')).toBe('failed');
  expect(screen.err).toContain('ERROR: failed to open file: /nowhere/x.csv');
});

test('sourced files show what they run, may source others, and go on after errors unless strict', async () => {
  const dir = folder();
  const [outer, inner] = [path.join(dir, 'outer.sql'), path.join(dir, 'inner.sql')];
  writeFileSync(outer, `\u{feff}# outer\r\nbad;\r\nsource ${inner};\ncreate database d\nuse d`);
  writeFileSync(inner, 'show\n dnodes;\n');
  const answer: Answer = (sql) => {
    if (sql === 'bad') throw new TaosError(534);
    return sql.startsWith('show') ? numbers(0) : { kind: 'affected', rows: 0 };
  };
  const lax = session(answer);
  expect(await lax.run.run(`source ${outer}`)).toBe('failed');
  expect(lax.server.asked).toEqual(['bad', 'show\n dnodes', 'create database d', 'use d']);
  expect(lax.screen.out).toContain('taos> create database d;\nQuery OK, 0 of 0 row(s) in database');
  const strict = session(answer, { isStrict: true });
  expect(await strict.run.run(`source ${outer}`)).toBe('failed');
  expect(strict.server.asked).toEqual(['bad']);
  writeFileSync(inner, `source ${inner};`);
  expect(await lax.run.run(`source ${inner}`)).toBe('failed');
  expect(lax.screen.err).toContain('files source each other more than 16 deep');
  expect(await lax.run.run('source /nowhere.sql')).toBe('failed');
  expect(lax.screen.err).toContain('ERROR: failed to open file /nowhere.sql');
});

test('the width of strings can be set', async () => {
  const { run, screen } = session(() => oneColumn('name', ['abcdefghij']));
  await run.run('set max_binary_display_width 8');
  await run.run('show names');
  await run.run('set max_binary_display_width default');
  await run.run('show names');
  expect(screen.out).toContain(' abcde... |\n');
  expect(screen.out).toContain(` ${'abcdefghij'.padEnd(30)} |\n`);
});

test('lines of pieces', async () => {
  const got: string[] = [];
  async function* pieces(): AsyncGenerator<string> {
    yield* ['a', 'b\r', '\nc\n\n', 'd'];
  }
  for await (const line of linesOf(pieces())) got.push(line);
  expect(got).toEqual(['ab', 'c', '', 'd']);
});

test.each(['quit', 'interrupted'] as const)('%s ends a script', async (end) => {
  const ran: string[] = [];
  async function* text(): AsyncGenerator<string> {
    yield 'show dnodes;\nquit\nshow users;\n';
  }
  const runner = {
    run: async (statement: string): Promise<Outcome> => {
      ran.push(statement);
      return statement === 'quit' ? end : 'ok';
    },
  };
  const options = { screen: new FakeScreen(), isStrict: false, isEchoed: false };
  expect(await runScript(text(), runner, options)).toBe(end === 'quit' ? 'ok' : end);
  expect(ran).toEqual(['show dnodes', 'quit']);
});

test('the check reads all tables and names those that cannot be read', async () => {
  const server = new FakeServer((sql) => {
    if (sql === 'show tables') return oneColumn('table_name', ['t1', 't2', 't3']);
    if (sql.includes('t2')) throw new TaosError(866);
    return numbers(1);
  });
  const screen = new FakeScreen();
  expect(await checkTables(server, screen, 2)).toEqual({ tables: 3, failed: 1 });
  expect(screen.out).toBe('table t2: Table does not exist\ntotal 3 tables, 1 cannot be read\n');
});

test('a folder is run in the order that taosdump needs', () => {
  expect(planFiles(['b.sql', 'tables.sql', 'a.sql', 'dbs.sql', 'x.csv'])).toEqual({
    first: ['dbs.sql', 'tables.sql'],
    rest: ['a.sql', 'b.sql'],
  });
});
