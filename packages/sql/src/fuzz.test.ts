/**
 * Mutated statements: 50,000 of the recorded ones, 1,000,000 in the full run, changed in one to four places. They parse
 * or fail with an error of ours; what parses prints and parses again as the same tree; memory does not grow.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SqlType, TaosError, seededRandom, timeZone, type Column } from '@tdnode/common';
import { expect, test } from 'vitest';
import { isInsert, readCorpus, withoutSpans } from '../test/corpus.ts';
import { InsertParser, parseStatement, printStatement } from './index.ts';
import type { InsertCatalog, TableSchema } from './index.ts';

const SEED = Number(process.env['TDNODE_SEED'] ?? 20_210_726);
const ROUNDS = process.env['TDNODE_FULL'] === '1' ? 1_000_000 : 50_000;
/** Rounds a test, so that each stays short. */
const SHARE = ROUNDS / 10;
/** What may be held after a share more than before: caches, code, the corpus' strings made flat. */
const GROWTH_BYTES = 16 << 20;
const LONGEST = 2000;
/** Milliseconds that a share may take on a busy machine; a parser that hangs does not come back. */
const PATIENCE = 600_000;

const corpus = readCorpus().map(({ sql }) => sql.slice(0, LONGEST));
const selects = corpus.filter((sql) => !isInsert(sql));
const inserts = corpus.filter(isInsert);

/** Live bytes, after a collection. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

type Below = (n: number) => number;

/** One to four changes. */
function mutated(statements: readonly string[], below: Below): string {
  const pick = (): string => statements[below(statements.length)]!;
  let sql = pick();
  for (let changes = 1 + below(4); changes > 0; changes--) sql = mutate(sql, pick(), below);
  return sql.slice(0, LONGEST * 2);
}

const ODD = `'"\\[]()<>=!;.,*-/#\0é😀 0x1e9%_+\n\t`;

/** Characters cut, doubled or swapped in, tokens exchanged, two statements spliced, a part repeated many times. */
function mutate(sql: string, other: string, below: Below): string {
  const at = below(sql.length + 1);
  const to = Math.min(sql.length, at + below(8));
  switch (below(6)) {
    case 0:
      return sql.slice(0, at) + sql.slice(to);
    case 1:
      return sql.slice(0, to) + sql.slice(at);
    case 2:
      return sql.slice(0, at) + ODD[below(ODD.length)]! + sql.slice(to);
    case 3: {
      const words = sql.split(/(\s+|\b)/);
      words.splice(below(words.length), 1, words[below(words.length)]!);
      return words.join('');
    }
    case 4:
      return sql.slice(0, at) + sql.slice(at, to).repeat(below(60)) + sql.slice(to);
    default:
      return sql.slice(0, at) + other.slice(below(other.length + 1));
  }
}

/** Runs `check` over a share of the rounds; what it throws names seed and statement. */
function overShare(
  part: number,
  statements: readonly string[],
  check: (sql: string) => void,
): void {
  const seed = SEED + part;
  const random = seededRandom(seed);
  const below = (n: number): number => Math.floor(random.next() * n);
  const before = heldBytes();
  for (let round = 0; round < SHARE; round++) {
    const sql = mutated(statements, below);
    try {
      check(sql);
    } catch (cause) {
      throw new Error(`seed ${seed}, round ${round}: ${JSON.stringify(sql)}`, { cause });
    }
  }
  expect(heldBytes() - before).toBeLessThan(GROWTH_BYTES);
}

/** What a parser gives, or undefined where it refuses. */
function tried<R>(parse: () => R): R | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof TaosError) return undefined;
    throw error;
  }
}

test.each([0, 1, 2, 3, 4, 5, 6, 7])(
  'statements, part %i',
  (part) => {
    overShare(part, selects, (sql) => {
      const tree = tried(() => parseStatement(sql));
      if (tree === undefined || tree.kind === 'insert') return;
      const printed = printStatement(tree);
      expect(withoutSpans(parseStatement(printed)), printed).toEqual(withoutSpans(tree));
    });
  },
  PATIENCE,
);

const columns: readonly Column[] = Object.values(SqlType).map((type, i) => ({
  name: `c${i}`,
  type: i === 0 ? SqlType.TIMESTAMP : type,
  bytes: 12,
  colId: i + 1,
}));

function schemaOf(width: number, precision: TableSchema['precision']): TableSchema {
  return {
    ordinal: width * 3 + ['ms', 'us', 'ns'].indexOf(precision),
    schemaUid: 7,
    schema: { version: 3, columns: columns.slice(0, width), tags: [] },
    precision,
    database: 0,
  };
}

/** A database in which every table is there, with as many columns as fall to its name. */
const schemas = (['ms', 'us', 'ns'] as const).flatMap((precision) =>
  columns.map((_, i) => schemaOf(i + 1, precision)),
);
const catalog: InsertCatalog = {
  findDatabase: () => 0,
  findTable: (_database, _sql, from, to) => ((to - from) * 7 + from) % schemas.length,
  databaseName: () => 'd',
  isStable: () => false,
  uid: (table) => 100 + table,
  vgId: (table) => 2 + (table & 1),
  schema: (table) => schemas[table]!,
};

test.each([8, 9])(
  'inserts, part %i',
  (part) => {
    const parser = new InsertParser(catalog);
    const encoder = new TextEncoder();
    const context = { databaseName: 'd', database: 0, zone: timeZone('UTC'), nowMs: 1e12 };
    let taken = 0;
    overShare(part, inserts, (sql) => {
      const result = tried(() => parser.parse(encoder.encode(sql), context));
      if (result?.kind === 'rows') taken += result.affectedRows;
    });
    expect(taken).toBeGreaterThan(0);
  },
  PATIENCE,
);
