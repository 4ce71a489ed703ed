/** Functions over plain lists of rows: slow, and meant to be seen to be right. */
import type { Value } from './database.ts';
import type { Row } from './sample.ts';

/** A function call: as SQL, and as a function of the rows, ascending in time. */
export interface Call {
  readonly sql: string;
  readonly of: (rows: readonly Row[]) => Value;
}

type Reader<V> = (row: Row) => V | null;

const present = <V>(rows: readonly Row[], read: Reader<V>): V[] =>
  rows.flatMap((row) => {
    const value = read(row);
    return value === null ? [] : [value];
  });

const i = ({ i: value }: Row): number | null => value;
const d = ({ d: value }: Row): number | null => value;
const b = ({ b: value }: Row): bigint | null => value;
const s = ({ s: value }: Row): string | null => value;

const sum = (values: readonly number[]): number => values.reduce((x, y) => x + y, 0);
const orNull = (values: readonly unknown[], of: () => Value): Value =>
  values.length === 0 ? null : of();
const least = <V extends number | bigint>(values: readonly V[]): V =>
  values.reduce((x, y) => (y < x ? y : x));
const greatest = <V extends number | bigint>(values: readonly V[]): V =>
  values.reduce((x, y) => (y > x ? y : x));

function overValues<V>(sql: string, read: Reader<V>, of: (values: readonly V[]) => Value): Call {
  return {
    sql,
    of: (rows) => {
      const values = present(rows, read);
      return orNull(values, () => of(values));
    },
  };
}

function stddev(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  return Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / values.length);
}

/** Functions whose result does not depend on the order of rows that have the same time. */
export const CALLS: readonly Call[] = [
  { sql: 'count(*)', of: (rows) => rows.length },
  { sql: 'count(i)', of: (rows) => present(rows, i).length },
  { sql: 'count(s)', of: (rows) => present(rows, s).length },
  overValues('sum(i)', i, sum),
  overValues('sum(d)', d, sum),
  overValues('avg(d)', d, (values) => sum(values) / values.length),
  overValues('min(i)', i, least),
  overValues('max(d)', d, greatest),
  overValues('min(b)', b, least),
  overValues('max(b)', b, greatest),
  overValues('spread(d)', d, (values) => greatest(values) - least(values)),
  overValues('stddev(i)', i, stddev),
  {
    sql: 'spread(ts)',
    of: (rows) => Number(greatest(rows.map(({ ts }) => ts)) - least(rows.map(({ ts }) => ts))),
  },
  { sql: 'first(ts)', of: (rows) => least(rows.map(({ ts }) => ts)) },
  { sql: 'last(ts)', of: (rows) => greatest(rows.map(({ ts }) => ts)) },
];

/** Functions of one table's rows. */
export const TABLE_CALLS: readonly Call[] = [
  overValues('first(i)', i, (values) => values[0]!),
  overValues('last(d)', d, (values) => values.at(-1)!),
  overValues('first(b)', b, (values) => values[0]!),
  overValues('last(s)', s, (values) => values.at(-1)!),
];

/** The mean weighted by time. */
export function twa(rows: readonly Row[]): number | null {
  const points = rows.filter((row) => row.i !== null);
  if (points.length < 2) return points[0]?.i ?? null;
  let area = 0;
  for (let n = 1; n < points.length; n++) {
    const [a, z] = [points[n - 1]!, points[n]!];
    area += ((a.i! + z.i!) * Number(z.ts - a.ts)) / 2;
  }
  return area / Number(points.at(-1)!.ts - points[0]!.ts);
}

/** Growth between the last two values, a second. */
export function irate(rows: readonly Row[], ticksPerSecond: number): number | null {
  const points = rows.filter((row) => row.d !== null);
  const [before, last] = points.slice(-2);
  if (before === undefined) return null;
  if (last === undefined) return 0;
  const growth = last.d! >= before.d! ? last.d! - before.d! : last.d!;
  return growth / (Number(last.ts - before.ts) / ticksPerSecond);
}

/** Exact quantile, between two values on the line. */
export function percentile(rows: readonly Row[], percent: number): number | null {
  const values = present(rows, i).sort((x, y) => x - y);
  if (values.length === 0) return null;
  const place = (percent / 100) * (values.length - 1);
  const [low, high] = [values[Math.floor(place)]!, values[Math.ceil(place)]!];
  return low + (high - low) * (place - Math.floor(place));
}

/** Rows by a key, keys in order of appearance. */
export function groupsOf<K>(rows: readonly Row[], key: (row: Row) => K): [K, Row[]][] {
  const found = new Map<K, Row[]>();
  for (const row of rows) {
    const of = key(row);
    const list = found.get(of);
    if (list === undefined) found.set(of, [row]);
    else list.push(row);
  }
  return [...found];
}

/** Rows cut where `isNew` says so. */
export function cut(rows: readonly Row[], isNew: (row: Row, before: Row) => boolean): Row[][] {
  const parts: Row[][] = [];
  rows.forEach((row, n) => {
    if (n === 0 || isNew(row, rows[n - 1]!)) parts.push([]);
    parts.at(-1)!.push(row);
  });
  return parts;
}

/** The greatest multiple of `step` plus `phase` that is at most `ts`. */
export function windowStart(ts: bigint, step: bigint, phase: bigint): bigint {
  const rest = (ts - phase) % step;
  return ts - (rest < 0n ? rest + step : rest);
}
