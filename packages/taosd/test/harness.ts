/**
 * Starts real taosd processes for end-to-end tests: on loopback, in folders of their own, on free ports,
 * stopped by process id. Runs the built program (`dist`).
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import { reservePorts, type PortBlock } from './ports.ts';

const program = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../bin/taosd.mjs');

export interface SqlAnswer {
  readonly status: 'succ' | 'error';
  readonly code?: number;
  readonly desc?: string;
  readonly head?: readonly string[];
  readonly data?: readonly (readonly unknown[])[];
  readonly rows?: number;
}

type Settings = Readonly<Record<string, string | number>>;

/** A port that was free when it was chosen was taken before the server opened it. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

export class Taosd {
  readonly dir = mkdtempSync(path.join(tmpdir(), 'tdnode-'));
  #settings: Settings;
  #ports: PortBlock;
  #hasServed = false;
  #child: ChildProcess | undefined;
  #output = '';

  constructor(settings: Settings, ports: PortBlock) {
    this.#settings = settings;
    this.#ports = ports;
    this.#configure();
  }

  /** serverPort. */
  get port(): number {
    return this.#ports.port;
  }

  get rest(): string {
    return `http://127.0.0.1:${this.port + 11}`;
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
    this.#hasServed = true;
  }

  /** As `start`; who never served takes other ports where a stranger came first. */
  async startSomewhere(): Promise<void> {
    try {
      await this.start();
    } catch (error) {
      if (!(error instanceof PortTakenError) || this.#hasServed) throw error;
      this.#ports.release();
      this.#ports = await reservePorts();
      rmSync(this.dataDir, { recursive: true, force: true });
      this.#configure();
      await this.start();
    }
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
      if (status !== null) throw endedWith(status, this.#output);
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
    this.#ports.release();
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

  /** Changes taos.cfg; the next start reads it. */
  change(settings: Settings): void {
    this.#settings = { ...this.#settings, ...settings };
    this.#configure();
  }

  /** Writes taos.cfg: the settings over what suits tests. */
  #configure(): void {
    const all = {
      fqdn: 'localhost',
      firstEp: `localhost:${this.port}`,
      serverPort: this.port,
      dataDir: this.dataDir,
      logDir: path.join(this.dir, 'log'),
      timezone: 'UTC',
      charset: 'UTF-8',
      restfulRowLimit: 100000,
      monitor: 0,
      ...this.#settings,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name} ${value}`);
    mkdirSync(path.join(this.dir, 'cfg'), { recursive: true });
    writeFileSync(path.join(this.dir, 'cfg/taos.cfg'), `${lines.join('\n')}\n`);
  }
}

function endedWith(status: number, output: string): Error {
  const text = `taosd ended with ${status}: ${output}`;
  return output.includes('is taken by another program')
    ? new PortTakenError(text)
    : new Error(text);
}

/** A taosd with `settings` over the test defaults, not started yet. */
export async function newTaosd(settings: Settings = {}): Promise<Taosd> {
  return new Taosd(settings, await reservePorts());
}

/** A started taosd. */
export async function startTaosd(settings: Settings = {}): Promise<Taosd> {
  const taosd = await newTaosd(settings);
  await taosd.startSomewhere();
  return taosd;
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
