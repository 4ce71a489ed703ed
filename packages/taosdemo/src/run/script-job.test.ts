import { expect, test } from 'vitest';
import { statementsOf } from './script-job.ts';

test('statements of a file, with their lines', () => {
  const text = '-- a note\nselect 1;\n\nselect\n  2\n;\n# another\nselect 3';
  expect(statementsOf(text)).toEqual([
    { text: 'select 1', line: 2 },
    { text: 'select 2', line: 4 },
    { text: 'select 3', line: 8 },
  ]);
});
