/** Random SELECTs of every shape, each with the answer that its text means. */
import { CALLS, groupsOf, irate, percentile, twa } from './evaluate.ts';
import { makeFilter, someTime, timeLiteral, whereOf } from './filter.ts';
import { TICKS_PER_MS, below, oneOf, type Row } from './sample.ts';
import {
  callsOf,
  evaluate,
  groupLimitOf,
  limitOf,
  sorted,
  sourceOf,
  sqlOf,
  type Case,
  type Subject,
} from './source.ts';
import { filled, fixedWindows, inWindows, interval, sessions, states } from './window-shapes.ts';

function projection(subject: Subject): Case {
  const { name, table, filter, rows } = sourceOf(subject);
  const tail = table === undefined ? ', g, p, tbname' : '';
  return {
    sql: `select ts, i, d, b, s, k${tail} from ${name}${whereOf(filter)}`,
    rows: rows.map((row) => {
      const values = [row.ts, row.i, row.d, row.b, row.s, row.k];
      const { g, p } = row.table;
      return table === undefined ? [...values, g, p, row.table.name] : values;
    }),
    isOrdered: table !== undefined,
  };
}

function ordered(subject: Subject): Case {
  const { random } = subject;
  const { name, table, filter, rows } = sourceOf(subject);
  const isDescending = below(random, 2) === 0;
  const limit = limitOf(random);
  // Rows of one time come in any order where there are several tables: only their times are compared.
  const heads = table === undefined ? 'ts' : 'ts, i, b';
  const all = sorted(rows);
  const list = limit.of(isDescending ? all.reverse() : all);
  return {
    sql: `select ${heads} from ${name}${whereOf(filter)} order by ts${isDescending ? ' desc' : ''}${limit.sql}`,
    rows: list.map((row) => (table === undefined ? [row.ts] : [row.ts, row.i, row.b])),
    isOrdered: true,
  };
}

function arithmetic(subject: Subject): Case {
  const { name, filter, rows } = sourceOf(subject, true);
  return {
    sql: `select ts, i * 2 + d, i - 1 from ${name}${whereOf(filter)}`,
    rows: rows.map(({ ts, i, d }) => [
      ts,
      i === null || d === null ? null : i * 2 + d,
      i === null ? null : i - 1,
    ]),
    isOrdered: true,
  };
}

function whole(subject: Subject): Case {
  const { name, table, filter, rows } = sourceOf(subject);
  const calls = callsOf(subject.random, table !== undefined);
  return {
    sql: `select ${sqlOf(calls)} from ${name}${whereOf(filter)}`,
    rows: rows.length === 0 ? [] : [evaluate(calls, rows)],
    isOrdered: true,
  };
}

function grouped(subject: Subject): Case {
  const { random } = subject;
  const { filter, rows } = sourceOf(subject, false);
  const calls = callsOf(random, false);
  const select = `select ${sqlOf(calls)} from st${whereOf(filter)}`;
  if (below(random, 2) === 0) {
    return {
      sql: `${select} group by g`,
      rows: groupsOf(rows, ({ table }) => table.g).map(([g, list]) => [
        ...evaluate(calls, list),
        g,
      ]),
      isOrdered: false,
    };
  }
  const limit = groupLimitOf(random);
  const groups = groupsOf(rows, ({ table }) => table.name).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    sql: `${select} group by tbname${limit.sql}`,
    rows: limit.of(groups).map(([name, list]) => [...evaluate(calls, list), name]),
    isOrdered: true,
  };
}

/** Tables and tags, whether there are rows or not. */
function ofTables({ random, sample: { tables } }: Subject): Case {
  if (below(random, 2) === 0) {
    const known = tables.flatMap(({ g }) => (g === null ? [] : [g]));
    return {
      sql: 'select distinct g from st',
      rows: [...new Set(known)].map((g) => [g]),
      isOrdered: false,
    };
  }
  const least = below(random, 3);
  const wanted = tables.filter(({ g }) => g !== null && g >= least);
  return {
    sql: `select tbname, g, p from st where g >= ${least}`,
    rows: wanted.map(({ name, g, p }) => [name, g, p]),
    isOrdered: false,
  };
}

