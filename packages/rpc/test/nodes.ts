/** For tests of the wires: identities, servers on a port of their own, and the way back. */
import { silentLogger, systemClock, type Clock, type Logger } from '@tdnode/common';
import { Authenticator, type NodeIdentity } from '../src/auth/authenticator.ts';
import type { TlsOptions } from '../src/auth/tls.ts';
import { RpcClient } from '../src/client/rpc-client.ts';
import { RpcServer } from '../src/server/rpc-server.ts';

/** What a test may set of a node. */
export interface NodeSettings {
  readonly key?: Uint8Array;
  readonly clusterId?: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly tls?: TlsOptions;
  /** Instead of `127.0.0.1:port`. */
  readonly endPoint?: string;
}

/** A key for all nodes of a test: scrypt is slow by intention. */
export const TEST_KEY = new Uint8Array(32).fill(7);

/** A server whose end point is where it listens. */
export async function listeningServer(
  register: (server: RpcServer) => void,
  settings: NodeSettings = {},
): Promise<{ readonly server: RpcServer; readonly endPoint: string }> {
  const { clock = systemClock, logger = silentLogger, key = TEST_KEY, clusterId = 'c1' } = settings;
  const identity = { clusterId: () => clusterId, endPoint: settings.endPoint ?? '' };
  const auth = new Authenticator(key, identity, clock);
  const server = new RpcServer({ auth, clock, logger, tls: settings.tls });
  register(server);
  const port = await server.listen({ host: '127.0.0.1', port: 0 });
  const host = settings.tls === undefined ? '127.0.0.1' : 'localhost';
  const endPoint = `${host}:${port}`;
  if (settings.endPoint === undefined) (identity as { endPoint: string }).endPoint = endPoint;
  return { server, endPoint };
}

/** A client of the same cluster, unless the settings say otherwise. */
export function clientOf(settings: NodeSettings = {}): { client: RpcClient; auth: Authenticator } {
  const { clock = systemClock, key = TEST_KEY, clusterId = 'c1' } = settings;
  const identity: NodeIdentity = {
    clusterId: () => clusterId,
    endPoint: settings.endPoint ?? 'asker:6030',
  };
  const auth = new Authenticator(key, identity, clock);
  return { client: new RpcClient({ auth, clock, tls: settings.tls }), auth };
}
