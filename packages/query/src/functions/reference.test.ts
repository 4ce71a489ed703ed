/**
 * The user's reference of functions, `docs/sql/functions.md`, is made from the table of functions; every example on it is
 * run and stands there with its answer. `npx vitest run -u` writes the page anew.
 */
import { SqlType } from '@tdnode/common';
import { expect, test } from 'vitest';
import { column, query, text } from '../../test/world.ts';
import type { Value, World } from '../../test/world.ts';
import type { FunctionDefinition } from './aggregator.ts';
import { allFunctions } from './table.ts';

const T = 1_609_459_200_000;

/** The example tables: children of `st` with the tag `g`. */
const tables = [
  {
    name: 't1',
    g: 1,
    rows: [
      [0, 1, 1.5, 'x'],
      [1, 4, 2.5, 'x'],
      [2, null, null, 'y'],
      [3, 2, 10.5, 'y'],
      [10, 8, 12.5, 'x'],
    ],
  },
  {
    name: 't2',
    g: 2,
    rows: [
      [1, 10, 3, 'x'],
      [2, 30, 9, 'z'],
    ],
  },
] as const;

const world: World = {
  columns: [
    column('ts', SqlType.TIMESTAMP, 1),
    column('a', SqlType.INT, 2, 4),
    column('f', SqlType.DOUBLE, 3),
    column('s', SqlType.BINARY, 4, 8),
  ],
  tags: [column('g', SqlType.INT, 1, 4)],
  tables: tables.map(({ name, g, rows }, i) => ({
    name,
    tags: [g],
    vgId: i + 2,
    rows: rows.map(([seconds, a, f, s]) => ({ ts: T + seconds * 1000, values: [a, f, text(s)] })),
  })),
  options: { blockRows: 4096, hasStats: true, hasNewestRow: false },
};

/** Statements on windows and fill, which belong to no single function. */
const clauses: readonly (readonly [title: string, says: string, sql: string])[] = [
  [
    'interval',
    'Windows of fixed width; those without any result have no row. Units b (ns) u a s m h d w n y; a second duration is the offset, `sliding(…)` the distance from window to window.',
    'select count(*), avg(f) from st interval(2s)',
  ],
  [
    'fill',
    'A row for every window between the bounds of the time range, which must both be given. `none`, `null`, `value, …` (one for each column; the last one counts for the rest), `prev`, `next`, `linear`.',
    'select sum(a) from t1 where ts >= 1609459200000 and ts <= 1609459204000 interval(1s) fill(linear)',
  ],
  [
    'session',
    'Windows of rows of one table of which none is later than the gap after the one before.',
    'select count(*), sum(a) from t1 session(ts, 2s)',
  ],
  [
    'state_window',
    'Windows of neighbouring rows of one table with the same value of an integer, BOOL or string column.',
    'select s, count(*), last(a) from t1 state_window(s)',
  ],
];

async function answerOf(sql: string): Promise<string> {
  const { columns, rows } = await query(sql, world);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const heads = columns.map(({ name }) => `\`${name}\``);
  return [
    line(heads),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(row.map((value, i) => printed(value, columns[i]!.type)))),
  ].join('\n');
}

function printed(value: Value, type: SqlType): string {
  if (value === null) return 'NULL';
  if (type !== SqlType.TIMESTAMP) {
    return typeof value === 'number' ? String(Number(value.toPrecision(10))) : String(value);
  }
  return new Date(Number(value)).toISOString().replace('T', ' ').replace('Z', '');
}

const STABLES: { readonly [kind in FunctionDefinition['onStables']]: string } = {
  yes: 'yes',
  no: 'no',
  'by-name': '`group by tbname`',
};

async function page(): Promise<string> {
  const parts = [
    '# Functions and windows',
    'Made from the table of functions in `packages/query/src/functions/`; every example is run by the tests. The examples use',
    exampleTables(),
    'Functions of one column skip NULL. Over no rows at all there is no row in the answer. *Statistics* says what is answered from the statistics of whole blocks, without decoding them.',
    '| function | over stables | statistics |\n|---|---|---|',
  ];
  const rows = allFunctions.map(
    ({ name, doc, onStables }) =>
      `| [${name}](#${name}) | ${STABLES[onStables]} | ${doc.statistics} |`,
  );
  parts[parts.length - 1] += `\n${rows.join('\n')}`;
  for (const { name, doc } of allFunctions) {
    parts.push(`## ${name}`, `\`${doc.usage}\``, doc.says, ...(await example(doc.example)));
  }
  parts.push('# Windows');
  for (const [title, says, sql] of clauses)
    parts.push(`## ${title}`, says, ...(await example(sql)));
  return `${parts.join('\n\n')}\n`;
}

async function example(sql: string): Promise<string[]> {
  return [`\`\`\`sql\n${sql}\n\`\`\``, await answerOf(sql)];
}

function exampleTables(): string {
  const lines = tables.flatMap(({ name, g, rows }) => {
    const values = rows.map(([seconds, a, f, s]) => `(${T + seconds * 1000}, ${a}, ${f}, '${s}')`);
    return [
      `create table ${name} using st tags (${g});`,
      `insert into ${name} values ${values.join(' ')};`,
    ];
  });
  const stable = 'create table st (ts timestamp, a int, f double, s binary(8)) tags (g int);';
  return `\`\`\`sql\n${[stable, ...lines].join('\n')}\n\`\`\``;
}

test('docs/sql/functions.md says what the functions do', async () => {
  await expect(await page()).toMatchFileSnapshot('../../../../docs/sql/functions.md');
});
