/** The program `taosdemo`. Exit status 0: all was done; 1: not, and why is on stderr; 130: stopped by Ctrl-C. */
import { appendFileSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { TaosError, timeZone } from '@tdnode/common';
import { parseArguments, type Command } from './arguments.ts';
import { jobFile } from './config/job-file.ts';
import type { Job } from './job.ts';
import { JobError } from './job-error.ts';
import { parameterLines } from './report/parameters.ts';
import { processTerminal, type Terminal } from './report/terminal.ts';
import { runInsertJob, type Run } from './run/insert-job.ts';
import { openDoors } from './run/open-doors.ts';
import { runQueryJob } from './run/query-job.ts';
import { runScriptJob } from './run/script-job.ts';
import { usage } from './usage.ts';

const VERSION = 'version: 2.1.2.0, TDnode 0.1.0';
const INTERRUPTED = 130;

/** Runs the program with the words behind its name; resolves with the exit status. */
export async function main(words: readonly string[]): Promise<number> {
  try {
    const command = parseArguments(words);
    if (command.kind === 'help' || command.kind === 'version') {
      process.stdout.write(command.kind === 'help' ? usage : `${VERSION}\n`);
      return 0;
    }
    return await runJob(jobOf(command));
  } catch (error) {
    process.stderr.write(`taosdemo: ${sentence(error)}\n`);
    return 1;
  }
}

function jobOf(command: Extract<Command, { readonly kind: 'file' | 'job' }>): Job {
  if (command.kind === 'job') return command.job;
  const { file, force } = command;
  const zone = timeZone(new Intl.DateTimeFormat().resolvedOptions().timeZone);
  const context = { nowMs: Date.now(), zone };
  const { job, unknownKeys } = jobFile(readText(file), file, { force, context });
  for (const key of unknownKeys) process.stderr.write(`taosdemo: ${key} has no meaning here\n`);
  return job;
}

async function runJob(job: Job): Promise<number> {
  const terminal = processTerminal(job.kind === 'insert' ? resultFile(job.resultFile) : () => {});
  if (job.kind === 'insert') for (const line of parameterLines(job)) terminal.line(line);
  if (job.kind !== 'script' && job.asksFirst) await confirm();
  const stop = stopOnSignal(terminal);
  const doors = await openDoors(job.connection, terminal);
  try {
    await dispatch(job, { doors, terminal, stop });
  } finally {
    await doors.close();
  }
  return stop.isAsked ? INTERRUPTED : 0;
}

function dispatch(job: Job, run: Run): Promise<void> {
  switch (job.kind) {
    case 'insert':
      return runInsertJob(job, run);
    case 'query':
      return runQueryJob(job, run);
    case 'script':
      return runScriptJob(job, run);
  }
}

/** Waits for the Enter key, where there is somebody to press it. */
async function confirm(): Promise<void> {
  if (!process.stdin.isTTY) return;
  const keys = createInterface({ input: process.stdin, output: process.stdout });
  keys.once('SIGINT', () => process.exit(INTERRUPTED));
  await keys.question('Press enter key to continue or Ctrl-C to stop\n');
  keys.close();
}

/** The first signal lets what runs end, the second ends the program. */
function stopOnSignal(terminal: Terminal): { isAsked: boolean } {
  const stop = { isAsked: false };
  const ask = (): void => {
    if (stop.isAsked) process.exit(INTERRUPTED);
    stop.isAsked = true;
    terminal.warn(
      'taosdemo: stops after the requests that are under way; once more to stop at once',
    );
  };
  process.on('SIGINT', ask);
  process.on('SIGTERM', ask);
  return stop;
}

/** Appends lines to the result file. */
function resultFile(file: string): (line: string) => void {
  return (line) => {
    try {
      appendFileSync(file, `${line}\n`);
    } catch (error) {
      throw new JobError(`the result file ${file} cannot be written: ${(error as Error).message}`);
    }
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new JobError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function sentence(error: unknown): string {
  if (error instanceof TaosError) {
    return `${error.message}${error.detail === undefined ? '' : `: ${error.detail}`}`;
  }
  if (error instanceof JobError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
