import { TaosError } from '@tdnode/common';
import { expect, test } from 'vitest';
import { printStatement } from '../printer/statement.ts';
import type { ParseOptions } from './cursor.ts';
import { parseStatement } from './statement.ts';

/** The error that parsing ends with. */
function refusal(sql: string, options?: ParseOptions): TaosError {
  try {
    parseStatement(sql, options);
  } catch (error) {
    if (error instanceof TaosError) return error;
    throw error;
  }
  throw new Error(`parses: ${sql}`);
}

test('a refusal says what was expected, what was found and where', () => {
  expect(refusal('select * form t')).toMatchObject({
    code: 534,
    message: 'Syntax error in SQL',
    detail: 'expected the end of the statement, found "form" at character 10',
    position: 9,
  });
  expect(refusal('create table t (a').detail).toBe(
    'expected a type, found the end of the statement at character 18',
  );
  expect(refusal('').detail).toBe(
    'expected a statement, found the end of the statement at character 1',
  );
  expect(refusal('drop x').detail).toMatch(
    /^expected drop table, .* found "drop x" at character 1$/,
  );
});

test('nothing behind the first semicolon is read', () => {
  expect(parseStatement('use d; ` not SQL').kind).toBe('use');
  expect(refusal('; use d').code).toBe(534);
});

test('insert and import are markers', () => {
  expect(parseStatement(' insert into t values (')).toEqual({ kind: 'insert', start: 1, end: 23 });
  expect(parseStatement('IMPORT into').kind).toBe('insert');
});

test('limits: length, tokens, depth, operators', () => {
  expect(refusal('use d', { maxSqlLength: 4 }).code).toBe(537);
  expect(refusal('select a, b from t', { maxTokens: 4 }).code).toBe(534);
  const nested = (depth: number): string =>
    `select ${'('.repeat(depth)}a${')'.repeat(depth)} from t`;
  expect(parseStatement(nested(100)).kind).toBe('select');
  expect(refusal(nested(101)).code).toBe(534);
  expect(refusal(`${'('.repeat(100_000)}select 1`).code).toBe(534);
  expect(refusal(`select * from t where ${'f('.repeat(100_000)}`).code).toBe(534);
  expect(refusal(`select * from t where a${' + 1'.repeat(100_000)}`).code).toBe(534);
  expect(refusal(`select * from t where a${' is null'.repeat(100_000)}`).code).toBe(534);
  const runs = `${'('.repeat(90)}a${`${' + 1'.repeat(500)})`.repeat(90)}`;
  expect(refusal(`select * from t where ${runs}`).code).toBe(534);
});

test('the highest trees that parse can be walked; long lists of conditions are low', () => {
  const wherePrints = (where: string): boolean => {
    const tree = parseStatement(`delete from t where ${where}`);
    return tree.kind === 'delete' && printStatement(tree) === `delete from t where ${where}`;
  };
  expect(wherePrints(`a${' + 1'.repeat(512)}`)).toBe(true);
  expect(
    wherePrints(`a${' + 1'.repeat(500)} > 0${` and a${' + 1'.repeat(490)} > 0`.repeat(500)}`),
  ).toBe(true);
  expect(wherePrints(`a = 1${' or a = 2'.repeat(100_000)}`)).toBe(true);
});

test('names are lower-cased, words and quoted aliases are not', () => {
  expect(parseStatement("create user 'U1' pass 'Secret'")).toMatchObject({
    name: 'u1',
    password: { text: 'Secret', quoted: true },
  });
  expect(parseStatement('create table DB.C1 using S (T) tags (-1.50)')).toMatchObject({
    entries: [
      {
        table: { db: 'db', name: 'c1' },
        stable: { db: undefined, name: 's' },
        tagNames: ['t'],
        tagValues: [{ form: 'float', text: '-1.50' }],
      },
    ],
  });
  expect(parseStatement('select A as X, B "Y z", Sum(C) from T')).toMatchObject({
    branches: [
      {
        items: [
          { text: 'a', alias: 'x' },
          { text: 'b', alias: 'Y z' },
          { text: 'sum(c)', alias: undefined },
        ],
        from: [{ kind: 'table', name: 't', alias: undefined }],
      },
    ],
  });
});

test('what parses and is refused at once, with the code of 2.1.2', () => {
  expect(refusal('select * from d .t').code).toBe(866);
  expect(refusal('select * from d. t').message).toBe(
    'invalid SQL: invalid operation: invalid table name',
  );
  expect(refusal('select count(*) from t interval(1s) session(ts, 5s)').message).toBe(
    'invalid SQL: invalid operation: only one type time window allowed',
  );
});

test('statements that 2.1.2 does not have', () => {
  expect(parseStatement('explain analyze select * from t')).toMatchObject({ analyze: true });
  expect(parseStatement('delete from d.t where ts < now')).toMatchObject({ kind: 'delete' });
  expect(parseStatement('compact vnodes in (2, 3)')).toMatchObject({
    vgIds: [{ text: '2' }, { text: '3' }],
  });
  expect(refusal('delete from t').code).toBe(534);
});
