/** What the statements of the catalog work with, and the one way in which they change it. */
import {
  ErrorCode,
  TaosError,
  type Clock,
  type Logger,
  type Schema,
  type VgId,
} from '@tdnode/common';
import {
  encodeChanges,
  type Change,
  type CatalogChange,
  type DnodeCommands,
  type DnodeOperations,
  type Session,
  type VnodeConfig,
  type VnodeService,
} from '@tdnode/rpc';
import type { Cluster } from './cluster/cluster.ts';
import type { ClusterWork } from './cluster/cluster-work.ts';
import type { AskWho } from './cluster/prober.ts';
import type { StreamRuns } from './cluster/stream-runs.ts';
import type { MnodeConfig } from './config.ts';
import type { Delivery, Outbox } from './outbox.ts';
import type { SdbRecord } from './sdb/records.ts';
import type { Sdb } from './sdb/sdb.ts';
import type { DbState, SchemaState, SdbState, UserState } from './sdb/state.ts';

/** This host, as the cluster knows it. */
export interface DnodeInfo {
  readonly id: number;
  /** `fqdn:port`. */
  readonly endPoint: string;
  readonly cores: number;
}

export interface Context {
  readonly sdb: Sdb;
  readonly outbox: Outbox;
  readonly vnodes: VnodeService;
  readonly config: MnodeConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly dnode: DnodeInfo;
  readonly variables: () => readonly (readonly [name: string, value: string])[];
  /** Tells caches. */
  readonly notify: (change: CatalogChange) => void;
  readonly commands: DnodeCommands;
  readonly cluster: Cluster;
  /** Since when `tarbitrator` is connected; undefined: it is not. */
  readonly arbitratorSince: () => number | undefined;
  /** Connections and statements, as coordinators know them. */
  readonly work: ClusterWork;
  readonly operations: DnodeOperations;
  /** Asks an end point who is there; undefined: nobody can be asked. */
  readonly askWho: AskWho | undefined;
  readonly streamRuns: StreamRuns;
}

/** What the cluster itself works with. */
export type ClusterContext = Pick<
  Context,
  'sdb' | 'config' | 'clock' | 'logger' | 'dnode' | 'notify' | 'commands' | 'askWho'
>;

/** Logs records (at least one), and tells the vnodes when they are on disk; resolves when both are done. */
export async function commit(
  context: Context,
  db: string,
  records: readonly SdbRecord[],
  deliveries: readonly Delivery[] = [],
): Promise<void> {
  await context.outbox.send(db, context.sdb.propose(records), deliveries);
}

export function stateOf(context: Pick<Context, 'sdb'>): SdbState {
  return context.sdb.state;
}

/** The database a name belongs to; throws 535 when none is meant, 896 when there is none of that name. */
export function requireDb(context: Context, name: string | undefined, session: Session): DbState {
  const db = name ?? session.db;
  if (db === undefined)
    throw new TaosError(ErrorCode.TSC_DB_NOT_SELECTED, undefined, {
      detail: 'no database is in use; name one: db.table',
    });
  const state = stateOf(context).dbs.get(db);
  if (state === undefined)
    throw new TaosError(ErrorCode.MND_DB_NOT_SELECTED, undefined, {
      detail: `there is no database ${db}`,
    });
  return state;
}

export function noSuchTable(name: string): TaosError {
  return new TaosError(ErrorCode.MND_INVALID_TABLE_NAME, undefined, {
    detail: `there is no table ${name}`,
  });
}

export function requireUser(context: Context, name: string): UserState {
  const user = stateOf(context).users.get(name);
  if (user === undefined)
    throw new TaosError(ErrorCode.MND_INVALID_USER, undefined, {
      detail: `there is no user ${name}`,
    });
  return user;
}

/** Throws 771 for a user who may only read. */
export function requireWriteRight(context: Context, session: Session): void {
  if (requireUser(context, session.user).privilege === 'readable') throw noRights(session);
}

/** Throws 771 for everyone but super users. */
export function requireSuperRight(context: Context, session: Session): void {
  if (requireUser(context, session.user).privilege !== 'super') throw noRights(session);
}

export function noRights(session: Session): TaosError {
  return new TaosError(ErrorCode.MND_NO_RIGHTS, undefined, {
    detail: `user ${session.user} may not do this`,
  });
}

/** What a vnode of this vgroup has to know. */
export function vnodeConfig(
  context: Pick<Context, 'sdb'>,
  db: Pick<DbState, 'name' | 'options'>,
  vgId: number,
  replicas: readonly number[],
): VnodeConfig {
  const { dnodes } = stateOf(context);
  return {
    vgId: vgId as VgId,
    db: db.name,
    options: db.options,
    replicas: replicas.map((dnodeId) => ({
      dnodeId,
      endPoint: dnodes.get(dnodeId)?.endPoint ?? '',
    })),
  };
}

export function putSchemaChange(
  entry: Pick<SchemaState, 'uid' | 'name' | 'isStable'>,
  schema: Schema,
): Change {
  return { kind: 'putSchema', uid: entry.uid, name: entry.name, isStable: entry.isStable, schema };
}

/** The same changes for every vgroup of a database. */
export function toAllVgroups(db: DbState, changes: readonly Change[]): Delivery[] {
  const payload = encodeChanges(changes);
  return db.vgroups.map(({ vgId }) => ({ kind: 'change', vgId, payload }));
}
