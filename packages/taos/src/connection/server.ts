/**
 * Whom a shell talks to: `SqlClient` of `@tdnode/rpc` is one, tests have their own. It follows the cluster by itself:
 * where a dnode went away, the next statement goes to another.
 */
import type { SqlAnswer } from '@tdnode/rpc';

/** See the head of this file. */
export interface Server {
  /** The database in use. */
  readonly db: string | undefined;
  /** Runs a statement; throws TaosError. The signal ends it here and there. */
  execute(sql: string, settings?: { readonly signal?: AbortSignal }): Promise<SqlAnswer>;
  close(): Promise<void>;
}
