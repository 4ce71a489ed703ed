/** Random SELECTs with windows, each with the answer that its text means. */
import type { Value } from './database.ts';
import { CALLS, cut, groupsOf, windowStart } from './evaluate.ts';
import { allOf, someTime, timeLiteral, whereOf } from './filter.ts';
import { TICKS_PER_MS, below, oneOf, type Row } from './sample.ts';
import {
  callsOf,
  evaluate,
  groupLimitOf,
  limitOf,
  sourceOf,
  sqlOf,
  ticks,
  type Case,
  type Subject,
} from './source.ts';

/** A window clause: its text, and the starts of the windows that hold a time. */
export interface Windows {
  readonly sql: string;
  readonly startsOf: (ts: bigint) => bigint[];
}

/** Windows of fixed length, perhaps with an offset, perhaps overlapping. */
export function fixedWindows({ random, sample }: Subject): Windows {
  const width = sample.step * BigInt(10 + below(random, 20));
  const offset = below(random, 2) === 0 ? 0n : (width * BigInt(below(random, 10))) / 11n;
  const text = `interval(${ticks(sample, width)}${offset > 0n ? `, ${ticks(sample, offset)}` : ''})`;
  if (below(random, 3) > 0)
    return { sql: text, startsOf: (ts) => [windowStart(ts, width, offset)] };
  const step = width / BigInt(1 + below(random, 3));
  if (step < 10n) return { sql: text, startsOf: (ts) => [windowStart(ts, width, offset)] };
  return {
    sql: `${text} sliding(${ticks(sample, step)})`,
    startsOf(ts) {
      const starts: bigint[] = [];
      for (let start = windowStart(ts, step, offset); start > ts - width; start -= step)
        starts.unshift(start);
      return starts;
    },
  };
}

function calendarWindows({ random, sample }: Subject): Windows {
  const perMs = TICKS_PER_MS[sample.precision];
  const unit = oneOf(random, ['d', 'n', 'y'] as const);
  return {
    sql: `interval(1${unit})`,
    startsOf(ts) {
      const date = new Date(Number(ts / perMs));
      const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
      const ms = Date.UTC(year, unit === 'y' ? 0 : month, unit === 'd' ? day : 1);
      return [BigInt(ms) * perMs];
    },
  };
}

/** The rows of each window that has any, by start. */
export function inWindows(rows: readonly Row[], windows: Windows): [bigint, Row[]][] {
  const found = new Map<bigint, Row[]>();
  for (const row of rows) {
    for (const start of windows.startsOf(row.ts)) {
      const list = found.get(start);
      if (list === undefined) found.set(start, [row]);
      else list.push(row);
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** `interval`, whole or by table, both directions, limits. */
export function interval(subject: Subject): Case {
  const { random } = subject;
  const { name, table, filter, rows } = sourceOf(subject);
  const calls = callsOf(random, table !== undefined);
  const windows = below(random, 5) === 0 ? calendarWindows(subject) : fixedWindows(subject);
  const select = `select ${sqlOf(calls)} from ${name}${whereOf(filter)} ${windows.sql}`;
  const answer = (list: readonly Row[]): Value[][] =>
    inWindows(list, windows).map(([start, part]) => [start, ...evaluate(calls, part)]);
  if (table === undefined && below(random, 2) === 0) {
    const groups = groupsOf(rows, (row) => row.table.name).sort(([a], [b]) => (a < b ? -1 : 1));
    const [some, limit] = [groupLimitOf(random), limitOf(random)];
    return {
      sql: `${select} group by tbname${some.sql}${limit.sql}`,
      rows: some
        .of(groups)
        .flatMap(([of, list]) => limit.of(answer(list)).map((row) => [...row, of])),
      isOrdered: true,
    };
  }
  const isDescending = below(random, 3) === 0;
  const limit = limitOf(random);
  const all = answer(rows);
  return {
    sql: `${select}${isDescending ? ' order by ts desc' : ''}${limit.sql}`,
    rows: limit.of(isDescending ? all.reverse() : all),
    isOrdered: true,
  };
}

type Sums = readonly (number | undefined)[];
const fills: readonly [mode: string, of: (sums: Sums, n: number) => number | null][] = [
  ['null', () => null],
  ['value, 7', () => 7],
  ['prev', (sums, n) => sums.slice(0, n).findLast((value) => value !== undefined) ?? null],
  ['next', (sums, n) => sums.slice(n).find((value) => value !== undefined) ?? null],
  ['linear', onLine],
];

function onLine(sums: Sums, n: number): number | null {
  const before = sums.slice(0, n).findLastIndex((value) => value !== undefined);
  const after = sums.findIndex((value, at) => at > n && value !== undefined);
  if (before < 0 || after < 0) return null;
  const share = (n - before) / (after - before);
  return Math.trunc(sums[before]! + (sums[after]! - sums[before]!) * share);
}

/** `fill` in all its modes. */
export function filled(subject: Subject): Case {
  const { random, sample } = subject;
  const { name, filter, rows } = sourceOf(subject, undefined, false);
  const width = sample.step * BigInt(10 + below(random, 5));
  const [one, other] = [someTime(random, sample), someTime(random, sample)];
  const from = one < other ? one : other;
  const to = one === other ? one + 1n : one + other - from;
  const [mode, fill] = oneOf(random, fills);
  const within = allOf([
    filter,
    { sql: 'i >= -20', passes: ({ i }) => i !== null },
    { sql: `ts >= ${timeLiteral(random, sample, from)}`, passes: ({ ts }) => ts >= from },
    { sql: `ts <= ${timeLiteral(random, sample, to)}`, passes: ({ ts }) => ts <= to },
  ]);
  const found = rows.filter(within.passes);
  const starts: bigint[] = [];
  for (let start = windowStart(from, width, 0n); start <= to; start += width) starts.push(start);
  const sums = starts.map((start) => {
    const part = found.filter(({ ts }) => ts >= start && ts < start + width);
    return part.length === 0 ? undefined : part.reduce((total, { i }) => total + i!, 0);
  });
  return {
    sql: `select sum(i) from ${name}${whereOf(within)} interval(${ticks(sample, width)}) fill(${mode})`,
    rows: found.length === 0 ? [] : starts.map((start, n) => [start, sums[n] ?? fill(sums, n)]),
    isOrdered: true,
  };
}

/** `session`. */
export function sessions(subject: Subject): Case {
  const { random, sample } = subject;
  const { name, filter, rows } = sourceOf(subject, true);
  const gap = sample.step * BigInt(1 + below(random, 4));
  const calls = callsOf(random, true);
  return {
    sql: `select ${sqlOf(calls)} from ${name}${whereOf(filter)} session(ts, ${ticks(sample, gap)})`,
    rows: cut(rows, (row, before) => row.ts - before.ts > gap).map((part) => [
      part[0]!.ts,
      ...evaluate(calls, part),
    ]),
    isOrdered: true,
  };
}

/** `state_window`. */
export function states(subject: Subject): Case {
  const { name, filter, rows } = sourceOf(subject, true);
  return {
    sql: `select k, count(*), sum(i) from ${name}${whereOf(filter)} state_window(k)`,
    rows: cut(rows, (row, before) => row.k !== before.k).map((part) => [
      part[0]!.k,
      ...evaluate([CALLS[0]!, CALLS[3]!], part),
    ]),
    isOrdered: true,
  };
}
