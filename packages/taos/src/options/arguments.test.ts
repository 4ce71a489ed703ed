/** The command line as argp reads it. */
import { expect, test } from 'vitest';
import { parseArguments } from './arguments.ts';

const base = {
  user: 'root',
  password: 'taosdata',
  threads: 5,
  packetBytes: 1000,
  isCheck: false,
  isDump: false,
  isRawTime: false,
  isStrict: false,
};

test.each([
  ['', {}],
  ['-h h1 -P 6130', { host: 'h1', port: 6130 }],
  ['-hh1 -P6130', { host: 'h1', port: 6130 }],
  ['--host=h1 --port 6130', { host: 'h1', port: 6130 }],
  ['-usys -psecret', { user: 'sys', password: 'secret' }],
  ['-p -d db', { password: { ask: true }, database: 'db' }],
  ['--password=a=b', { password: 'a=b' }],
  ['--password', { password: { ask: true } }],
  ['-rs quit', { isRawTime: true, commands: 'quit' }],
  ['-f x.sql --strict', { file: 'x.sql', isStrict: true }],
  ['-D dump -T 8', { directory: 'dump', threads: 8 }],
  [
    '-n startup -l 100 -t Asia/Shanghai',
    { netRole: 'startup', packetBytes: 100, timezone: 'Asia/Shanghai' },
  ],
  ['-k 1 -c /x -C', { isCheck: true, configPath: '/x', isDump: true }],
])('taos %s', (words, expected) => {
  const command = parseArguments(words.split(' ').filter((word) => word !== ''));
  expect(command).toEqual({ kind: 'run', arguments: { ...base, ...expected } });
});

test.each([
  ['-V', { kind: 'version' }],
  ['--help', { kind: 'help' }],
  ['-h h1 -?', { kind: 'help' }],
  ['-x', { kind: 'wrong', text: 'unknown option -x' }],
  ['--hots h1', { kind: 'wrong', text: 'unknown option --hots' }],
  ['-h', { kind: 'wrong', text: 'option -h needs a value' }],
  ['-P 66000', { kind: 'wrong', text: 'option --port wants a number from 1 to 65535, not 66000' }],
  [
    '-n ping',
    { kind: 'wrong', text: 'option --netrole wants client, server, rpc, startup, sync, not ping' },
  ],
  ['--strict=1', { kind: 'wrong', text: 'option --strict takes no value' }],
  ['h1', { kind: 'wrong', text: 'unexpected word h1' }],
  ['-A x', { kind: 'wrong', text: '-A is not supported: use -u and -p' }],
])('taos %s is something else', (words, expected) => {
  expect(parseArguments(words.split(' '))).toEqual(expected);
});
