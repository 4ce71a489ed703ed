#!/usr/bin/env node
// Writes the reference pages that come from tables in code: `node scripts/gen-docs.mjs` after a build.
// A unit test fails when a page and its table differ.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { configPage, errorsPage } from '@tdnode/common';

const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../docs/reference');
mkdirSync(folder, { recursive: true });
writeFileSync(path.join(folder, 'config.md'), configPage());
writeFileSync(path.join(folder, 'errors.md'), errorsPage());
