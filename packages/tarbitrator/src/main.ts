/** The program `tarbitrator`: runs until a signal. Exit status 0: as asked; 1: not, and why is on stderr and in the log. */
import fs from 'node:fs';
import path from 'node:path';
import {
  TaosError,
  nodeFileSystem,
  openFileLogger,
  parseConfig,
  readHostDefaults,
  systemClock,
  timeZone,
  type Config,
  type FileLogger,
} from '@tdnode/common';
import { deriveClusterKeys, loadTls } from '@tdnode/rpc';
import { parseArguments, usage, type Command } from './arguments.ts';
import { startArbitrator } from './service.ts';

const DEFAULT_CONFIG = '/etc/taos';

/** Runs the program with the words behind its name; resolves with the exit status. */
export async function main(words: readonly string[]): Promise<number> {
  const command = parseArguments(words);
  if (command.kind === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  if (command.kind === 'wrong') {
    process.stderr.write(`tarbitrator: ${command.text}\n${usage}`);
    return 1;
  }
  let logger: FileLogger | undefined;
  try {
    const config = configOf(command);
    fs.mkdirSync(command.logDir, { recursive: true });
    logger = await openFileLogger(config, {
      clock: systemClock,
      zone: timeZone(config.timezone),
      thread: process.pid,
    });
    await run(command, config, logger);
    return 0;
  } catch (error) {
    const sentence = sentenceOf(error);
    process.stderr.write(`tarbitrator: ${sentence}\n`);
    logger?.error('SYN', sentence);
    return 1;
  } finally {
    await logger?.close();
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof TaosError && error.detail !== undefined) return error.detail;
  return error instanceof Error ? error.message : String(error);
}

type Run = Extract<Command, { readonly kind: 'run' }>;

async function run(command: Run, config: Config, logger: FileLogger): Promise<void> {
  const { dataDir, port } = command;
  const arbitrator = await startArbitrator({
    fs: nodeFileSystem,
    dataDir,
    endPoint: `${config.fqdn}:${port}`,
    port,
    key: deriveClusterKeys(config.clusterSecret).transport,
    tls: loadTls(config, (file) => fs.readFileSync(file, 'utf8')),
    logger,
  });
  logger.info('SYN', `tarbitrator listens on port ${arbitrator.port}, its votes are in ${dataDir}`);
  const signal = await new Promise<string>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.once(name, () => resolve(name));
  });
  logger.info('SYN', `${signal} received, tarbitrator stops`);
  await arbitrator.close();
}

/** taos.cfg, and what the command line says instead of it. */
function configOf({ configPath, logDir, debugFlag }: Run): Config {
  const place = configPath ?? DEFAULT_CONFIG;
  const isFile = fs.statSync(place, { throwIfNoEntry: false })?.isFile() === true;
  const file = isFile ? place : path.join(place, 'taos.cfg');
  const isThere = configPath !== undefined || fs.existsSync(file);
  const text = isThere ? fs.readFileSync(file, 'utf8') : '';
  const { config } = parseConfig(text, file, readHostDefaults());
  return { ...config, logDir, ...(debugFlag === undefined ? {} : { debugFlag }) };
}
