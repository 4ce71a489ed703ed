/**
 * Scenarios as text: testdata/*.txt. With SYNC_REWRITE=1 the files take today's answers; their difference is the
 * change of behaviour.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { rewriteScript, runScript } from '@tdnode/testkit';
import { expect, test } from 'vitest';
import { scriptRunner } from '../../test/script.ts';

const folder = new URL('../../testdata/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));

test.each(names)('%s', (name) => {
  const file = new URL(name, folder);
  const text = readFileSync(file, 'utf8');
  if (process.env['SYNC_REWRITE'] === '1') {
    writeFileSync(file, rewriteScript(text, scriptRunner()));
    return;
  }
  const different = runScript(text, scriptRunner());
  expect(different.map(({ command, actual }) => `line ${command.line}:\n${actual}`)).toEqual([]);
});
