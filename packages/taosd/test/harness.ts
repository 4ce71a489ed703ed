/**
 * Starts real taosd processes for end-to-end tests: on loopback, in folders of their own, on free ports,
 * stopped by process id. Runs the built program (`dist`).
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';

const program = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../bin/taosd.mjs');

export interface SqlAnswer {
  readonly status: 'succ' | 'error';
  readonly code?: number;
  readonly desc?: string;
  readonly head?: readonly string[];
  readonly data?: readonly (readonly unknown[])[];
  readonly rows?: number;
}

export class Taosd {
  readonly dir: string;
  readonly port: number;
  readonly rest: string;
  #child: ChildProcess | undefined;
  #output = '';

  constructor(dir: string, port: number) {
    this.dir = dir;
    this.port = port;
    this.rest = `http://127.0.0.1:${port + 11}`;
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('taosd does not run');
    return this.#child.pid;
  }

  /** What the process printed so far. */
  get output(): string {
    return this.#output;
  }

  get dataDir(): string {
    return path.join(this.dir, 'data');
  }

  /** Starts the process, behind the words of `wrapper` if any, and waits until it answers SQL. */
  async start(wrapper: readonly string[] = []): Promise<void> {
    this.launch(wrapper);
    await this.untilServing();
  }

  /** Starts the process. */
  launch(wrapper: readonly string[] = []): void {
    const words = [...wrapper, process.execPath, program, '-c', path.join(this.dir, 'cfg')];
    const child = spawn(words[0]!, words.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#output = '';
    child.stdout.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
  }

  /** Resolves when it answers SQL. */
  async untilServing(): Promise<void> {
    for (let i = 0; i < 600; i++) {
      const status = this.#child?.exitCode ?? null;
      if (status !== null) throw new Error(`taosd ended with ${status}: ${this.#output}`);
      const answer = await this.sql('select server_status()').catch(() => undefined);
      if (answer?.status === 'succ') return;
      await pause(50);
    }
    throw new Error(`taosd does not answer: ${this.#output}`);
  }

  /** Resolves with the exit code when the process ends by itself. */
  async ended(): Promise<number | null> {
    const child = this.#child;
    if (child === undefined) throw new Error('taosd does not run');
    if (child.exitCode !== null) return child.exitCode;
    return new Promise((resolve) => child.once('exit', resolve));
  }

  /** Sends a signal and waits for the end; returns the exit code (null: ended by the signal). */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const code = await ended;
    this.#child = undefined;
    return code;
  }

  /** Stops the process if it runs and removes its folder. */
  async dispose(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Sends one statement; resolves with the JSON answer, rejects when the connection fails. */
  async sql(text: string, url = '/rest/sql'): Promise<SqlAnswer> {
    const answer = await fetch(this.rest + url, {
      method: 'POST',
      body: text,
      headers: { authorization: `Basic ${Buffer.from('root:taosdata').toString('base64')}` },
    });
    return (await answer.json()) as SqlAnswer;
  }

  /** The last lines of the log, for failures. */
  logTail(lines = 30): string {
    try {
      return readFileSync(path.join(this.dir, 'log/taosdlog.0'), 'utf8')
        .split('\n')
        .slice(-lines)
        .join('\n');
    } catch (error) {
      return String(error);
    }
  }
}

/** A taosd with `settings` over the test defaults, not started yet. */
export async function newTaosd(settings: Record<string, string | number> = {}): Promise<Taosd> {
  const dir = mkdtempSync(path.join(tmpdir(), 'tdnode-'));
  const port = await freePorts();
  mkdirSync(path.join(dir, 'cfg'));
  const all: Record<string, string | number> = {
    fqdn: 'localhost',
    firstEp: `localhost:${port}`,
    serverPort: port,
    dataDir: path.join(dir, 'data'),
    logDir: path.join(dir, 'log'),
    timezone: 'UTC',
    charset: 'UTF-8',
    restfulRowLimit: 100000,
    monitor: 0,
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} ${value}`);
  writeFileSync(path.join(dir, 'cfg/taos.cfg'), `${lines.join('\n')}\n`);
  return new Taosd(dir, port);
}

/** A started taosd. */
export async function startTaosd(settings: Record<string, string | number> = {}): Promise<Taosd> {
  const taosd = await newTaosd(settings);
  await taosd.start();
  return taosd;
}

/** A serverPort whose three ports (cluster, replication, REST) are free. */
async function freePorts(): Promise<number> {
  for (let i = 0; i < 100; i++) {
    const port = 10_000 + Math.floor(Math.random() * 22_000); // below the ephemeral ports
    const free = await Promise.all([port, port + 10, port + 11].map(isFree));
    if (free.every(Boolean)) return port;
  }
  throw new Error('no free ports');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Skips the running test where the machine does not allow it; `npm test` prints why. */
export function skipUnless({ task, skip }: TestContext, isPossible: boolean, why: string): void {
  if (isPossible) return;
  Object.assign(task.meta, { why });
  skip(why);
}
