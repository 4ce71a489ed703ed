/**
 * The way onto a host: scripts/install.sh into a folder, the services it brings, scripts/taosd.sh where no service manager is,
 * scripts/cluster.sh, and the image's entrypoint. Real processes of the installed copy; nothing outside the test's folder changes.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { skipUnless } from './harness.ts';
import { reservePorts, type PortBlock } from './ports.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const dir = mkdtempSync(path.join(tmpdir(), 'tdnode-host-'));
const staged = path.join(dir, 'staged');
const installed = path.join(staged, 'usr/local/taos/bin');
let ports: PortBlock;

interface Ended {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a program to its end. */
function run(program: string, words: readonly string[], env: NodeJS.ProcessEnv = {}): Ended {
  const { status, stdout, stderr } = spawnSync(program, words, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: 120_000,
  });
  return { status, output: `${stdout}${stderr}` };
}

const script = (name: string): string => path.join(root, 'scripts', name);
const has = (program: string): boolean => spawnSync('which', [program]).status === 0;

/** A folder with a taos.cfg for one dnode on loopback. */
function configured(name: string, lines: Readonly<Record<string, string | number>> = {}): string {
  const home = path.join(dir, name);
  mkdirSync(path.join(home, 'data'), { recursive: true });
  const all = {
    fqdn: 'localhost',
    firstEp: `localhost:${ports.port}`,
    serverPort: ports.port,
    dataDir: path.join(home, 'data'),
    logDir: path.join(home, 'log'),
    ...lines,
  };
  const text = Object.entries(all).map(([key, value]) => `${key} ${value}\n`);
  writeFileSync(path.join(home, 'taos.cfg'), text.join(''));
  return home;
}

beforeAll(async () => {
  ports = await reservePorts();
  const options = ['-y', '--first-ep', 'hadoop1', '--fqdn', 'hadoop2', '--destdir', staged];
  const { status, output } = run(script('install.sh'), options);
  expect(status, output).toBe(0);
});

afterAll(() => {
  ports.release();
  rmSync(dir, { recursive: true, force: true });
});

test('what is installed runs without the checkout, and has no tools of development', () => {
  expect(run(path.join(staged, 'usr/bin/taosd'), ['-V']).output).toContain('2.1.2.0');
  const modules = readdirSync(path.join(staged, 'usr/local/taos/node_modules'));
  expect(modules).toContain('fastify');
  for (const tool of ['typescript', 'vitest', 'oxlint']) expect(modules).not.toContain(tool);
});

test('the configuration names the cluster and this host, and a second install keeps it', () => {
  const file = path.join(staged, 'etc/taos/taos.cfg');
  const text = readFileSync(file, 'utf8');
  expect(text).toMatch(/^firstEp +hadoop1:6030$/m);
  expect(text).toMatch(/^fqdn +hadoop2$/m);
  writeFileSync(file, `${text}# mine\n`);
  expect(run(script('install.sh'), ['-y', '--destdir', staged]).output).toContain(`kept ${file}`);
  expect(readFileSync(file, 'utf8')).toBe(`${text}# mine\n`);
});

test.each(['taosd', 'tarbitratord'])('%s.service is a unit that systemd takes', (name) => {
  const unit = readFileSync(script(`service/${name}.service`), 'utf8');
  expect(unit).toMatch(/^ExecStart=\/usr\/local\/taos\/bin\//m);
  const file = path.join(dir, `${name}.service`);
  writeFileSync(file, unit.replace('=/usr/local/taos', `=${staged}/usr/local/taos`));
  const { status, output } = run('systemd-analyze', ['verify', file]);
  expect(output.split('\n').filter((line) => line.includes(name))).toEqual([]);
  expect(status).toBe(0);
});

test('a dropped dnode is not started again', () => {
  expect(readFileSync(script('service/taosd.service'), 'utf8')).toMatch(
    /^RestartPreventExitStatus=78$/m,
  );
});

test('taosd.sh: start, start again, status, stop, status', () => {
  const home = configured('plain');
  const taosdSh = path.join(installed, 'taosd.sh');
  const call = (action: string): Ended => run(taosdSh, [action, '-c', home]);
  expect(call('status')).toEqual({ status: 3, output: 'taosd does not run\n' });
  const begun = call('start');
  expect(begun.output).toMatch(/^taosd started \(process \d+, localhost:\d+\)\n$/);
  try {
    expect(call('start').output).toContain('runs already');
    expect(call('status')).toMatchObject({ status: 0, output: expect.stringContaining('ready') });
    const other = run(taosdSh, ['start', '-c', configured('other')]);
    expect(other).toMatchObject({ status: 1, output: expect.stringContaining('another server') });
    expect(call('restart').output).toMatch(/stopped\n.*started/s);
  } finally {
    expect(call('stop')).toEqual({ status: 0, output: 'taosd stopped\n' });
  }
  expect(call('status').status).toBe(3);
});

test('taosd.sh: a server that cannot start says why, and so does the script', () => {
  const home = configured('wrong', { fqdn: 'no.such.host.invalid' });
  const { status, output } = run(path.join(installed, 'taosd.sh'), ['start', '-c', home]);
  expect(status).toBe(1);
  expect(output).toContain('did not start');
  expect(output).toContain('no.such.host.invalid');
});

test('the scripts have no findings', (context) => {
  skipUnless(context, has('shellcheck'), 'shellcheck is not installed');
  const scripts = readdirSync(script('.')).filter((name) => name.endsWith('.sh'));
  const files = [...scripts.map((name) => script(name)), path.join(root, 'docker/entrypoint.sh')];
  expect(run('shellcheck', files)).toEqual({ status: 0, output: '' });
});

test('cluster.sh: two dnodes, one away and back, all down', async () => {
  const folder = path.join(dir, 'cluster');
  const env = { FOLDER: folder, PORT: String(ports.port) };
  const call = (...words: string[]): Ended => run(script('cluster.sh'), words, env);
  try {
    const up = call('up', '2', 'monitor=0');
    expect(up.status, up.output).toBe(0);
    expect(up.output).toMatch(/^2 +localhost:\d+ +http:\/\/localhost:\d+ +\d+ /m);
    expect(up.output.match(/\| ready +\|/g)?.length, up.output).toBe(2);
    expect(call('stop', '2').output).toContain('taosd stopped');
    expect(call('status').output).toMatch(/^2 .* stopped /m);
    expect(call('start', '2').output).toContain('taosd started');
  } finally {
    expect(call('down', '--purge').output).toContain(`removed ${folder}`);
  }
});
