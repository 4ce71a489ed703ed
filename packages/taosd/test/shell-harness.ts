/**
 * The program `taos` under test: run to its end with pipes, or at a terminal that `script` (bsdutils, on every Debian)
 * makes for it. Homes are of the test's own, so that nobody's history is touched.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Taosd } from './harness.ts';

const program = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '../../taos/bin/taos.mjs',
);

/** How long a terminal may stay silent. */
const PATIENCE_MS = 20_000;

/** What a run left behind. */
export interface Run {
  readonly out: string;
  readonly err: string;
  readonly status: number | null;
}

/** A user of shells: a home folder, and whom it talks to. */
export class ShellUser {
  readonly home = mkdtempSync(path.join(tmpdir(), 'tdnode-home-'));
  readonly #config: string;
  readonly #terminals: Terminal[] = [];

  constructor(taosd: Taosd) {
    this.#config = path.join(taosd.dir, 'cfg');
  }

  /** Runs `taos` with `words`, and `input` as standard input if any. */
  async run(words: readonly string[], input = ''): Promise<Run> {
    const child = spawn(process.execPath, [program, ...this.#words(words)], { env: this.#env() });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.stdin.end(input);
    const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { out, err, status };
  }

  /** Opens `taos` at a terminal of 160 columns. */
  open(words: readonly string[] = []): Terminal {
    const quoted = [process.execPath, program, ...this.#words(words)].map((word) => `'${word}'`);
    const command = `stty cols 160 rows 40; exec ${quoted.join(' ')}`;
    const env = { ...this.#env(), TERM: 'xterm', SHELL: '/bin/sh' };
    const terminal = new Terminal(spawn('script', ['-qfec', command, '/dev/null'], { env }));
    this.#terminals.push(terminal);
    return terminal;
  }

  dispose(): void {
    for (const terminal of this.#terminals) terminal.kill();
    rmSync(this.home, { recursive: true, force: true });
  }

  #words(words: readonly string[]): readonly string[] {
    return words.includes('-c') ? words : ['-c', this.#config, ...words];
  }

  #env(): NodeJS.ProcessEnv {
    return { ...process.env, HOME: this.home, TZ: 'UTC' };
  }
}

/** A person at a terminal. */
export class Terminal {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<number | null>;
  #out = '';
  #read = 0;
  #wake: (() => void) | undefined;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('close', resolve));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#out += text;
      this.#wake?.();
    });
    void this.#ended.then(() => this.#wake?.());
  }

  /** Types keys. Tab is to come alone: readline takes it for a pasted one otherwise. */
  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  /** Types a line and Enter, waits for `answer` and the next prompt; returns what stood between. */
  async enter(line: string, answer = 'Query OK'): Promise<string> {
    this.type(`${line}\r`);
    const before = await this.until(answer);
    return before + answer + (await this.until('taos> '));
  }

  /** Waits until `text` appears behind what was waited for last; returns what stood before it, plain. */
  async until(text: string): Promise<string> {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const at = this.#out.indexOf(text, this.#read);
      if (at >= 0) {
        const before = this.#out.slice(this.#read, at);
        this.#read = at + text.length;
        return plain(before);
      }
      if (Date.now() > end || this.#child.exitCode !== null) {
        const seen = JSON.stringify(this.#out.slice(this.#read).slice(-2000));
        throw new Error(`the terminal does not show ${JSON.stringify(text)}, but ${seen}`);
      }
      await this.#more(end - Date.now());
    }
  }

  /** Resolves with the exit status. */
  ended(): Promise<number | null> {
    return this.#ended;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #more(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Without the sequences that move the cursor and switch modes. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/\x1b\[[?\d;]*[a-zA-Z]/g, '').replaceAll('\r\n', '\n');
}
