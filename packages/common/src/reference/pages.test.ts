/** The manual's reference pages say what the tables say. When this fails: `npm run build && node scripts/gen-docs.mjs`. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configPage, errorsPage } from './pages.ts';

const page = (name: string): string =>
  readFileSync(new URL(`../../../../docs/reference/${name}`, import.meta.url), 'utf8');

test('config.md is the table of parameters', () => expect(page('config.md')).toBe(configPage()));
test('errors.md is the table of errors', () => expect(page('errors.md')).toBe(errorsPage()));
