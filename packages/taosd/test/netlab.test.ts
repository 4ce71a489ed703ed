/**
 * The network laboratory that cluster tests stand on: hosts are reached by name, a cut link is silent and heals.
 * Needs root and iproute2; elsewhere it is skipped and says so.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { skipUnless } from './harness.ts';

const netlab = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '../../../scripts/netlab',
);
const env = { ...process.env, LAB: `check${process.pid}` };
const hasTools = process.getuid?.() === 0 && spawnSync('ip', ['netns']).status === 0;

let server: ChildProcess | undefined;
afterAll(() => {
  server?.kill('SIGKILL');
  if (hasTools) lab('down');
});

function lab(...words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(netlab, words, { env, encoding: 'utf8' });
  expect(status, `${words.join(' ')}: ${stderr}`).toBe(0);
  return stdout;
}

const listen = `require('net').createServer((s) => s.end('reached')).listen(9000, () => console.log('up'))`;
const connect = `const s = require('net').connect({ host: 'hadoop2', port: 9000, timeout: 1000 });
s.on('data', (d) => process.stdout.write(d)).on('error', () => {}).on('timeout', () => s.destroy())`;

/** What a client on the first host hears from the second: `reached`, or nothing. */
function heard(): string {
  return lab('exec', 'hadoop1', process.execPath, '-e', connect);
}

test('hosts by name, a link that is cut and healed', async (context) => {
  skipUnless(context, hasTools, 'network namespaces need root and iproute2');
  expect(lab('up', '2')).toBe('hadoop1 192.168.169.131\nhadoop2 192.168.169.132\n');
  expect(lab('exec', 'hadoop2', 'hostname').trim()).toBe('hadoop2');
  server = spawn(netlab, ['exec', 'hadoop2', process.execPath, '-e', listen], { env });
  await new Promise((resolve) => server!.stdout!.once('data', resolve));
  expect(heard()).toBe('reached');
  lab('cut', 'hadoop1', 'hadoop2');
  expect(heard()).toBe('');
  lab('heal');
  expect(heard()).toBe('reached');
  lab('isolate', 'hadoop2');
  expect(heard()).toBe('');
  lab('rejoin', 'hadoop2');
  expect(heard()).toBe('reached');
});
