/** The only place that builds everything: from a configuration to running services. */
import { availableParallelism } from 'node:os';
import { nodeFileSystem, showVariables, systemClock, timeZone } from '@tdnode/common';
import type { Config, FileLogger, Logger } from '@tdnode/common';
import { Dnode } from '@tdnode/dnode';
import { RestServer, type RestOptions } from '@tdnode/http';
import type { Monitor } from '@tdnode/monitor';
import type { StreamProgress } from '@tdnode/rpc';
import { Coordinator, RunningWork, type SqlService } from '@tdnode/taosc';
import { metricsSource, newMonitor, startMonitor } from './monitoring.ts';
import { queryMemoryBytes } from './query-memory.ts';
import { Settings } from './settings.ts';
import { StartupError, errnoOf, reasonOf } from './startup-error.ts';
import { startStreams } from './streams.ts';

/** What runs; ends in the reverse order of its start. */
export interface Services {
  /** Resolves with a sentence when this dnode was dropped from its cluster and must not run any more. */
  readonly dropped: Promise<string>;
  /** Refuses new work, lets running work finish, flushes, closes. */
  stop(): Promise<void>;
}

/** REST listens on serverPort plus this. */
const REST_OFFSET = 11;

/** The user that no cluster is without: who finds it has reached the mnode's master. */
const ROOT = 'root';

/** Starts everything; throws a StartupError when a port or a folder says no. */
export async function startServices(config: Config, file: FileLogger): Promise<Services> {
  const settings = new Settings(config, file);
  const monitor = newMonitor(config, file);
  const { logger } = monitor;
  const work = new RunningWork(systemClock);
  const setVariable: SetVariable = (name, value) => settings.change(name, value);
  const progress = new Map<number, StreamProgress>();
  let onDropped: (sentence: string) => void = () => {};
  const dropped = new Promise<string>((resolve) => (onDropped = resolve));
  const dnode = await Dnode.open({
    config,
    fs: nodeFileSystem,
    clock: systemClock,
    logger,
    cores: availableParallelism(),
    variables: () => showVariables(settings.config, systemClock.now()),
    setVariable,
    work,
    streamRuns: { progressOf: (uid) => progress.get(uid) },
    onDropped,
  });
  try {
    const service = coordinatorOf(config, dnode, { work, setVariable, monitor });
    await join(config, dnode, service);
    const rest =
      config.http === 1
        ? await startRest(config, logger, service, {
            isReady: async () => void (await dnode.mnode.user(ROOT)),
            metrics: metricsSource(config, monitor, { dnode, work }),
          })
        : undefined;
    startMonitor(monitor, service, { dnode, settings });
    const isOn = (): boolean => settings.config.stream === 1;
    const streams = startStreams(config, dnode, { logger, isOn, progress });
    return {
      dropped,
      stop: async () => {
        await rest?.close();
        await monitor.close();
        await streams.close();
        await dnode.close();
      },
    };
  } catch (error) {
    await dnode.close();
    throw error;
  }
}

async function join({ serverPort }: Config, dnode: Dnode, sql: Coordinator): Promise<void> {
  try {
    await dnode.join(sql);
  } catch (error) {
    throw portError(serverPort, 'dnodes and shells', error);
  }
}

type SetVariable = (name: string, value: string | undefined) => void;

/** The coordinator over mnode and vnodes. */
function coordinatorOf(
  config: Config,
  dnode: Dnode,
  parts: {
    readonly work: RunningWork;
    readonly setVariable: SetVariable;
    readonly monitor: Monitor;
  },
): Coordinator {
  const { work, setVariable, monitor } = parts;
  return new Coordinator({
    mnode: dnode.mnode,
    vnodes: dnode.vnodes,
    clock: systemClock,
    timezone: config.timezone,
    version: config.version,
    maxSqlLength: config.maxSQLLength,
    keepColumnName: config.keepColumnName === 1,
    queryMemoryBytes: queryMemoryBytes(config),
    work,
    endPoints: () => dnode.endPoints,
    setVariable,
    observer: (event) => monitor.note(event),
  });
}

async function startRest(
  config: Config,
  logger: Logger,
  service: SqlService,
  probes: Pick<RestOptions, 'isReady' | 'metrics'>,
): Promise<RestServer> {
  const port = config.serverPort + REST_OFFSET;
  const rest = new RestServer({
    service,
    logger,
    zone: timeZone(config.timezone),
    rowLimit: config.restfulRowLimit,
    maxSqlLength: config.maxSQLLength,
    recordSql: config.httpEnableRecordSql === 1,
    maxConnections: config.maxConnections,
    port,
    ...probes,
  });
  try {
    await rest.listen();
  } catch (error) {
    throw portError(port, 'REST', error);
  }
  logger.info('HTP', `http server listens on port ${port}`);
  return rest;
}

/** The sentence for a port that cannot be opened. */
export function portError(port: number, purpose: string, error: unknown): StartupError {
  const code = errnoOf(error);
  if (code === 'EADDRINUSE') {
    return new StartupError(`port ${port} (${purpose}) is taken by another program`);
  }
  return new StartupError(`port ${port} (${purpose}) cannot be opened: ${reasonOf(error)}`);
}
