/** Files of values: read in pieces of any size, written and read back, imported in statements of limited length. */
import { SqlType, TaosError, timeZone } from '@tdnode/common';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvPrinter } from '../print/csv.ts';
import { FakeServer, inserted, strings } from '../testing/fakes.ts';
import { CsvReader, type CsvRow } from './csv-reader.ts';
import { FileImportError, insertFile } from './insert-file.ts';

function read(...pieces: string[]): CsvRow[] {
  const reader = new CsvReader();
  return [...pieces.flatMap((piece) => reader.feed(piece)), ...reader.end()];
}

function texts(rows: readonly CsvRow[]): string[][] {
  return rows.map(({ fields }) =>
    fields.map(({ text, isQuoted }) => (isQuoted ? `<${text}>` : text)),
  );
}

test.each([
  [
    '1,2\n3,4',
    [
      ['1', '2'],
      ['3', '4'],
    ],
  ],
  ["'a,b', \"c'd\" ,e f \r\n", [['<a,b>', "<c'd>", 'e f']]],
  ["'it''s','it\\'s','\\\\'\n", [["<it's>", "<it's>", '<\\>']]],
  ["'two\nlines',1\n", [['<two\nlines>', '1']]],
  ['\n\na,,\n', [['a', '', '']]],
  ["''\n", [['<>']]],
])('%j', (text, expected) => {
  expect(texts(read(text))).toEqual(expected);
});

test('rows know their line, mistakes too', () => {
  expect(read("'a\nb'\n\nc\n").map(({ line }) => line)).toEqual([1, 4]);
  expect(() => read("x\n'a' b\n")).toThrow('line 2: expected a comma behind a quoted value');
  expect(() => read("x\n'a")).toThrow('line 2: a quotation mark is not closed');
});

test('what is written is read back, cut anywhere', () => {
  const columns = [
    { name: 'a', type: SqlType.BINARY, bytes: 99 },
    { name: 'b', type: SqlType.NCHAR, bytes: 99 },
  ];
  const style = { zone: timeZone('UTC'), isRawTime: false, stringWidth: 30 };
  const value = fc.string({ unit: fc.constantFrom("'", '"', '\\', ',', '\n', 'a', '中') });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(value, value)),
      fc.integer({ min: 1, max: 5 }),
      (rows, length) => {
        const batch = {
          rows: rows.length,
          columns: [0, 1].map((at) => strings(rows.map((row) => row[at]!))),
        };
        const text = csvPrinter(columns, 'ms', style).rows(batch, 0, rows.length, 1);
        const pieces = text.match(new RegExp(`[^]{1,${length}}`, 'gu')) ?? [];
        expect(read(...pieces).map(({ fields }) => fields.map((field) => field.text))).toEqual(
          rows,
        );
      },
    ),
    { seed: 5 },
  );
});

async function* pieces(...text: string[]): AsyncGenerator<string> {
  yield* text;
}

const signal = new AbortController().signal;

test('an import leaves names out, quotes what is no number, and keeps statements short', async () => {
  const server = new FakeServer(inserted);
  const text = pieces("ts,v\n'2018-10-03',1\nnow+1s", ",it's\n1600000000000,\n", '2,-1.5e3\n');
  const job = { target: 't', file: 'x.csv', text };
  expect(await insertFile(job, { server, signal, maxSqlBytes: 70 })).toBe(4);
  expect(server.asked).toEqual([
    String.raw`insert into t values ('2018-10-03',1) (now+1s,'it\'s')`,
    'insert into t values (1600000000000,NULL) (2,-1.5e3)',
  ]);
});

test('a refused statement says which lines are not stored', async () => {
  const server = new FakeServer((sql) => {
    if (sql.includes('bad')) throw new TaosError(534);
    return inserted(sql);
  });
  const job = { target: 't', file: 'x.csv', text: pieces('1,1\n2,2\n3,bad\n4,4\n') };
  const failure = insertFile(job, { server, signal, maxSqlBytes: 36 });
  await expect(failure).rejects.toThrow(FileImportError);
  await expect(failure).rejects.toThrow(
    'x.csv: lines 3 to 4 were refused together; 2 row(s) before them are stored',
  );
});
