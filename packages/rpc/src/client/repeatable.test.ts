/** Which statements may come twice. */
import { expect, test } from 'vitest';
import { isRepeatable } from './repeatable.ts';

test.each([
  'show databases',
  '  SHOW d.tables like "a%"',
  'describe d.t',
  'use d',
  'create database if not exists d replica 3',
  'create table IF  NOT EXISTS d.t (ts timestamp, v int)',
  'drop database if exists d',
  "alter user u pass 'p'",
  'alter database d replica 3',
])('%s may', (sql) => expect(isRepeatable(sql)).toBe(true));

test.each([
  'create database d',
  'drop table t',
  'alter table t add column w int',
  "create user u pass 'create x if not exists'",
  'showing',
])('%s may not', (sql) => expect(isRepeatable(sql)).toBe(false));
