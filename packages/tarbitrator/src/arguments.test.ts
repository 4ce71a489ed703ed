/** Aim: 2.1.2's options are taken, glued or apart; what is wrong is named. Method: example words. */
import { expect, test } from 'vitest';
import { parseArguments } from './arguments.ts';

test('without options the defaults of 2.1.2 rule', () => {
  expect(parseArguments([])).toMatchObject({ kind: 'run', port: 6042, logDir: '/var/log/taos' });
});

test('options come glued or apart', () => {
  expect(parseArguments(['-p7042', '-g', '/l', '-d', '135', '-D', '/v', '-c', '/c'])).toEqual({
    kind: 'run',
    port: 7042,
    logDir: '/l',
    dataDir: '/v',
    debugFlag: 135,
    configPath: '/c',
  });
});

test.each([['-p', '0'], ['-p', 'x'], ['-d', '256'], ['-x'], ['-g']])(
  'what is wrong is said: %s %s',
  (...words) => {
    expect(parseArguments(words.filter((word) => word !== undefined)).kind).toBe('wrong');
  },
);
