/** The command line. */
import { expect, test } from 'vitest';
import { parseArguments } from './arguments.ts';

test.each([
  ['', { kind: 'run', configPath: '/etc/taos', isExplicit: false }],
  ['-c /x', { kind: 'run', configPath: '/x', isExplicit: true }],
  ['-c/x', { kind: 'run', configPath: '/x', isExplicit: true }],
  ['-C -c /x', { kind: 'dump', configPath: '/x', isExplicit: true }],
  ['-c /x --check', { kind: 'check', configPath: '/x', isExplicit: true }],
  ['--repair -c /x', { kind: 'repair', configPath: '/x', isExplicit: true }],
  ['-V', { kind: 'version' }],
  ['--help', { kind: 'help' }],
  ['-c', { kind: 'wrong', text: 'option -c needs a folder or a file' }],
  ['-x', { kind: 'wrong', text: 'unknown option -x' }],
  ['start', { kind: 'wrong', text: 'unknown option start' }],
])('taosd %s', (line, command) => {
  expect(parseArguments(line === '' ? [] : line.split(' '))).toEqual(command);
});
