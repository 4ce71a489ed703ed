/** Lines to statements, and statements to what the shell does with them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineJoiner, type LineSource } from './line-joiner.ts';
import { masked, splitStatements } from './mask.ts';
import { readStatement } from './statement.ts';

test.each([
  ["select ';' from t; show dnodes", ["select ';' from t"], ' show dnodes'],
  [String.raw`select 'it\'s; ' from t;`, [String.raw`select 'it\'s; ' from t`], ''],
  ['select 1 -- a; b\n;x', ['select 1 -- a; b\n'], 'x'],
  ['select /* ; */ 1;', ['select /* ; */ 1'], ''],
  ['select "a;', [], 'select "a;'],
  [';;', ['', ''], ''],
])('%j parts at its semicolons', (text, statements, rest) => {
  expect(splitStatements(text)).toEqual({ statements, rest });
});

test('a mask is as long as its text and hides strings and comments only', () => {
  const parts = fc.constantFrom("'", '"', '\\', '--', '/*', '*/', ';', '\n', 'a', ' ');
  fc.assert(
    fc.property(fc.array(parts), (pieces) => {
      const text = pieces.join('');
      const { mask } = masked(text);
      expect(mask).toHaveLength(text.length);
      const { statements, rest } = splitStatements(text);
      expect([...statements, rest].join(';')).toBe(text);
    }),
    { seed: 3 },
  );
});

function lines(source: LineSource, text: string): string[] {
  const joiner = new LineJoiner(source);
  const whole = text.split('\n').flatMap((line) => joiner.add(line));
  return [...whole, ...joiner.finish()];
}

test.each<[string, LineSource, string, string[]]>([
  ['a statement over lines', 'terminal', 'select\n*\nfrom t;', ['select\n*\nfrom t']],
  ['two on a line', 'terminal', 'show dnodes;show users;', ['show dnodes', 'show users']],
  ['quit without semicolon', 'terminal', 'quit', ['quit']],
  ['a string over lines', 'terminal', "insert 'a\nb;\nc';", ["insert 'a\nb;\nc'"]],
  [String.raw`\G without semicolon`, 'terminal', 'show dnodes\\G', ['show dnodes\\G']],
  ['lines of a 2.1.2 file', 'file', 'use d\nselect 1', ['use d', 'select 1']],
  ['comments of files', 'file', '# create it\nuse d;\n#end', ['use d']],
  ['continued lines', 'file', 'select \\\n* from t', ['select  * from t']],
  [
    'nested selects',
    'file',
    'select * from (\nselect a from t);',
    ['select * from (\nselect a from t)'],
  ],
  [
    'unions',
    'file',
    'select a from t union all\nselect b from u',
    ['select a from t union all\nselect b from u'],
  ],
  ['blank lines', 'file', '\n\n  \nshow dnodes;\n\n', ['show dnodes']],
])('%s', (_name, source, text, expected) => {
  expect(lines(source, text)).toEqual(expected);
});

const sql = { kind: 'sql', isLong: false, isUse: false, output: { kind: 'table' } };

test.each([
  ['  ', { kind: 'empty' }],
  ['-- nothing', { kind: 'empty' }],
  [' EXIT ', { kind: 'quit' }],
  ['q', { kind: 'quit' }],
  ['clear', { kind: 'clear' }],
  ['set max_binary_display_width 12', { kind: 'setWidth', width: 12 }],
  ['SET max_binary_display_width default', { kind: 'setWidth', width: undefined }],
  ["source '/a b.sql'", { kind: 'source', path: '/a b.sql' }],
  ['source ~/x.sql', { kind: 'source', path: '~/x.sql' }],
  ['show dnodes', { ...sql, sql: 'show dnodes' }],
  ['use d1', { ...sql, sql: 'use d1', isUse: true }],
  ['select * from t', { ...sql, sql: 'select * from t', isLong: true }],
  ['select * from t limit 5', { ...sql, sql: 'select * from t limit 5' }],
  [
    'select * from (select a from t limit 5)',
    { ...sql, sql: 'select * from (select a from t limit 5)', isLong: true },
  ],
  ["select ' limit '", { ...sql, sql: "select ' limit '", isLong: true }],
  ['select * from t \\G', { ...sql, sql: 'select * from t', output: { kind: 'vertical' } }],
  [
    "select * from t >> '/tmp/a b.csv'",
    { ...sql, sql: 'select * from t', output: { kind: 'file', path: '/tmp/a b.csv' } },
  ],
  ["select '>>\\G' from t", { ...sql, sql: "select '>>\\G' from t", isLong: true }],
  [String.raw`select 'a\tb\'\n'`, { ...sql, sql: "select 'a\tb\\'\n'", isLong: true }],
  [
    'insert into t file \'x.csv\' s.u (ts, v) FILE "y.csv"',
    {
      kind: 'insertFiles',
      sources: [
        { target: 't', path: 'x.csv' },
        { target: 's.u (ts, v)', path: 'y.csv' },
      ],
    },
  ],
  [
    "insert into t using st tags ('file', 1) file x.csv",
    { kind: 'insertFiles', sources: [{ target: "t using st tags ('file', 1)", path: 'x.csv' }] },
  ],
  ["insert into t values (1, 'file')", { ...sql, sql: "insert into t values (1, 'file')" }],
])('%j', (text, expected) => {
  expect(readStatement(text)).toEqual(expected);
});
