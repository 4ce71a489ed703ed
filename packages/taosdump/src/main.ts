/** The program `taosdump`. Exit status 0: as asked; 1: not, and why is on stderr; 2: `--check` or `--verify` found differences. */
import { TaosError } from '@tdnode/common';
import {
  parseArguments,
  type Command,
  type InCommand,
  type OutCommand,
  type VerifyCommand,
} from './arguments.ts';
import { DumpError } from './dump-error.ts';
import { dumpIn } from './in/dump-in.ts';
import { openCluster } from './open-cluster.ts';
import { dumpOut } from './out/dump-out.ts';
import { appendResult, totalLines, type Totals } from './report/result-file.ts';
import { usage } from './usage.ts';
import { verify } from './verify.ts';

const VERSION = 'version: 2.1.2.0, TDnode 0.1.0';
const DIFFERENT = 2;
const DIFFERENCES_SHOWN = 20;

type Work = OutCommand | InCommand | VerifyCommand;

/** Runs the program with the words behind its name; resolves with the exit status. */
export async function main(words: readonly string[]): Promise<number> {
  try {
    const command: Command = parseArguments(words);
    switch (command.kind) {
      case 'help':
      case 'version':
        process.stdout.write(command.kind === 'help' ? usage : `${VERSION}\n`);
        return 0;
      default:
        return await run(command);
    }
  } catch (error) {
    process.stderr.write(`taosdump: ${sentence(error)}\n`);
    return 1;
  }
}

async function run(command: Work): Promise<number> {
  const begun = new Date();
  const started = performance.now();
  const client = command.kind === 'check' ? undefined : await openCluster(command.connection, warn);
  try {
    const { totals, differences } = await work();
    for (const line of totalLines(totals)) say(line);
    const seconds = (performance.now() - started) / 1000;
    say(
      `${doneWord(command.kind)} in ${seconds.toFixed(2)} s, ${Math.round(totals.rows / seconds)} rows/s`,
    );
    const title = titleOf(command.kind);
    const settings = settingsOf(command);
    appendResult(command.resultFile, { title, settings, totals, begun });
    return report(differences);
  } finally {
    await client?.close();
  }

  async function work(): Promise<{ totals: Totals; differences: readonly string[] }> {
    if (command.kind === 'out') {
      return { totals: await dumpOut(client!, command, say), differences: [] };
    }
    if (command.kind === 'in') return { totals: await dumpIn(client!, command), differences: [] };
    return verify(command, client);
  }
}

function report(differences: readonly string[]): number {
  for (const difference of differences.slice(0, DIFFERENCES_SHOWN)) warn(difference);
  if (differences.length > DIFFERENCES_SHOWN) {
    warn(`and ${differences.length - DIFFERENCES_SHOWN} more`);
  }
  return differences.length === 0 ? 0 : DIFFERENT;
}

function titleOf(kind: Work['kind']): 'DUMP OUT' | 'DUMP IN' | 'VERIFY' {
  if (kind === 'out') return 'DUMP OUT';
  return kind === 'in' ? 'DUMP IN' : 'VERIFY';
}

function doneWord(kind: Work['kind']): string {
  if (kind === 'out') return 'dumped';
  return kind === 'in' ? 'restored' : 'compared';
}

function settingsOf(command: Work): readonly (readonly [string, string])[] {
  const { host, port, user } = command.connection;
  return [
    ['host', host],
    ['port', String(port)],
    ['user', user],
    [command.kind === 'out' ? 'outpath' : 'inpath', command.folder],
    ['databases', command.databases?.join(',') ?? 'all'],
    ['thread_num', String(command.threads)],
  ];
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function warn(line: string): void {
  process.stderr.write(`taosdump: ${line}\n`);
}

function sentence(error: unknown): string {
  if (error instanceof TaosError) {
    return `${error.message}${error.detail === undefined ? '' : `: ${error.detail}`}`;
  }
  if (error instanceof DumpError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
