import { expect, test } from 'vitest';
import { isInsert, statementKind } from './statement-kind.ts';

test.each([
  ['insert into t values (now, 1)', true],
  ['  \n\tINSERT\tinto t values (now, 1)', true],
  ['import into t values (now, 1)', true],
  ['/* a */ -- b\n insert into t values (now, 1)', true],
  ['insert/**/into t values (now, 1)', true],
  ['insert', true],
  ['inserted', false],
  ['select 1', false],
  ['/* insert', false],
  ['', false],
])('%j', (sql, expected) => {
  expect(isInsert(new TextEncoder().encode(sql))).toBe(expected);
});

test.each([
  ['select 1', 'select'],
  [' /* a */ SELECT 1', 'select'],
  ['import into t values (now, 1)', 'insert'],
  ['desc t', 'describe'],
  ['describe t', 'describe'],
  ['selection', 'other'],
  ['reset query cache', 'other'],
  ['', 'other'],
])('the kind of %j is %s', (sql, kind) => {
  expect(statementKind(new TextEncoder().encode(sql))).toBe(kind);
});
