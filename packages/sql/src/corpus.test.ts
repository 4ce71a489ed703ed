/**
 * The grammar against the recorded answers: what the real server executed parses, what it refused does not, and what
 * parses prints and parses again as the same tree.
 */
import { TaosError } from '@tdnode/common';
import { expect, test } from 'vitest';
import { isInsert, readCorpus, withoutSpans } from '../test/corpus.ts';
import { parseStatement, printStatement } from './index.ts';

/** The code that parsing answers: 0 when it succeeds. */
function codeOf(sql: string): number {
  try {
    parseStatement(sql);
    return 0;
  } catch (error) {
    if (error instanceof TaosError) return error.code;
    throw error;
  }
}

const corpus = readCorpus().filter(({ sql }) => !isInsert(sql));

test('every statement that the real server executed parses', () => {
  const refused = corpus.filter(({ sql, code }) => code === 0 && codeOf(sql) !== 0);
  expect(refused.map(({ id, sql }) => `${id}: ${sql.slice(0, 120)}`)).toEqual([]);
  expect(corpus.length).toBeGreaterThan(3000);
});

test('every statement that the real server refused as a syntax error is refused', () => {
  const accepted = corpus.filter(
    ({ sql, code, superseded }) => code === 534 && !superseded && codeOf(sql) !== 534,
  );
  expect(accepted.map(({ id, sql }) => `${id}: ${sql.slice(0, 120)}`)).toEqual([]);
});

test('a statement that failed otherwise parses, or fails with just that code', () => {
  const wrong = corpus.filter(({ sql, code }) => {
    const answer = codeOf(sql);
    return code !== 0 && code !== 534 && answer !== 0 && answer !== code;
  });
  expect(
    wrong.map(({ id, sql, code }) => `${id}: ${code} but ${codeOf(sql)}: ${sql.slice(0, 120)}`),
  ).toEqual([]);
});

test('what parses prints as SQL of the same tree', () => {
  for (const { sql, code } of corpus) {
    if (code === 534 || codeOf(sql) !== 0) continue;
    const tree = parseStatement(sql);
    if (tree.kind === 'insert') continue;
    const printed = printStatement(tree);
    expect(withoutSpans(parseStatement(printed)), printed).toEqual(withoutSpans(tree));
  }
});
