/**
 * Hosts of a lab (scripts/netlab) that are machines of their own for whoever types there: beside name and address each has
 * its own files, laid over this machine's (what it writes to /etc, /usr, /var is seen by nobody else and goes with it), and its
 * own processes, which end with it. So a program may be installed on it as an administrator would.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const netlab = path.join(root, 'scripts/netlab');

/** Run as the first process of a machine: its files, then nothing but fetching the exit status of who has no parent. `$1`: its folder; `$2`: this checkout. */
const INIT = `set -e
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/changed,workdir=$1/work" "$1/root"
mount -t proc proc "$1/root/proc"
mount --rbind /sys "$1/root/sys"
mount --rbind /dev "$1/root/dev"
if [ ! -e "$1/root$2/package.json" ]; then
  mkdir -p "$1/root$2"
  mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/checkout,workdir=$1/checkout-work" "$1/root$2"
fi
mkdir -p "$1/root$2/var"
mount -t tmpfs tmpfs "$1/root$2/var"
echo up
while :; do sleep 3600 & wait $!; done`;

/** Whether overlays can be mounted here, which needs root. */
export function hasOverlays(): boolean {
  const dir = mkdtempSync(path.join(tmpdir(), 'tdnode-overlay-'));
  for (const name of ['changed', 'work', 'root']) mkdirSync(path.join(dir, name));
  const options = `lowerdir=/,upperdir=${dir}/changed,workdir=${dir}/work`;
  const mount = ['mount', '-t', 'overlay', 'overlay', '-o', options, `${dir}/root`];
  const { status } = spawnSync('unshare', ['--mount', ...mount]);
  rmSync(dir, { recursive: true, force: true });
  return status === 0;
}

/** What a command on a machine did. */
export interface Ended {
  readonly status: number | null;
  /** Both streams, as a terminal would show them. */
  readonly output: string;
}

/** Machines `hadoop1`, `hadoop2`, …; end them by `dispose`, whatever happens. */
export class Machines {
  readonly #env: NodeJS.ProcessEnv;
  #dir = '';
  readonly #first = new Map<string, ChildProcess>();

  constructor(name: string) {
    this.#env = { ...process.env, LAB: `${name}${process.pid}` };
  }

  /** Switches `size` machines on. */
  async start(size: number): Promise<void> {
    this.#dir = mkdtempSync(path.join(tmpdir(), 'tdnode-machines-'));
    this.#netlab('up', String(size));
    for (let i = 1; i <= size; i++) await this.#boot(`hadoop${i}`);
  }

  /** Runs a line of bash on a machine, in this checkout, whose `var` begins empty. */
  run(host: string, line: string): Ended {
    const first = this.#first.get(host);
    if (first?.pid === undefined) throw new Error(`there is no machine ${host}`);
    const pid = readFileSync(`/proc/${first.pid}/task/${first.pid}/children`, 'utf8').trim();
    const enter = ['--target', pid, '--mount', '--uts', '--net', '--pid'];
    const words = [...enter, 'chroot', this.#folder(host, 'root'), 'bash', '-c'];
    // One pipe for both streams keeps their order.
    const script = `exec 2>&1; cd '${root}'; PATH=$PATH:$PWD/node_modules/.bin; ${line}`;
    const { status, stdout } = spawnSync('nsenter', [...words, script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 120_000,
    });
    return { status, output: stdout };
  }

  /** Replaces lines of a file whose first word is that of one of `lines`, or adds them at the end. */
  configure(host: string, file: string, lines: readonly string[]): void {
    const before = this.run(host, `cat ${file}`);
    if (before.status !== 0) throw new Error(before.output);
    const names = new Set(lines.map((line) => line.split(/\s/u)[0]));
    const kept = before.output.split('\n').filter((line) => !names.has(line.split(/\s/u)[0]));
    const text = [...kept, ...lines, ''].join('\n');
    const written = this.run(host, `cat >${file} <<'END'\n${text}END`);
    if (written.status !== 0) throw new Error(written.output);
  }

  /** Ends all processes of all machines and removes their files. */
  async dispose(): Promise<void> {
    const ended = [...this.#first.values()].map(async (first) => {
      const exit = new Promise((resolve) => first.once('exit', resolve));
      first.kill('SIGKILL');
      await exit;
    });
    await Promise.all(ended);
    this.#netlab('down');
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #boot(host: string): Promise<void> {
    for (const name of ['changed/etc', 'work', 'checkout', 'checkout-work', 'root'])
      mkdirSync(this.#folder(host, name), { recursive: true });
    writeFileSync(this.#folder(host, 'changed/etc/hosts'), '127.0.0.1 localhost\n');
    const isolated = ['unshare', '--pid', '--fork', '--kill-child', 'bash', '-c', INIT];
    const words = ['exec', host, ...isolated, 'init', this.#folder(host), root];
    const first = spawn(netlab, words, { env: this.#env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#first.set(host, first);
    await new Promise<void>((resolve, reject) => {
      first.stdout.once('data', () => resolve());
      first.once('exit', (code) => reject(new Error(`${host} did not start: ${code}`)));
    });
  }

  #folder(host: string, ...rest: readonly string[]): string {
    return path.join(this.#dir, host, ...rest);
  }

  #netlab(...words: readonly string[]): void {
    const { status, stderr } = spawnSync(netlab, words, { env: this.#env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`netlab ${words.join(' ')}: ${stderr}`);
  }
}
