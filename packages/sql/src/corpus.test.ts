/**
 * The grammar against the recorded answers: what the real server executed parses, what it refused does not, what
 * parses prints and parses again as the same tree, and no mutation of it does worse than fail.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { TaosError, seededRandom } from '@tdnode/common';
import { expect, test } from 'vitest';
import { parseStatement, printStatement } from './index.ts';
import type { Statement } from './index.ts';

const folder = new URL('../../../conformance/corpus/', import.meta.url);

interface Recorded {
  readonly id: string;
  readonly sql: string;
  readonly code: number;
  readonly superseded: boolean;
}

interface Line {
  readonly id?: string;
  readonly sql?: string;
  readonly sqlParts?: readonly (readonly [string, number])[];
  readonly url?: string;
  readonly bug?: unknown;
  readonly expect?: { readonly status: string; readonly code?: number } | null;
}

/** Answers of the REST door itself (authorisation, paths, bodies) begin here: their statements were never parsed. */
const FIRST_DOOR_CODE = 4352;

function readCorpus(): Recorded[] {
  const recorded: Recorded[] = [];
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.jsonl')) continue;
    for (const text of readFileSync(new URL(file, folder), 'utf8').split('\n')) {
      if (text !== '') addLine(recorded, JSON.parse(text) as Line);
    }
  }
  return recorded;
}

function addLine(recorded: Recorded[], line: Line): void {
  const sql = line.sql ?? line.sqlParts?.map(([part, times]) => part.repeat(times)).join('');
  if (line.id === undefined || sql === undefined || !line.expect) return;
  if (line.url !== undefined && !line.url.startsWith('/rest/sql')) return;
  const code = line.expect.status === 'succ' ? 0 : (line.expect.code ?? -1);
  if (code >= FIRST_DOOR_CODE || isInsert(sql)) return;
  recorded.push({ id: line.id, sql, code, superseded: line.bug !== undefined });
}

function isInsert(sql: string): boolean {
  return /^\s*(insert|import)\s/i.test(sql);
}

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

const corpus = readCorpus();

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

test('mutated statements parse or fail with an error of ours', () => {
  const seed = 20210726;
  const random = seededRandom(seed);
  const rounds = process.env['TDNODE_FULL'] === '1' ? 200_000 : 5_000;
  const below = (n: number): number => Math.floor(random.next() * n);
  const pick = (): string => corpus[below(corpus.length)]!.sql.slice(0, 2000);
  for (let round = 0; round < rounds; round++) {
    const sql = mutate(pick(), pick(), below);
    expect(() => codeOf(sql), `seed ${seed}, round ${round}: ${JSON.stringify(sql)}`).not.toThrow();
    if (codeOf(sql) === 0) checkRoundTrip(sql);
  }
});

function checkRoundTrip(sql: string): void {
  const tree = parseStatement(sql);
  if (tree.kind === 'insert') return;
  const printed = printStatement(tree);
  expect(withoutSpans(parseStatement(printed)), `${sql} → ${printed}`).toEqual(withoutSpans(tree));
}

/** One change: characters cut, doubled or swapped in, tokens shuffled, two statements spliced. */
function mutate(sql: string, other: string, below: (n: number) => number): string {
  const at = below(sql.length + 1);
  const to = Math.min(sql.length, at + below(8));
  const odd = `'"\\[]()<>=!;.,*-/#\0é 0x1e9`;
  const words = sql.split(/(\s+|\b)/);
  switch (below(5)) {
    case 0:
      return sql.slice(0, at) + sql.slice(to);
    case 1:
      return sql.slice(0, to) + sql.slice(at);
    case 2:
      return sql.slice(0, at) + odd[below(odd.length)]! + sql.slice(to);
    case 3:
      words.splice(below(words.length), 1, words[below(words.length)]!);
      return words.join('');
    default:
      return sql.slice(0, at) + other.slice(below(other.length + 1));
  }
}

/** The tree as data, without positions: those move when a statement is printed. */
function withoutSpans(tree: Statement): unknown {
  return JSON.parse(
    JSON.stringify(tree, (key, value: unknown) =>
      key === 'start' || key === 'end' ? undefined : value,
    ),
  );
}
