/** The way into the cluster that a job names: all dnodes behind one host and port. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseConfig, readHostDefaults, systemClock } from '@tdnode/common';
import { ClusterClient, loadTls } from '@tdnode/rpc';
import type { Connection, Interface } from '../job.ts';
import { JobError } from '../job-error.ts';
import type { Terminal } from '../report/terminal.ts';
import type { Door } from './door.ts';
import { RestDoor } from './rest-door.ts';
import { RpcDoor } from './rpc-door.ts';
import { pause } from './workers.ts';

/** Both ways in; the second is made when it is first asked for. */
export interface Doors {
  /** serverPorts of the dnodes that take part. */
  readonly endPoints: readonly string[];
  door(via: Interface): Door;
  close(): Promise<void>;
}

const DEFAULT_CONFIG = '/etc/taos';

/** Connects, and learns the dnodes. */
export async function openDoors(connection: Connection, terminal: Terminal): Promise<Doors> {
  const { host, port, user, password } = connection;
  const client = new ClusterClient({
    endPoints: [`${host}:${port}`],
    user,
    password,
    program: 'taosdemo',
    tls: tlsOf(connection),
    clock: systemClock,
    pause,
    onSilent: (endPoint, error) =>
      terminal.warn(`${error.detail ?? `${endPoint} does not answer`}; other dnodes take its part`),
  });
  const left = await client.discover();
  for (const endPoint of left) {
    terminal.warn(`dnode ${endPoint} cannot be reached from here, it is left out`);
  }
  const rpc = new RpcDoor(client);
  const rest = new RestDoor(client.endPoints, connection);
  return {
    endPoints: client.endPoints,
    door: (via) => (via === 'rest' ? rest : rpc),
    async close() {
      await rpc.close();
      await rest.close();
    },
  };
}

/** TLS as taos.cfg has it; without one, none. */
function tlsOf({ configDir }: Connection) {
  const place = configDir ?? DEFAULT_CONFIG;
  const isFile = statSync(place, { throwIfNoEntry: false })?.isFile() === true;
  const file = isFile ? place : path.join(place, 'taos.cfg');
  if (!existsSync(file)) return undefined;
  const { config } = parseConfig(readFileSync(file, 'utf8'), file, readHostDefaults());
  try {
    return loadTls(config, (name) => readFileSync(name, 'utf8'));
  } catch (error) {
    throw new JobError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
