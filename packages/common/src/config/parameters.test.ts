/**
 * Aim: every parameter that 2.1.2 has is ours, with its range and default. Method: the list that the real server's
 * table gives (`testdata/parameters-2.1.2.tsv`); what depends on host or build stands there in brackets.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Parameter } from './parameters.ts';
import { parameters } from './parameters.ts';

const file = new URL('../../testdata/parameters-2.1.2.tsv', import.meta.url);
const rows = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split('\t') as [string, string, string, string]);
const ours: Readonly<Record<string, Parameter>> = parameters;

test('the list is whole', () => expect(rows).toHaveLength(108));

test.each(rows)('%s', (name, standard, min, max) => {
  const row = ours[name]!;
  if (row.kind === 'number') {
    expect([row.default, row.min, row.max]).toEqual([standard, min, max].map(Number));
    return;
  }
  if (max !== '') expect(`len<=${row.maxLength}`).toBe(max);
  if (!standard.includes('(')) expect(row.default).toBe(standard);
});
