/**
 * The rows of a table job: which cells and which time the n-th row of the m-th table has. A function of the seed: runs
 * with the same options write the same rows, whatever the order of their requests.
 */
import { seededRandom } from '@tdnode/common';
import type { TableJob } from '../job.ts';
import type { CellPool } from './cell-pool.ts';
import { randomCells } from './random-cells.ts';

/** Ticks of a precision in a millisecond. */
const TICKS_PER_MS = { ms: 1, us: 1000, ns: 1_000_000 } as const;

/** See the head of this file. */
export interface RowSource {
  /** One a column, or one for whole rows of a sample. */
  readonly pools: readonly CellPool[];
  /** Of the first row, ms since 1970. */
  readonly startMs: number;
  readonly ticksPerMs: number;
  readonly step: number;
  /** 0 to 50 percent of rows lie back up to `disorderRange` ticks. */
  readonly disorderRatio: number;
  readonly disorderRange: number;
  /** Where table `table` begins in pool `pool`. */
  offset(table: number, pool: number): number;
  /** How many ticks row `row` of `table` lies behind its place; 0 for most. */
  lag(table: number, row: number): number;
}

/** Rows of a job; `sample` holds the lines of its sample file. */
export function rowSource(
  job: TableJob,
  precision: 'ms' | 'us' | 'ns',
  { seed, sample }: { readonly seed: number; readonly sample: CellPool | undefined },
): RowSource {
  const random = seededRandom(seed);
  const pools =
    sample === undefined
      ? job.columns.map((column, i) => randomCells(column, i, random))
      : [sample];
  const { disorderRatio, disorderRange, startMs, timestampStep: step } = job;
  return {
    pools,
    startMs,
    ticksPerMs: TICKS_PER_MS[precision],
    step,
    disorderRatio,
    disorderRange,
    offset: (table, pool) => (sample === undefined ? mixed(seed, table, pool) : 0),
    lag(table, row) {
      const draw = mixed(seed ^ 0x5bd1e995, table, row);
      return draw % 100 < disorderRatio ? (Math.floor(draw / 100) % disorderRange) + 1 : 0;
    },
  };
}

/** 31 bits of three numbers (the finisher of murmur3). */
function mixed(a: number, b: number, c: number): number {
  let h = Math.imul(a ^ Math.imul(b, 0x9e3779b1) ^ Math.imul(c, 0x85ebca77), 0xc2b2ae3d);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 1;
}
