/** What docs/operations/troubleshooting.md says that the product says, is what the code and the scripts say. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');
/** Shorter pieces between names are found everywhere. */
const TELLING = 8;

function read(...names: readonly string[]): string {
  return readFileSync(path.join(root, ...names), 'utf8');
}

const sources = readdirSync(path.join(root, 'packages'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /^[a-z]+\/src\/.*\.ts$/u.test(name) && !name.endsWith('.test.ts'))
  .map((name) => read('packages', name));
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
