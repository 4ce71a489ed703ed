/** What the random statements are made of: subjects, sources of rows with filters, calls, limits. */
import type { Random } from '@tdnode/common';
import type { Value } from './database.ts';
import { CALLS, TABLE_CALLS, type Call } from './evaluate.ts';
import { makeFilter, type Filter } from './filter.ts';
import { below, oneOf, type Row, type Sample, type Table } from './sample.ts';

/** A statement and its answer; `isOrdered`: in just this order. */
export interface Case {
  readonly sql: string;
  readonly rows: readonly (readonly Value[])[];
  readonly isOrdered: boolean;
}

/** What a shape is made of. */
export interface Subject {
  readonly random: Random;
  readonly sample: Sample;
}

/** Rows that a statement reads: of the stable, or of one table; ascending in time for one table. */
export interface Source {
  readonly name: string;
  readonly table: Table | undefined;
  readonly filter: Filter;
  readonly rows: readonly Row[];
}

/** The stable or a table, with a random filter; `times`: the filter may speak of times. */
export function sourceOf(
  { random, sample }: Subject,
  isTable = below(random, 2) === 0,
  times = true,
): Source {
  const table = isTable ? oneOf(random, sample.tables) : undefined;
  const filter = makeFilter(random, sample, { tags: !isTable, times, prefix: '' });
  const rows = sample.rows.filter(
    (row) => (table === undefined || row.table === table) && filter.passes(row),
  );
  return { name: table?.name ?? 'st', table, filter, rows };
}

/** Some functions that a list of rows can be asked for. */
export function callsOf(random: Random, isTable: boolean): readonly Call[] {
  const all = isTable ? [...CALLS, ...TABLE_CALLS] : CALLS;
  // Rows without any result are dropped: there is always one here.
  return [CALLS[0]!, ...Array.from({ length: 1 + below(random, 4) }, () => oneOf(random, all))];
}

/** The calls as a select list. */
export const sqlOf = (calls: readonly Call[]): string => calls.map(({ sql }) => sql).join(', ');
/** The results of the calls. */
export const evaluate = (calls: readonly Call[], rows: readonly Row[]): Value[] =>
  calls.map((call) => call.of(rows));
const byTime = (a: Row, b: Row): number => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0);
/** The rows by time. */
export const sorted = (rows: readonly Row[]): Row[] => [...rows].sort(byTime);

/** A unit that is one tick. */
const TICK_UNITS = { ms: 'a', us: 'u', ns: 'b' } as const;

/** A duration of so many ticks. */
export function ticks({ precision }: Sample, amount: bigint): string {
  return `${amount}${TICK_UNITS[precision]}`;
}

/** A limit clause, or none, and what it leaves. */
export function limitOf(random: Random): {
  readonly sql: string;
  of<V>(rows: readonly V[]): readonly V[];
} {
  if (below(random, 2) === 0) return { sql: '', of: (rows) => rows };
  const [limit, offset] = [below(random, 20), below(random, 6)];
  return {
    sql: ` limit ${limit} offset ${offset}`,
    of: (rows) => rows.slice(offset, offset + limit),
  };
}

/** `slimit`, or none, and which groups it leaves. */
export function groupLimitOf(random: Random): ReturnType<typeof limitOf> {
  if (below(random, 2) === 0) return { sql: '', of: (groups) => groups };
  const [limit, offset] = [1 + below(random, 3), below(random, 2)];
  return {
    sql: ` slimit ${limit} soffset ${offset}`,
    of: (groups) => groups.slice(offset, offset + limit),
  };
}