function groupedByColumn(subject: Subject): Case {
  const { name, table, filter, rows } = sourceOf(subject);
  const calls = callsOf(subject.random, table !== undefined);
  const known = rows.filter(({ s }) => s !== null);
  return {
    sql: `select s, ${sqlOf(calls)} from ${name}${whereOf(filter)} group by s`,
    rows: groupsOf(known, ({ s }) => s).map(([s, list]) => [s, ...evaluate(calls, list)]),
    isOrdered: false,
  };
}

function having(subject: Subject): Case {
  const { filter, rows } = sourceOf(subject, false);
  const bound = below(subject.random, 8);
  return {
    sql: `select count(*), max(d) from st${whereOf(filter)} group by tbname having count(*) > ${bound}`,
    rows: groupsOf(rows, ({ table }) => table.name)
      .filter(([, list]) => list.length > bound)
      .map(([name, list]) => [...evaluate([CALLS[0]!, CALLS[7]!], list), name]),
    isOrdered: false,
  };
}

function ranking(subject: Subject): Case {
  const { random } = subject;
  const { name, filter, rows } = sourceOf(subject);
  const isTop = below(random, 2) === 0;
  const count = 1 + below(random, 5);
  const values = rows.flatMap(({ i }) => (i === null ? [] : [i])).sort((a, b) => a - b);
  const taken = isTop ? values.slice(-count) : values.slice(0, count);
  return {
    sql: `select max(x), min(x), count(*) from (select ${isTop ? 'top' : 'bottom'}(i, ${count}) x from ${name}${whereOf(filter)})`,
    rows: taken.length === 0 ? [] : [[Math.max(...taken), Math.min(...taken), taken.length]],
    isOrdered: true,
  };
}

function newest(subject: Subject): Case {
  const { name, filter, rows } = sourceOf(subject, true);
  const last = rows.at(-1);
  return {
    sql: `select last_row(ts), last_row(i), last_row(s), last_row(b) from ${name}${whereOf(filter)}`,
    rows: last === undefined ? [] : [[last.ts, last.i, last.s, last.b]],
    isOrdered: true,
  };
}

function differences(subject: Subject): Case {
  const { random } = subject;
  const { name, filter, rows } = sourceOf(subject, true);
  const isDescending = below(random, 2) === 0;
  const known = rows.filter(({ i }) => i !== null);
  const list = isDescending ? known.reverse() : known;
  const limit = limitOf(random);
  return {
    sql: `select diff(i) from ${name}${whereOf(filter)}${isDescending ? ' order by ts desc' : ''}${limit.sql}`,
    rows: limit.of(list.slice(1).map(({ ts, i }, n) => [ts, i! - list[n]!.i!])),
    isOrdered: true,
  };
}

function overTime(subject: Subject): Case {
  const { random, sample } = subject;
  const { name, filter, rows } = sourceOf(subject, true);
  const perSecond = Number(TICKS_PER_MS[sample.precision]) * 1000;
  const call = oneOf(random, [
    { sql: 'twa(i)', of: () => twa(rows) },
    { sql: 'irate(d)', of: () => irate(rows, perSecond) },
    { sql: 'percentile(i, 30)', of: () => percentile(rows, 30) },
  ]);
  const value = call.of();
  return {
    sql: `select ${call.sql} from ${name}${whereOf(filter)}`,
    rows: value === null ? [] : [[value]],
    isOrdered: true,
  };
}

/** The value at a time: of the row there, or on the line between its neighbours. */
function interpolation({ random, sample }: Subject): Case {
  const table = oneOf(random, sample.tables);
  const rows = sample.rows.filter((row) => row.table === table && row.d !== null);
  const at = someTime(random, sample);
  const before = rows.findLast(({ ts }) => ts <= at);
  const after = rows.find(({ ts }) => ts >= at);
  const hasBoth = before !== undefined && after !== undefined;
  const line = (a: Row, b: Row): number =>
    a === b ? a.d! : a.d! + ((b.d! - a.d!) * Number(at - a.ts)) / Number(b.ts - a.ts);
  return {
    sql: `select interp(d) from ${table.name} where d is not null and ts = ${timeLiteral(random, sample, at)} fill(linear)`,
    rows: hasBoth ? [[line(before, after)]] : [],
    isOrdered: true,
  };
}

