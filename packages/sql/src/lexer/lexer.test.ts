import { expect, test } from 'vitest';
import { isIdentifier } from './identifier.ts';
import { Keyword, fallsBackToName } from './keyword.ts';
import { Lexer } from './lexer.ts';
import { TokenKind } from './token-kind.ts';

const names = new Map<number, string>([
  ...Object.entries(TokenKind).map(([name, kind]): [number, string] => [kind, name]),
  ...Object.entries(Keyword).map(([name, kind]): [number, string] => [kind, name]),
]);

/** `KIND text` of every token, up to the first END or ILLEGAL. */
function tokens(sql: string): string[] {
  const lexer = new Lexer(sql);
  const found: string[] = [];
  for (;;) {
    lexer.advance();
    const { kind, start, end } = lexer;
    if (kind === TokenKind.END) return found;
    found.push(`${names.get(kind)} ${sql.slice(start, end)}`);
    if (kind === TokenKind.ILLEGAL) return found;
  }
}

test('keywords are found in any case and only whole', () => {
  expect(tokens('SELECT Select selects _select')).toEqual([
    'select SELECT',
    'select Select',
    'ID selects',
    'ID _select',
  ]);
});

test('every keyword is found under its own number, and no two share one', () => {
  const kinds = Object.entries(Keyword).map(([word, kind]) => {
    const lexer = new Lexer(word.toUpperCase());
    lexer.advance();
    expect(lexer.kind, word).toBe(kind);
    return kind;
  });
  expect(new Set(kinds).size).toBe(kinds.length);
});

test('numbers, durations, and what only looks like them', () => {
  expect(tokens('1 01 1.5 1e0 1.5E-3 10s 1N 1x 1.5s 1 s')).toEqual([
    'INTEGER 1',
    'INTEGER 01',
    'FLOAT 1.5',
    'FLOAT 1e0',
    'FLOAT 1.5E-3',
    'DURATION 10s',
    'DURATION 1N',
    'INTEGER 1',
    'ID x',
    'FLOAT 1.5',
    'ID s',
    'INTEGER 1',
    'ID s',
  ]);
  expect(tokens('1.')).toEqual(['INTEGER 1', 'DOT .']);
  expect(tokens('1e+')).toEqual(['INTEGER 1', 'ID e', 'PLUS +']);
  expect(tokens('0x1')).toEqual(['ILLEGAL 0x']);
  expect(tokens('0b1')).toEqual(['ILLEGAL 0b']);
  expect(tokens('0b')).toEqual(['DURATION 0b']);
});

test('strings: either quote, doubled quotes, backslashes; unclosed ones are refused', () => {
  expect(tokens(`'a' "b" 'a''b' 'a\\'b' ''`)).toEqual([
    `STRING 'a'`,
    `STRING "b"`,
    `STRING 'a''b'`,
    `STRING 'a\\'b'`,
    `STRING ''`,
  ]);
  expect(tokens(`'a`)).toEqual([`ILLEGAL 'a`]);
  expect(tokens(`'a\\'`)).toEqual([`ILLEGAL 'a\\'`]);
});

test('comments and blanks separate; an unclosed comment runs to the end', () => {
  expect(tokens('a/* x */b -- c\nd\t\r\n e /* f')).toEqual(['ID a', 'ID b', 'ID d', 'ID e']);
  expect(tokens('a --b')).toEqual(['ID a']);
});

test('operators of two characters, and those that are not the dialect’s', () => {
  expect(tokens('= == <> != < <= > >=').map((token) => token.split(' ')[0])).toEqual([
    'EQUAL',
    'EQUAL',
    'NOT_EQUAL',
    'NOT_EQUAL',
    'LESS',
    'LESS_EQUAL',
    'GREATER',
    'GREATER_EQUAL',
  ]);
  for (const odd of [
    '!',
    '#',
    '`',
    '$',
    '@',
    '?',
    '&',
    '|',
    '^',
    '<<',
    '>>',
    'é',
    '＊',
    '\\',
    '[a',
  ]) {
    expect(tokens(odd)[0], odd).toMatch(/^ILLEGAL/);
  }
  expect(tokens('[a b]')).toEqual(['ID [a b]']);
});

test('the text ends at a NUL character', () => {
  expect(tokens('a\0b')).toEqual(['ID a']);
});

test('fallback keywords parse as names but are no identifiers', () => {
  expect(fallsBackToName(Keyword.desc)).toBe(true);
  expect(fallsBackToName(Keyword.select)).toBe(false);
  expect(['a', '_a', 'a1', 'count', 'db', 'A'].filter(isIdentifier)).toHaveLength(6);
  expect(['', '1a', 'desc', 'TBNAME', 'true', 'a b', '[a]', 'é'].filter(isIdentifier)).toEqual([]);
});
