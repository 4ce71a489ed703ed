/**
 * Real taosd processes on hosts of their own (scripts/netlab): separate names, addresses and cables on one machine.
 * The test cannot reach the hosts by network, so statements are sent by a small program on a host.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { SqlAnswer } from './harness.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const netlab = path.resolve(here, '../../../scripts/netlab');
const program = path.resolve(here, '../bin/taosd.mjs');
const client = path.resolve(here, 'lab-client.mjs');

/** Whether network namespaces can be made here. */
export const hasLab = process.getuid?.() === 0 && spawnSync('ip', ['netns']).status === 0;

/** Hosts `hadoop1`, `hadoop2`, …; end it by `dispose`, whatever happens. */
export class Lab {
  readonly hosts: LabHost[];
  /** What the names of its namespaces begin with. */
  readonly name: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #dir = mkdtempSync(path.join(tmpdir(), 'tdnode-lab-'));

  constructor(name: string, size: number, settings: Record<string, string | number> = {}) {
    this.name = `${name}${process.pid}`;
    this.#env = { ...process.env, LAB: this.name };
    this.run('up', String(size));
    this.hosts = Array.from({ length: size }, (_, i) => {
      const host = `hadoop${i + 1}`;
      return new LabHost(host, path.join(this.#dir, host), this.#env, settings);
    });
  }

  /** One command of netlab. */
  run(...words: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync(netlab, words, {
      env: this.#env,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`netlab ${words.join(' ')}: ${stderr}`);
    return stdout;
  }

  async dispose(): Promise<void> {
    try {
      await Promise.all(this.hosts.map((host) => host.dispose()));
    } finally {
      this.run('down');
      rmSync(this.#dir, { recursive: true, force: true });
    }
  }
}

/** What a load did until it was stopped. */
export interface LoadResult {
  readonly statements: number;
  readonly failures: readonly string[];
  /** The longest time between two answers without an error, ms. */
  readonly longestPauseMs: number;
  /** Rows that were acknowledged. */
  readonly rows: number;
}

/** The program on a host that sends statements. */
interface Asker {
  readonly stdin: Writable;
  readonly answers: AsyncIterator<string>;
}

/** One host with a taosd. */
export class LabHost {
  readonly name: string;
  readonly #dir: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #clients: ChildProcess[] = [];
  #server: ChildProcess | undefined;
  #asker: Asker | undefined;
  /** Ends when the last statement is answered. */
  #asked: Promise<unknown> = Promise.resolve();
  #output = '';

  constructor(
    name: string,
    dir: string,
    env: NodeJS.ProcessEnv,
    settings: Record<string, string | number>,
  ) {
    this.name = name;
    this.#dir = dir;
    this.#env = env;
    mkdirSync(path.join(dir, 'cfg'), { recursive: true });
    const all = {
      fqdn: name,
      firstEp: 'hadoop1:6030',
      serverPort: 6030,
      dataDir: path.join(dir, 'data'),
      logDir: path.join(dir, 'log'),
      monitor: 0,
      timezone: 'UTC',
      charset: 'UTF-8',
      ...settings,
    };
    const lines = Object.entries(all).map(([key, value]) => `${key} ${value}`);
    writeFileSync(path.join(dir, 'cfg/taos.cfg'), `${lines.join('\n')}\n`);
  }

  get dataDir(): string {
    return path.join(this.#dir, 'data');
  }

  get output(): string {
    return this.#output;
  }

  /** Starts taosd on this host. */
  launch(): void {
    const child = this.#spawn(program, '-c', path.join(this.#dir, 'cfg'));
    this.#server = child;
    this.#output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
  }

  get isRunning(): boolean {
    const child = this.#server;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Resolves with the exit status when taosd ends. */
  async ended(): Promise<number | null> {
    const child = this.#server;
    if (child === undefined) throw new Error('taosd does not run');
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    return new Promise((resolve) => child.once('exit', resolve));
  }

  /** Ends taosd. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    const child = this.#server;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = this.ended();
    child.kill(signal);
    await ended;
  }

  /** Sends a statement from this host to its own taosd; an error where nothing answers. */
  async sql(text: string): Promise<SqlAnswer> {
    const turn = this.#asked.then(async () => {
      this.#asker ??= this.#newAsker();
      this.#asker.stdin.write(`${JSON.stringify(text)}\n`);
      const { value, done } = await this.#asker.answers.next();
      if (done === true) throw new Error(`the client on ${this.name} ended`);
      return JSON.parse(value) as SqlAnswer;
    });
    this.#asked = turn.catch(() => undefined);
    return turn;
  }

  #newAsker(): Asker {
    const { stdin, stdout } = this.start(client, 'sql');
    if (stdin === null || stdout === null) throw new Error('the client has no pipes');
    return { stdin, answers: createInterface({ input: stdout })[Symbol.asyncIterator]() };
  }

  /** Begins to send statements from this host, one after the other; the returned function ends that. */
  load(kind: 'write' | 'read', table: string): () => Promise<LoadResult> {
    const child = this.start(client, kind, table);
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const closed = new Promise((resolve) => child.once('close', resolve));
    return async () => {
      child.kill('SIGTERM');
      await closed;
      return JSON.parse(output) as LoadResult;
    };
  }

  /** Starts a program of Node's on this host; it ends with the laboratory. */
  start(script: string, ...words: readonly string[]): ChildProcess {
    const child = this.#spawn(script, ...words);
    this.#clients.push(child);
    return child;
  }

  /** The last lines of the log. */
  logTail(lines = 40): string {
    const text = readFileSync(path.join(this.#dir, 'log/taosdlog.0'), 'utf8');
    return text.split('\n').slice(-lines).join('\n');
  }

  async dispose(): Promise<void> {
    for (const child of this.#clients) child.kill('SIGKILL');
    await this.stop('SIGKILL');
  }

  /** netlab's `exec` becomes the program it runs: signals reach it. */
  #spawn(script: string, ...words: readonly string[]): ChildProcess {
    return spawn(netlab, ['exec', this.name, process.execPath, script, ...words], {
      env: this.#env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  }
}
