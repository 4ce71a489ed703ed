/**
 * The image's entrypoint, without an engine: on four hosts of a lab, with an environment as docker/docker-compose.yml gives it. Three
 * dnodes find each other by themselves, the arbitrator is seen, a container made anew on its volume is the same dnode.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pause, skipUnless } from './harness.ts';
import { hasLab } from './lab.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const netlab = path.join(root, 'scripts/netlab');
const entrypoint = path.join(root, 'docker/entrypoint.sh');
const dir = mkdtempSync(path.join(tmpdir(), 'tdnode-container-'));
const containers = new Map<string, ChildProcess>();
const base: NodeJS.ProcessEnv = {
  ...process.env,
  LAB: `box${process.pid}`,
  PATH: `${path.join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
};

function lab(...words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(netlab, words, { env: base, encoding: 'utf8' });
  if (status !== 0) throw new Error(`netlab ${words.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** Starts the container of one host, on its volumes. */
function start(host: string, program: readonly string[] = ['taosd']): void {
  const volume = path.join(dir, host);
  mkdirSync(path.join(volume, 'data'), { recursive: true });
  const env = {
    ...base,
    TAOS_CFG_DIR: path.join(volume, 'etc'),
    TAOS_FQDN: host,
    TAOS_FIRST_EP: 'hadoop1', // a port may be left out
    TAOS_ARBITRATOR: 'hadoop4:6042',
    TAOS_CLUSTER_SECRET: 'of this test',
    TAOS_DATA_DIR: path.join(volume, 'data'),
    TAOS_LOG_DIR: path.join(volume, 'log'),
    TAOS_MINIMAL_LOG_DIR_G_B: '0.01',
    TAOS_MONITOR: '0',
  };
  const child = spawn(netlab, ['exec', host, entrypoint, ...program], { env, stdio: 'ignore' });
  containers.set(host, child);
}

/** Stops a container as an engine does; resolves with its exit status. */
async function stop(host: string): Promise<number | null> {
  const child = containers.get(host)!;
  containers.delete(host);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  return ended;
}

/** What the shell on the first host prints, an error too. */
function shell(sql: string): string {
  const words = ['exec', 'hadoop1', 'taos', '-h', 'hadoop1', '-s', sql];
  const { stdout, stderr } = spawnSync(netlab, words, { env: base, encoding: 'utf8' });
  return `${stdout}${stderr}`;
}

/** Until the shell prints what is asked for; a cluster that comes up answers errors meanwhile. */
async function untilShown(sql: string, isShown: (text: string) => boolean): Promise<string> {
  let text = '';
  for (let i = 0; i < 150; i++) {
    text = shell(sql);
    if (isShown(text)) return text;
    await pause(200);
  }
  throw new Error(`not shown: ${text}`);
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

beforeAll(() => {
  if (hasLab) lab('up', '4');
});
afterAll(async () => {
  await Promise.all([...containers.keys()].map((host) => stop(host)));
  if (hasLab) lab('down');
  rmSync(dir, { recursive: true, force: true });
});

test('three dnodes and an arbitrator come up as one cluster', async (context) => {
  skipUnless(context, hasLab, 'network namespaces need root and iproute2');
  const volume = path.join(dir, 'hadoop4');
  start('hadoop4', [
    'tarbitrator',
    '-g',
    path.join(volume, 'log'),
    '-D',
    path.join(volume, 'data'),
  ]);
  for (const host of ['hadoop1', 'hadoop2', 'hadoop3']) start(host);
  const shown = await untilShown('show dnodes', (text) => count(text, /\| ready /g) === 4);
  expect(shown).toMatch(/hadoop4:6042 .* arb /);
  const taosCfg = lab('exec', 'hadoop2', 'taos', '-h', 'hadoop1', '-s', 'show variables');
  expect(taosCfg).toMatch(/minimalLogDirGB +\| *0\.01/);
});

test('a container made anew on its volume is the same dnode', async (context) => {
  skipUnless(context, hasLab, 'network namespaces need root and iproute2');
  const file = path.join(dir, 'hadoop2/data/dnode/dnodeCfg.json');
  const identity = readFileSync(file, 'utf8');
  expect(await stop('hadoop2')).toBe(0);
  await untilShown('show dnodes', (text) => /hadoop2:6030 .*\| offline /.test(text));
  start('hadoop2');
  await untilShown('show dnodes', (text) => /hadoop2:6030 .*\| ready /.test(text));
  expect(readFileSync(file, 'utf8')).toBe(identity);
});
