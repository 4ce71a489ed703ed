import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Expression } from '../ast/expression.ts';
import { parseStatement } from '../parser/statement.ts';
import { printExpression } from './expression.ts';
import { printStatement } from './statement.ts';

function reprint(sql: string): string {
  const tree = parseStatement(sql);
  if (tree.kind === 'insert') throw new Error('insert does not print');
  return printStatement(tree);
}

test.each([
  'create database if not exists d keep 10,20 precision "us"  KEEP 3',
  'create topic p partitions 4',
  'alter database d blocks 8 quorum 2',
  'drop database if exists "d 1"',
  'syncdb d replica',
  'create stable if not exists d.s (ts timestamp, a int unsigned, b binary(8)) tags (t nchar(4))',
  'create table t (ts timestamp, desc int, "sel ect" bool)',
  "create table if not exists a using s (t1, t2) tags ('it\\'s', null) d.b using d.s tags (+1, -1.5, TRUE)",
  'create table x as select count(*) from t interval(1m) sliding(30s)',
  'create table if not exists d.x (ts timestamp, "a b" double) as select avg(a) from t interval(1m)',
  'drop stable if exists d.s',
  'alter table t add column b binary(-1), c int',
  'alter stable s modify tag t nchar(20)',
  'alter table s change tag "from" to_',
  "alter table c set tag t = 'x''y'",
  'alter table t drop column a',
  'describe d.t',
  "show d.tables like 'a\\_%'",
  'show vgroups t1',
  'show create stable d.s',
  'show create database d',
  "create user u pass 'a\\\\b\\'c'",
  'alter user u privilege read',
  "create account a pass 'x' pps 10 state r",
  'alter account a conns 3',
  "create dnode 'host:6030'",
  'drop dnode 2',
  'alter dnode 1 debugflag 131',
  "alter dnode 1 balance 'vnode:2-dnode:2'",
  'alter local resetlog',
  'reset query cache',
  'kill query 1:2',
  'compact vnodes in (2)',
  'explain select 1',
  'delete from t where a = 1 or b = 2',
  'select distinct "A", \'b"\' as "X y", t.* from t where (a = 1 or b = 2) and (c = 1) = true',
  'select * from (select a from t union all (select b from u)) x, (select 1) where x.a > 1',
  'select count(*) from t interval(1d, 1h) fill(value, -1, null) group by tbname, t.g order by 1 desc having count(*) > 1 slimit 1 soffset 2 limit 3, 4',
  'select count(*) from t session(ts, 5s)',
  'select count(*) from t state_window(s) fill(null)',
])('printing is stable: %s', (sql) => {
  const printed = reprint(sql);
  expect(reprint(printed)).toBe(printed);
});

test('printed statements read well', () => {
  expect(
    reprint("SELECT A+1 x FROM D.T WHERE not_b<>2 AND (C LIKE '%' OR D IN (1,2)) LIMIT 1,2"),
  ).toBe(
    "select a+1 as x from d.t where not_b <> 2 and (c like '%' or d in (1, 2)) limit 2 offset 1",
  );
  expect(reprint('create table A using S tags (1,\'x\') B using S tags (2,"y")')).toBe(
    "create table a using s tags (1, 'x') b using s tags (2, 'y')",
  );
});

const span = { start: 0, end: 0 };

const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc.nat().map((n): Expression => ({ kind: 'number', form: 'integer', text: String(n), ...span })),
  fc
    .constantFrom('a', 'b', 'tbname', '_c0')
    .map((name): Expression => ({ kind: 'column', table: undefined, name, ...span })),
  fc
    .constantFrom('x', "it's", '"', 'a\\_b', '')
    .map((value): Expression => ({ kind: 'string', value, ...span })),
  fc.constant<Expression>({ kind: 'now', ...span }),
  fc.constant<Expression>({
    kind: 'unary',
    op: '-',
    operand: { kind: 'duration', amount: 10, unit: 's', ...span },
    ...span,
  }),
);

const operators = [
  '+',
  '-',
  '*',
  '/',
  '%',
  '=',
  '<>',
  '<',
  '<=',
  '>',
  '>=',
  'and',
  'or',
  'like',
] as const;

const { tree } = fc.letrec<{ tree: Expression }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6 },
    leaf,
    fc.record({
      kind: fc.constant('binary' as const),
      op: fc.constantFrom(...operators),
      left: tie('tree'),
      right: tie('tree'),
      start: fc.constant(0),
      end: fc.constant(0),
    }),
    fc.tuple(tie('tree'), tie('tree'), tie('tree')).map(([operand, low, high]): Expression => ({
      kind: 'between',
      operand,
      low,
      high,
      ...span,
    })),
    fc
      .tuple(tie('tree'), fc.boolean())
      .map(([operand, negated]): Expression => ({ kind: 'isNull', operand, negated, ...span })),
    fc
      .tuple(tie('tree'), fc.array(tie('tree'), { maxLength: 3 }))
      .map(([operand, items]): Expression => ({ kind: 'in', operand, items, ...span })),
    fc
      .array(tie('tree'), { maxLength: 3 })
      .map((args): Expression => ({ kind: 'call', name: 'f', args, ...span })),
  ),
}));

test('any expression prints as SQL that parses to it', () => {
  fc.assert(
    fc.property(tree, (expression) => {
      const statement = parseStatement(`delete from t where ${printExpression(expression)}`);
      if (statement.kind !== 'delete') throw new Error('a delete was expected');
      expect(withoutSpans(statement.where)).toEqual(withoutSpans(expression));
    }),
    { seed: 20210726, numRuns: 500 },
  );
});

/** The tree as data: no positions, and each run of `and` or `or` as one list, since the parser groups it anew. */
function withoutSpans(expression: Expression): unknown {
  return JSON.parse(JSON.stringify(expression), (key, value: unknown) =>
    key === 'start' || key === 'end' ? undefined : asRun(value),
  );
}

function asRun(value: unknown): unknown {
  const { op, left, right } = (value ?? {}) as { op?: string; left?: unknown; right?: unknown };
  if (op !== 'and' && op !== 'or') return value;
  return { op, operands: [...operandsOf(op, left), ...operandsOf(op, right)] };
}

function operandsOf(op: string, value: unknown): unknown[] {
  const run = value as { op?: string; operands?: unknown[] };
  return run.op === op && run.operands !== undefined ? run.operands : [value];
}