function joined({ random, sample }: Subject): Case {
  const [left, right] = [sample.tables[0]!, sample.tables[1]!];
  const subjects = { tags: false, times: true, prefix: 't0.' };
  const filter = makeFilter(random, sample, subjects);
  const pairs = sample.rows.flatMap((a): [Row, Row][] => {
    const b = sample.rows.find((row) => row.table === right && row.ts === a.ts);
    return a.table === left && b !== undefined && filter.passes(a) ? [[a, b]] : [];
  });
  const where = filter.sql === '' ? '' : ` and ${filter.sql}`;
  const from = `from t0, t1 where t0.ts = t1.ts${where}`;
  if (below(random, 3) === 0) {
    const sum = pairs.reduce((total, [, { k }]) => total + k, 0);
    const [first, last] = [pairs[0], pairs.at(-1)];
    const span = first === undefined ? 0 : Number(last![1].ts - first[1].ts);
    return {
      // `last` over a join takes the first row, as in TDengine: it is not asked.
      sql: `select count(*), sum(t1.k), first(t0.ts), spread(t1.ts) ${from}`,
      rows: first === undefined ? [] : [[pairs.length, sum, first[0].ts, span]],
      isOrdered: true,
    };
  }
  return {
    sql: `select t0.ts, t0.i, t1.ts, t1.b, t1.s ${from}`,
    rows: pairs.map(([a, b]) => [a.ts, a.i, b.ts, b.b, b.s]),
    isOrdered: true,
  };
}

function union(subject: Subject): Case {
  const parts = [sourceOf(subject), sourceOf(subject)];
  return {
    sql: parts
      .map(({ name, filter }) => `select ts, i, b from ${name}${whereOf(filter)}`)
      .join(' union all '),
    rows: parts.flatMap(({ rows }) => rows.map(({ ts, i, b }) => [ts, i, b])),
    isOrdered: false,
  };
}

function nestedRows(subject: Subject): Case {
  const { random, sample } = subject;
  const inner = sourceOf(subject);
  const subjects = { tags: false, times: true, prefix: '' };
  const outer = makeFilter(random, sample, subjects);
  const rows = inner.rows.filter(outer.passes);
  const from = `(select ts, i, d, b, s, k from ${inner.name}${whereOf(inner.filter)})${whereOf(outer)}`;
  const calls = callsOf(random, false);
  if (below(random, 2) === 0) {
    return {
      sql: `select ts, i, b, s from ${from}`,
      rows: rows.map(({ ts, i, b, s }) => [ts, i, b, s]),
      isOrdered: false,
    };
  }
  if (below(random, 2) === 0) {
    return {
      sql: `select ${sqlOf(calls)} from ${from}`,
      rows: rows.length === 0 ? [] : [evaluate(calls, rows)],
      isOrdered: true,
    };
  }
  const windows = fixedWindows(subject);
  return {
    sql: `select ${sqlOf(calls)} from ${from} ${windows.sql}`,
    rows: inWindows(rows, windows).map(([start, part]) => [start, ...evaluate(calls, part)]),
    isOrdered: true,
  };
}

function nestedWindows(subject: Subject): Case {
  const { name, filter, rows } = sourceOf(subject);
  const windows = fixedWindows(subject);
  const counts = inWindows(rows, windows).map(([start, part]) => [start, part.length] as const);
  const sum = counts.reduce((total, [, count]) => total + count, 0);
  const most = Math.max(...counts.map(([, count]) => count));
  return {
    sql: `select last(ts), sum(c), max(c), count(*) from (select count(*) c from ${name}${whereOf(filter)} ${windows.sql})`,
    rows: counts.length === 0 ? [] : [[counts.at(-1)![0], sum, most, counts.length]],
    isOrdered: true,
  };
}

const shapes: readonly ((subject: Subject) => Case)[] = [
  projection,
  ordered,
  arithmetic,
  whole,
  grouped,
  ofTables,
  groupedByColumn,
  having,
  interval,
  interval,
  interval,
  filled,
  filled,
  sessions,
  states,
  ranking,
  newest,
  differences,
  overTime,
  interpolation,
  joined,
  union,
  nestedRows,
  nestedWindows,
];

/** A random statement. */
export function makeCase(subject: Subject): Case {
  return oneOf(subject.random, shapes)(subject);
}
