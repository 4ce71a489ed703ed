/** Random conditions: as SQL, and as a function of a row. */
import { formatTimestamp, timeZone, type Random } from '@tdnode/common';
import { BEGIN_MS, PLACES, TICKS_PER_MS, below, oneOf, type Row, type Sample } from './sample.ts';

/** A condition. */
export interface Filter {
  /** Without `where`; empty: everything passes. */
  readonly sql: string;
  readonly passes: (row: Row) => boolean;
}

const comparisons: Readonly<Record<string, (a: number | bigint, b: number | bigint) => boolean>> = {
  // A number and a bigint may be equal.
  '=': (a, b) => String(a) === String(b),
  '<>': (a, b) => String(a) !== String(b),
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};
const OPERATORS = Object.keys(comparisons);
const EVERYTHING: Filter = { sql: '', passes: () => true };

/** What a filter may speak of. */
export interface FilterSubjects {
  /** Tags and names too. */
  readonly tags: boolean;
  readonly times: boolean;
  /** Stands before every name, with its dot. */
  readonly prefix: string;
}

/** A condition of up to three parts. */
export function makeFilter(random: Random, sample: Sample, subjects: FilterSubjects): Filter {
  const parts: Filter[] = [];
  if (subjects.times && below(random, 2) === 0) parts.push(timeRange(random, sample, subjects));
  if (below(random, 2) === 0) parts.push(ofColumns(random, subjects.prefix, 2));
  if (subjects.tags && below(random, 3) === 0) parts.push(ofTags(random, sample));
  return allOf(parts);
}

/** All of several. */
export function allOf(filters: readonly Filter[]): Filter {
  const parts = filters.filter(({ sql }) => sql !== '');
  if (parts.length === 0) return EVERYTHING;
  return {
    sql: parts.map(({ sql }) => sql).join(' and '),
    passes: (row) => parts.every(({ passes }) => passes(row)),
  };
}

/** The condition as a clause. */
export function whereOf({ sql }: Filter): string {
  return sql === '' ? '' : ` where ${sql}`;
}

/** Ticks as a literal: the number, or a text in UTC. */
export function timeLiteral(random: Random, { precision }: Sample, ticks: bigint): string {
  if (below(random, 2) === 0) return String(ticks);
  const number = precision === 'ns' ? ticks : Number(ticks);
  return `'${formatTimestamp(number, precision, timeZone('UTC'))}'`;
}

/** A place that rows may stand at, or a tick beside it. */
export function someTime(random: Random, { base, step }: Sample): bigint {
  return base + BigInt(below(random, PLACES)) * step + BigInt(below(random, 3) - 1);
}

function timeRange(random: Random, sample: Sample, { prefix }: FilterSubjects): Filter {
  const parts: Filter[] = [];
  for (const op of [oneOf(random, ['>', '>=', '=', '<=']), oneOf(random, ['<', '<='])]) {
    const bound = someTime(random, sample);
    const compare = comparisons[op]!;
    parts.push({
      sql: `${prefix}ts ${op} ${timeLiteral(random, sample, bound)}`,
      passes: ({ ts }) => compare(ts, bound),
    });
    if (op === '=' || below(random, 3) === 0) break;
  }
  if (below(random, 6) === 0) parts.push(sinceNow(random, sample, prefix));
  return allOf(parts);
}

/** `now` of the statement is the samples' beginning. */
function sinceNow(random: Random, { precision }: Sample, prefix: string): Filter {
  const perMs = TICKS_PER_MS[precision];
  const ms = below(random, 100_000);
  const bound = (BigInt(BEGIN_MS) + BigInt(ms)) * perMs;
  return { sql: `${prefix}ts >= now + ${ms}a`, passes: ({ ts }) => ts >= bound };
}

function ofColumns(random: Random, prefix: string, depth: number): Filter {
  if (depth === 0 || below(random, 2) === 0) return ofColumn(random, prefix);
  const [left, right] = [
    ofColumns(random, prefix, depth - 1),
    ofColumns(random, prefix, depth - 1),
  ];
  const isAnd = below(random, 2) === 0;
  return {
    sql: `(${left.sql} ${isAnd ? 'and' : 'or'} ${right.sql})`,
    passes: (row) =>
      isAnd ? left.passes(row) && right.passes(row) : left.passes(row) || right.passes(row),
  };
}

function ofColumn(random: Random, prefix: string): Filter {
  const op = oneOf(random, OPERATORS);
  const compare = comparisons[op]!;
  switch (below(random, 6)) {
    case 0:
      return ofNumber(`${prefix}i`, op, below(random, 41) - 20, ({ i }) => i);
    case 1:
      return ofNumber(`${prefix}d`, op, (below(random, 81) - 40) / 4, ({ d }) => d);
    case 2: {
      const bound = oneOf(random, [2n ** 53n, -(2n ** 53n), 2n ** 62n]) + BigInt(below(random, 5));
      return {
        sql: `${prefix}b ${op} ${bound}`,
        passes: ({ b }) => b !== null && compare(b, bound),
      };
    }
    case 3: {
      const [low, high] = [below(random, 20) - 20, below(random, 20)];
      return {
        sql: `${prefix}i between ${low} and ${high}`,
        passes: ({ i }) => i !== null && i >= low && i <= high,
      };
    }
    case 4:
      return ofString(random, prefix);
    default: {
      const isNot = below(random, 2) === 0;
      return {
        sql: `${prefix}d is ${isNot ? 'not ' : ''}null`,
        passes: ({ d }) => (d === null) !== isNot,
      };
    }
  }
}

function ofNumber(
  name: string,
  op: string,
  bound: number,
  read: (row: Row) => number | null,
): Filter {
  const compare = comparisons[op]!;
  return {
    sql: `${name} ${op} ${bound}`,
    passes: (row) => {
      const value = read(row);
      return value !== null && compare(value, bound);
    },
  };
}

function ofString(random: Random, prefix: string): Filter {
  const value = oneOf(random, ['', 'a', 'ab', 'B']);
  const isNot = below(random, 2) === 0;
  return {
    sql: `${prefix}s ${isNot ? '<>' : '='} '${value}'`,
    passes: ({ s }) => s !== null && (s === value) !== isNot,
  };
}

function ofTags(random: Random, { tables }: Sample): Filter {
  if (below(random, 3) === 0) {
    const names = tables.filter(() => below(random, 2) === 0).map(({ name }) => name);
    if (names.length === 0) return EVERYTHING;
    return {
      sql: `tbname in (${names.map((name) => `'${name}'`).join(', ')})`,
      passes: ({ table }) => names.includes(table.name),
    };
  }
  const op = oneOf(random, OPERATORS);
  const bound = below(random, 4);
  // A tag that is NULL is different from every value: TDengine's answer.
  return {
    sql: `g ${op} ${bound}`,
    passes: ({ table: { g } }) => (g === null ? op === '<>' : comparisons[op]!(g, bound)),
  };
}
