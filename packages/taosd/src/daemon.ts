/** The life of one server: configuration, log, checks, lock, services, and the way back. */
import {
  debugFlags,
  describeProblem,
  dumpLine,
  formatProblem,
  hasFlag,
  openFileLogger,
  parameterNames,
  systemClock,
  timeZone,
} from '@tdnode/common';
import type { Config, FileLogger } from '@tdnode/common';
import type { ConfigFile } from './config-file.ts';
import type { DataLock } from './data-lock.ts';
import { lockDataDir } from './data-lock.ts';
import type { ServiceState } from './service-manager.ts';
import { tellServiceManager } from './service-manager.ts';
import { onLogSignals, onStopSignal } from './signals.ts';
import { checkFolder, checkFqdn, warnOfSettings } from './startup-checks.ts';
import { StartupError, startupSentence } from './startup-error.ts';
import type { Services } from './wire.ts';

/** A stop that takes longer is cut off; what was acknowledged is in the log. */
const STOP_LIMIT_MS = 60_000;

/** What SIGUSR1 sets all debug flags to: errors, warnings, information, details; into the file. */
const VERBOSE_FLAG = 143;

/** Exit status of a dnode that was dropped from its cluster; the service unit does not start it again on this one. */
const DROPPED_STATUS = 78;

/** Runs until a signal; resolves with the exit status. */
export async function runDaemon(file: ConfigFile, say: (line: string) => void): Promise<number> {
  const { config, problems } = file;
  const loadingServices = import('./wire.ts'); // the slow part of a start: beside the checks
  loadingServices.catch(() => undefined); // awaited below
  for (const problem of problems) say(formatProblem(problem));
  let logger: FileLogger | undefined;
  let lock: DataLock | undefined;
  try {
    if (problems.some(({ level }) => level === 'error')) {
      throw new StartupError('the configuration has errors, taosd does not start');
    }
    const resolving = checkFqdn(config.fqdn);
    resolving.catch(() => undefined); // awaited below
    checkFolder('logDir', config.logDir);
    checkFolder('dataDir', config.dataDir);
    logger = await openLog(config, say);
    obeyLogSignals(config, logger);
    for (const problem of problems) logger.warn('UTL', describeProblem(problem));
    logStart(config, logger);
    warnOfSettings(config, logger);
    lock = await lockDataDir(config.dataDir);
    const warning = await resolving;
    if (warning !== undefined) logger.warn('DND', warning);
    const { startServices } = await loadingServices;
    const services = await startServices(config, logger);
    logger.info('DND', 'TDengine is initialized successfully');
    tell('READY=1', logger);
    return await untilStopped(services, logger, say);
  } catch (error) {
    const sentence = startupSentence(error);
    say(`taosd: ${sentence}`);
    logger?.error('DND', sentence);
    return 1;
  } finally {
    lock?.release();
    await logger?.close();
  }
}

function openLog(config: Config, say: (line: string) => void): Promise<FileLogger> {
  return openFileLogger(config, {
    clock: systemClock,
    zone: timeZone(config.timezone),
    thread: process.pid,
    terminal: (line) => say(line.trimEnd()),
  });
}

function obeyLogSignals(config: Config, logger: FileLogger): void {
  onLogSignals({
    verbose: () => {
      logger.setFlags(debugFlags({ ...config, debugFlag: VERBOSE_FLAG }));
      logger.info('DND', `SIGUSR1 received, debugFlag is ${VERBOSE_FLAG} until the next start`);
    },
    newFile: () => {
      logger.turnOver();
      logger.info('DND', 'SIGUSR2 received, the log begins a new file');
    },
  });
}

function logStart(config: Config, logger: FileLogger): void {
  logger.info('DND', 'start to initialize TDengine');
  logger.info('UTL', `localEp is: ${config.fqdn}:${config.serverPort}`);
  logger.info('UTL', '==================================');
  for (const name of parameterNames) {
    if (!hasFlag(name, 'hidden')) logger.info('UTL', dumpLine(config, name, systemClock.now()));
  }
  logger.info('UTL', '==================================');
}

function tell(state: ServiceState, logger: FileLogger): void {
  tellServiceManager(state, process.env).catch((error: unknown) => {
    logger.error('DND', `systemd was not told ${state}: ${startupSentence(error)}`);
  });
}

/** Waits for a signal, or for an error that nobody caught, and stops the services. */
function untilStopped(
  services: Services,
  logger: FileLogger,
  say: (line: string) => void,
): Promise<number> {
  return new Promise((resolve) => {
    const stop = (status: number): void => {
      tell('STOPPING=1', logger);
      setTimeout(() => {
        logger.error('DND', 'the stop takes too long and is cut off');
        resolve(1);
      }, STOP_LIMIT_MS).unref();
      services.stop().then(
        () => resolve(status),
        (error: unknown) => {
          logger.error('DND', `the stop failed: ${startupSentence(error)}`);
          resolve(1);
        },
      );
    };
    onStopSignal((signal) => {
      logger.info('DND', `${signal} received, taosd stops`);
      stop(0);
    });
    const stopOnDrop = async (): Promise<void> => {
      const sentence = await services.dropped;
      say(`taosd: ${sentence}`);
      logger.error('DND', sentence);
      stop(DROPPED_STATUS);
    };
    void stopOnDrop();
    process.once('uncaughtException', (error) => {
      logger.error('DND', `a bug: ${startupSentence(error)}`);
      process.stderr.write(`taosd: a bug: ${startupSentence(error)}\n`);
      stop(1);
    });
  });
}
