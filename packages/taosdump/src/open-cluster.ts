/** The cluster behind one host and port. */
import * as fs from 'node:fs';
import path from 'node:path';
import { parseConfig, readHostDefaults, systemClock } from '@tdnode/common';
import { ClusterClient, loadTls, type TlsOptions } from '@tdnode/rpc';
import type { Connection } from './arguments.ts';
import { DumpError } from './dump-error.ts';

const DEFAULT_CONFIG = '/etc/taos';

/** Connects and learns the dnodes; `warn` gets a line for each that cannot be reached. */
export async function openCluster(
  connection: Connection,
  warn: (line: string) => void,
): Promise<ClusterClient> {
  const { host, port, user, password } = connection;
  const client = new ClusterClient({
    endPoints: [`${host}:${port}`],
    user,
    password,
    program: 'taosdump',
    tls: tlsOf(connection),
    clock: systemClock,
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    onSilent: (endPoint, error) =>
      warn(`${error.detail ?? `${endPoint} does not answer`}; other dnodes take its part`),
  });
  for (const endPoint of await client.discover()) {
    warn(`dnode ${endPoint} cannot be reached from here, it is left out`);
  }
  return client;
}

/** TLS as taos.cfg has it; without one, none. */
function tlsOf({ configDir }: Connection): TlsOptions | undefined {
  const place = configDir ?? DEFAULT_CONFIG;
  const isFile = fs.statSync(place, { throwIfNoEntry: false })?.isFile() === true;
  const file = isFile ? place : path.join(place, 'taos.cfg');
  if (!fs.existsSync(file)) return undefined;
  const { config } = parseConfig(fs.readFileSync(file, 'utf8'), file, readHostDefaults());
  try {
    return loadTls(config, (name) => fs.readFileSync(name, 'utf8'));
  } catch (error) {
    throw new DumpError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
