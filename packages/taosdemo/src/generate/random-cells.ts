/** Random values of a column's type, as statements spell them; the same seed gives the same cells. */
import type { Random } from '@tdnode/common';
import type { ColumnSpec } from '../job.ts';
import { CellPool } from './cell-pool.ts';

/** Lengths of pools, for columns in turn. */
const PRIMES = [10_007, 10_009, 10_037, 10_039, 10_061, 10_067, 10_069, 10_079, 10_091, 10_093];
/** Wide strings have fewer cells, so that no pool is larger. */
const MAX_POOL_BYTES = 4 << 20;
const SMALLEST_POOL = 61;

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890';
/** 2.1.2's two places. */
const PLACES = ['beijing', 'shanghai'];
const GROUPS = 10;

/** What 2.1.2 draws its numbers below. */
const NUMBER_LIMIT = 65_535;

/** The pool of the `index`-th column. */
export function randomCells(column: ColumnSpec, index: number, random: Random): CellPool {
  const width = column.type === 'BINARY' || column.type === 'NCHAR' ? column.width : 8;
  const prime = PRIMES[index % PRIMES.length]!;
  const count = Math.max(SMALLEST_POOL, Math.min(prime, Math.floor(MAX_POOL_BYTES / (width + 1))));
  return CellPool.of(Array.from({ length: count }, () => randomCell(column, random)));
}

/** One value, as it stands in a statement. */
export function randomCell({ type, width, meaning }: ColumnSpec, random: Random): string {
  const below = (limit: number): number => Math.floor(random.next() * limit);
  switch (meaning) {
    case 'current':
      return (8 + random.next() * 5).toFixed(3);
    case 'voltage':
      return String(210 + below(21));
    case 'phase':
      return (0.2 + random.next() * 0.2).toFixed(4);
    case 'groupid':
    case 'location':
    case 'number':
    case undefined:
  }
  switch (type) {
    case 'BOOL':
      return random.next() < 0.5 ? 'true' : 'false';
    case 'TINYINT':
      return String(below(255) - 127);
    case 'SMALLINT':
      return String(below(NUMBER_LIMIT) - 32_767);
    case 'INT':
      return String(below(NUMBER_LIMIT));
    case 'BIGINT':
      return String(below(2 ** 31));
    case 'FLOAT':
      return (random.next() * 1000).toFixed(4);
    case 'DOUBLE':
      return (random.next() * 1_000_000).toFixed(8);
    case 'TIMESTAMP':
      return String(1_500_000_000_000 + below(1_000_000_000));
    case 'BINARY':
    case 'NCHAR':
      return `'${Array.from({ length: Math.max(1, width - 1) }, () => LETTERS[below(LETTERS.length)]).join('')}'`;
  }
}

/** The tag of the `child`-th table, as it stands in a statement. */
export function tagCell(tag: ColumnSpec, child: number, random: Random): string {
  switch (tag.meaning) {
    case 'groupid':
      return String((child % GROUPS) + 1);
    case 'location':
      return `'${PLACES[Math.floor(child / GROUPS) % PLACES.length]!.slice(0, tag.width)}'`;
    case 'number':
      return String(child);
    default:
      return randomCell(tag, random);
  }
}
