/** The program `taosd`: reads its command line and does one thing. Exit status 0: as asked; 1: not, and why is on stderr. */
import { defaultConfig, dumpConfig, formatProblem, systemClock } from '@tdnode/common';
import { parseArguments, usage } from './arguments.ts';
import { readConfigFile } from './config-file.ts';
import { runDaemon } from './daemon.ts';
import { startupSentence } from './startup-error.ts';
import { versionLines } from './version.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

/** Runs the command in `words`, the command line behind the program's name; resolves with the exit status. */
export async function main(words: readonly string[]): Promise<number> {
  try {
    return await run(words);
  } catch (error) {
    complain(`taosd: ${startupSentence(error)}`);
    return 1;
  }
}

async function run(words: readonly string[]): Promise<number> {
  const command = parseArguments(words);
  if (command.kind === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  if (command.kind === 'wrong') {
    process.stderr.write(`taosd: ${command.text}\n${usage}`);
    return 1;
  }
  if (command.kind === 'version') {
    versionLines(defaultConfig()).forEach(print);
    return 0;
  }
  const file = readConfigFile(command.configPath, command.isExplicit);
  if (command.kind === 'run') return runDaemon(file, complain);
  if (command.kind === 'check' || command.kind === 'repair') {
    const { runIntegrity } = await import('./integrity/run.ts');
    return runIntegrity(command.kind, file.config.dataDir, { print, complain });
  }
  dumpConfig(file.config, systemClock.now()).forEach(print);
  for (const problem of file.problems) complain(formatProblem(problem));
  return file.problems.some(({ level }) => level === 'error') ? 1 : 0;
}
