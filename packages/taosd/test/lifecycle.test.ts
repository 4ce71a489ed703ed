/** Starting, stopping and refusing to start, as a user at a terminal meets them. Real processes. */
import { spawn } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { newTaosd, startTaosd, type Taosd } from './harness.ts';

const program = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../bin/taosd.mjs');
const started: Taosd[] = [];

afterEach(async () => {
  for (const taosd of started.splice(0)) await taosd.dispose();
});

function keep(taosd: Taosd): Taosd {
  started.push(taosd);
  return taosd;
}

/** Runs taosd to its end; it must end by itself. */
function run(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const giveUp = setTimeout(() => child.kill('SIGKILL'), 20_000);
  return new Promise((resolve) => {
    child.once('close', (code) => {
      clearTimeout(giveUp);
      resolve({ code, output });
    });
  });
}

const cfg = (taosd: Taosd): string => path.join(taosd.dir, 'cfg');

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends it with 0, and what was written is there',
  async (signal) => {
    const taosd = keep(await startTaosd());
    await taosd.sql('create database d');
    await taosd.sql('create table d.t (ts timestamp, v int)');
    await taosd.sql('insert into d.t values (now, 1)');
    expect(await taosd.stop(signal)).toBe(0);
    await taosd.start();
    expect((await taosd.sql('select count(*) from d.t')).data).toEqual([[1]]);
  },
);

test('a second taosd on the same data says so and ends', async () => {
  const taosd = keep(await startTaosd());
  const other = keep(await newTaosd({ dataDir: taosd.dataDir }));
  const { code, output } = await run(['-c', cfg(other)]);
  expect(code).not.toBe(0);
  expect(output).toContain(taosd.dataDir);
  expect((await taosd.sql('show databases')).status).toBe('succ');
});

test('kill -9 leaves no lock behind', async () => {
  const taosd = keep(await startTaosd());
  await taosd.stop('SIGKILL');
  await taosd.start();
  expect((await taosd.sql('show dnodes')).status).toBe('succ');
});

test('a port that is taken is named', async () => {
  const taosd = keep(await newTaosd());
  const squatter = createServer().listen(taosd.port + 11, '0.0.0.0');
  await new Promise((resolve) => squatter.once('listening', resolve));
  const { code, output } = await run(['-c', cfg(taosd)]);
  squatter.close();
  expect(code).not.toBe(0);
  expect(output).toContain(String(taosd.port + 11));
});

test('an fqdn that does not resolve is named', async () => {
  const taosd = keep(await newTaosd({ fqdn: 'no-such-host.invalid' }));
  const { code, output } = await run(['-c', cfg(taosd)]);
  expect(code).not.toBe(0);
  expect(output).toContain('no-such-host.invalid');
});

test('a folder that cannot be made is named', async () => {
  const taosd = keep(await newTaosd());
  const below = path.join(cfg(taosd), 'taos.cfg', 'data');
  const other = keep(await newTaosd({ dataDir: below }));
  const { code, output } = await run(['-c', cfg(other)]);
  expect(code).not.toBe(0);
  expect(output).toContain(below);
});

test('an unknown parameter is a warning, a wrong type refuses to start', async () => {
  const taosd = keep(await newTaosd());
  appendFileSync(path.join(cfg(taosd), 'taos.cfg'), 'maxVgroupPerDb 4\nblocks 2\n');
  await taosd.start();
  expect(taosd.output).toMatch(/maxVgroupPerDb.*maxVgroupsPerDb/s);
  expect(taosd.output).toMatch(/blocks/);
  await taosd.stop();
  appendFileSync(path.join(cfg(taosd), 'taos.cfg'), 'cache many\n');
  const { code, output } = await run(['-c', cfg(taosd)]);
  expect(code).not.toBe(0);
  expect(output).toMatch(/taos\.cfg.*cache.*many/s);
});

test('-V and -C print and end with 0', async () => {
  const taosd = keep(await newTaosd());
  const version = await run(['-V']);
  expect(version.code).toBe(0);
  expect(version.output).toContain('2.1.2.0');
  const dump = await run(['-c', cfg(taosd), '-C']);
  expect(dump.code).toBe(0);
  expect(dump.output).toMatch(new RegExp(`serverPort:\\s+${taosd.port}`));
});

test('-C shows what it warns of, and refuses a wrong type', async () => {
  const taosd = keep(await newTaosd({ maxVgroupPerDb: 4, days: 100_000 }));
  const dump = await run(['-c', cfg(taosd), '-C']);
  expect(dump.code).toBe(0);
  expect(dump.output).toMatch(/warning: .*taos\.cfg:\d+: maxVgroupPerDb 4: .*maxVgroupsPerDb/u);
  expect(dump.output).toMatch(/warning: .*taos\.cfg:\d+: days 100000: .*default 10 stays/u);
  expect(dump.output).toMatch(/days:\s+10\b/u);
  appendFileSync(path.join(cfg(taosd), 'taos.cfg'), 'cache many\n');
  const wrong = await run(['-c', cfg(taosd), '-C']);
  expect(wrong.code).not.toBe(0);
  expect(wrong.output).toMatch(/error: .*cache many/u);
});

test('SIGUSR1 makes the log verbose, SIGUSR2 begins a new file; neither stops the server', async () => {
  const taosd = keep(await startTaosd({ asyncLog: 0 }));
  const log = (turn: 0 | 1): string =>
    readFileSync(path.join(taosd.dir, `log/taosdlog.${turn}`), 'utf8');
  process.kill(taosd.pid, 'SIGUSR1');
  await vi.waitFor(() => expect(log(0)).toContain('debugFlag is 143'), { timeout: 10_000 });
  process.kill(taosd.pid, 'SIGUSR2');
  await vi.waitFor(() => expect(log(1)).toContain('SIGUSR2 received'), { timeout: 10_000 });
  expect(taosd.output).not.toContain('Debugger');
  expect((await taosd.sql('show dnodes')).status).toBe('succ');
});

test('no configuration file, no start', async () => {
  const taosd = keep(await newTaosd());
  const empty = path.join(taosd.dir, 'none');
  mkdirSync(empty);
  chmodSync(empty, 0o700);
  rmSync(empty, { recursive: true });
  const { code, output } = await run(['-c', empty]);
  expect(code).not.toBe(0);
  expect(output).toContain(empty);
});
