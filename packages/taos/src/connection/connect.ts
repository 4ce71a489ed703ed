/** Finds a dnode that answers: the one that was named, else firstEp and then secondEp of taos.cfg. */
import type { Clock, TaosError } from '@tdnode/common';
import { NetworkError, SqlClient, type TlsOptions } from '@tdnode/rpc';

/** Who connects, and to whom. */
export interface ConnectOptions {
  /** End points in the order in which they are tried. */
  readonly endPoints: readonly string[];
  readonly user: string;
  readonly password: string;
  readonly db: string | undefined;
  readonly timezone: string;
  readonly tls: TlsOptions | undefined;
  readonly program?: string;
}

/** Resolves with a connection that has checked the password and knows the cluster; throws TaosError. */
export async function connect(options: ConnectOptions): Promise<SqlClient> {
  let last: TaosError | undefined;
  for (const endPoint of options.endPoints) {
    const { user, password, db, timezone, tls, program = 'taos' } = options;
    const client = new SqlClient({
      endPoint,
      user,
      password,
      timezone,
      tls,
      program,
      ...(db === undefined ? {} : { db }),
    });
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.close();
      if (!(error instanceof NetworkError)) throw error;
      last = error;
    }
  }
  throw last!;
}

/** Seconds since `startedMs` as every answer ends with them: `0.001604`. */
export function elapsed(clock: Clock, startedMs: number): string {
  return ((clock.monotonic() - startedMs) / 1000).toFixed(6);
}
