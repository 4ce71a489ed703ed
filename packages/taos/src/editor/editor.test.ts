/** History, completion and pastes; the prompt itself is tested on a pseudo-terminal with the programs. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ReadStream } from 'node:tty';
import { TaosError } from '@tdnode/common';
import { afterAll, expect, test } from 'vitest';
import { FakeServer, oneColumn } from '../testing/fakes.ts';
import { Completer } from './completion.ts';
import { History, MAX_HISTORY } from './history.ts';
import { PasteFilter } from './paste-filter.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tdnode-taos-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fail(sentence: string): never {
  throw new Error(sentence);
}

test('history is kept across sessions, one line a statement, for its owner only', () => {
  const file = path.join(folder, 'history');
  const first = new History(file, fail);
  first.add('show dnodes;\n');
  first.add('show dnodes;');
  first.add('select *\n  from t;\n');
  first.add('  ');
  expect(readFileSync(file, 'utf8')).toBe('show dnodes;\nselect * from t;\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const second = new History(file, fail);
  expect(second.newestFirst).toEqual(['select * from t;', 'show dnodes;']);
  expect(second.find('s', 0)).toBe('select * from t;');
  expect(second.find('s', 1)).toBe('show dnodes;');
  expect(second.find('s', 2)).toBeUndefined();
});

test('a history that cannot be kept is said once, and lives on in memory', () => {
  const said: string[] = [];
  const history = new History(path.join(folder, 'nowhere', 'history'), (one) => said.push(one));
  history.add('show dnodes;');
  history.add('show mnodes;');
  history.close();
  expect(history.newestFirst).toEqual(['show mnodes;', 'show dnodes;']);
  expect(said).toEqual([expect.stringMatching(/^the history is not kept: ENOENT/)]);
});

test('history is cut to its newest entries', () => {
  const file = path.join(folder, 'long');
  writeFileSync(file, Array.from({ length: MAX_HISTORY + 5 }, (_, i) => `q${i};\n`).join(''));
  new History(file, fail).close();
  const kept = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect([kept.length, kept[0]]).toEqual([MAX_HISTORY, 'q5;']);
});

function catalog(): FakeServer {
  return new FakeServer((sql) => {
    if (sql === 'show databases') return oneColumn('name', ['power', 'log']);
    if (sql === 'show power.tables') return oneColumn('table_name', ['d1001', 'd1002']);
    if (sql === 'show tables') return oneColumn('table_name', ['t1']);
    if (sql.endsWith('stables')) return oneColumn('name', ['meters']);
    if (sql === 'describe meters') return oneColumn('Field', ['ts', 'current', 'voltage']);
    throw new TaosError(866);
  });
}

test.each([
  ['', 'desc', ['describe']],
  ['', 'DR', ['DROP']],
  ['', 'show dn', ['dnodes']],
  ['', 'use po', ['power']],
  ['', 'select * from power.d', ['power.d1001', 'power.d1002']],
  ['', 'select * from me', ['meters']],
  ['', 'describe p', ['pass', 'percentile', 'power.', 'precision', 'prev', 'privilege']],
  ['select avg(current) from meters', 'where vol', ['voltage']],
  ['', "select * from meters where location = 'x v", []],
  ['', 'select 1; sho', ['show']],
  ['', 'select * from nosuch where curr', ['current']],
])('%j %j goes on as %j', async (before, line, expected) => {
  const [hits] = await new Completer(catalog()).complete(before, line);
  expect(hits).toEqual(expected);
});

test('names are asked for once, and again after a change', async () => {
  const server = catalog();
  const completer = new Completer(server);
  await completer.complete('', 'use p');
  await completer.complete('', 'use l');
  expect(server.asked).toEqual(['show databases']);
  completer.forget('select 1');
  completer.forget('drop database log');
  await completer.complete('', 'use p');
  expect(server.asked).toEqual(['show databases', 'show databases']);
});

test('a paste is one line, however it arrives, and keys pass', () => {
  const keys = 'a\x1b[A\x1b[200~select 1;\r\n\tselect 中;\n\x1b[201~\x1b[200~b\x1b[201~\r';
  for (let size = 1; size <= keys.length; size++) {
    const filter = new PasteFilter({} as ReadStream);
    const bytes = Buffer.from(keys);
    for (let at = 0, end = 0; at < bytes.length; at = end) {
      end = at + size;
      if (bytes[end - 1] === 0x1b) end++; // terminals do not part an escape from what it begins
      filter.write(bytes.subarray(at, end));
    }
    const got = (filter.read() as string | null) ?? '';
    expect(got.replaceAll(/ +/g, ' ')).toBe('a\x1b[Aselect 1; select 中; b\r');
  }
});

test('a lone escape is a key', () => {
  const filter = new PasteFilter({} as ReadStream);
  filter.write('\x1b');
  expect(filter.read()).toBe('\x1b');
});
