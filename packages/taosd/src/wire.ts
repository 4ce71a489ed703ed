/** The only place that builds everything: from a configuration to running services. */
import { ErrorCode, TaosError, timeZone } from '@tdnode/common';
import type { Config, FileLogger } from '@tdnode/common';
import { RestServer } from '@tdnode/http';
import type { SqlService } from '@tdnode/taosc';
import { StartupError, errnoOf, reasonOf } from './startup-error.ts';

/** What runs; ends in the reverse order of its start. */
export interface Services {
  /** Refuses new work, lets running work finish, flushes, closes. */
  stop(): Promise<void>;
}

/** REST listens on serverPort plus this. */
const REST_OFFSET = 11;

/** Starts everything; throws a StartupError when a port or a folder says no. */
export async function startServices(config: Config, logger: FileLogger): Promise<Services> {
  const service = await startSqlService();
  const rest = config.http === 1 ? await startRest(config, logger, service) : undefined;
  return {
    stop: async () => {
      await rest?.close();
    },
  };
}

/** The coordinator over mnode and vnodes. */
async function startSqlService(): Promise<SqlService> {
  const notReady = async (): Promise<never> => {
    throw new TaosError(ErrorCode.APP_NOT_READY);
  };
  return { execute: notReady, authenticate: notReady };
}

async function startRest(
  config: Config,
  logger: FileLogger,
  service: SqlService,
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
