/**
 * Pages that quote the program are held against it: what docs/operations/troubleshooting.md says that the product says is what the code
 * and the scripts say, and a parameter that docs/reference/config.md promises an effect of is read somewhere.
 */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasFlag, parameterNames } from '@tdnode/common';
import { expect, test } from 'vitest';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');
/** Shorter pieces between names are found everywhere. */
const TELLING = 8;

function read(...names: readonly string[]): string {
  return readFileSync(path.join(root, ...names), 'utf8');
}

const files = readdirSync(path.join(root, 'packages'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /^[a-z]+\/src\/.*\.ts$/u.test(name) && !name.endsWith('.test.ts'))
  .map((name) => ({ name, text: read('packages', name) }));
const sources = files.map(({ text }) => text);
const scripts = ['taosd.sh', 'cluster.sh', 'install.sh'].map((name) => read('scripts', name));
const code = [...sources, ...scripts].join('\n').replaceAll("\\'", "'");

const page = read('docs/operations/troubleshooting.md');
const chapters = page.slice(page.indexOf('## taosd does not start'));
const quotes = [
  // What a paragraph begins with, what a colon or a comma and another one follow, and reasons in the first column of the table.
  ...[...chapters.matchAll(/\n(?:\n`([^`]+)`|`([^`]+)`:)/gu)].map(
    ([, first, more]) => first ?? more!,
  ),
  ...[...chapters.matchAll(/\n\n`[^`]+`, `([^`]+)`/gu)].map(([, second]) => second!),
  ...[...chapters.matchAll(/^\| ((?:`[a-zA-Z ]+`[^`|]*)+)/gmu)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([a-zA-Z ]+ [a-z]+)`/gu)].map(([, quote]) => quote!),
  ),
];

test('the page quotes what it explains', () => {
  expect(quotes.length).toBeGreaterThan(50);
});

test.each(quotes)('%s', (quote) => {
  const pieces = quote.split('…').filter((piece) => piece.trim().length >= TELLING);
  expect(pieces.length, 'nothing to look for').toBeGreaterThan(0);
  for (const piece of pieces) expect(code.includes(piece), piece).toBe(true);
});

const readers = files.filter(({ name }) => !name.startsWith('common/src/config/table/'));
test.each(parameterNames.filter((name) => !hasFlag(name, 'unused')))('%s is read', (name) => {
  expect(readers.some(({ text }) => new RegExp(`\\b${name}\\b`, 'u').test(text))).toBe(true);
});
