/**
 * The metadata service of one host: opens the store, founds the cluster when there is none, and answers
 * statements and look-ups. Statements are parsed here, so that one grammar rules wherever they come from.
 */
import { randomUUID } from 'node:crypto';
import {
  ErrorCode,
  TaosError,
  type Clock,
  type FileSystem,
  type Logger,
  type TagValue,
  type VgId,
} from '@tdnode/common';
import type {
  AdminResult,
  CatalogChange,
  DbMeta,
  DnodeCommands,
  MnodeService,
  Session,
  StatusAnswer,
  StatusReport,
  TableMeta,
  UserMeta,
  VnodeService,
} from '@tdnode/rpc';
import { parseStatement } from '@tdnode/sql';
import { VerifiedCredentials } from './auth/credentials.ts';
import { verifyPassword } from './auth/password.ts';
import { addChildren, missingOf, type NewChild } from './catalog/child-tables.ts';
import { checkTableName, requireTable, tableMeta } from './catalog/tables.ts';
import { firstUsers } from './catalog/users.ts';
import { Cluster } from './cluster/cluster.ts';
import { localCommands } from './cluster/local-commands.ts';
import { nothingRuns, type RunningWork } from './cluster/running-work.ts';
import { askOrder, findVgroup } from './cluster/view.ts';
import type { MnodeConfig } from './config.ts';
import {
  noSuchTable,
  requireDb,
  requireUser,
  requireWriteRight,
  type Context,
  type DnodeInfo,
} from './context.ts';
import { executeStatement } from './execute.ts';
import { Outbox } from './outbox.ts';
import { repairAgain, repairVnodes, type Unrepaired } from './repair.ts';
import { Sdb } from './sdb/sdb.ts';
import type { DnodeState } from './sdb/state.ts';

/** How often vgroups that could not be told are tried again. */
const REPAIR_MS = 1000;

export interface MnodeOptions {
  readonly fs: FileSystem;
  /** The mnode's own folder, `dataDir/mnode`. */
  readonly dir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How vnodes are reached; they must be open already. */
  readonly vnodes: VnodeService;
  readonly config: MnodeConfig;
  readonly dnode: DnodeInfo;
  /** What `show variables` prints. */
  readonly variables: () => readonly (readonly [name: string, value: string])[];
  /** `alter local` and `alter dnode` change a setting of this program; without it they change nothing. */
  readonly setVariable?: (name: string, value: string | undefined) => void;
  /** How dnodes are reached; without it there is this one only. */
  readonly commands?: DnodeCommands;
  /** Whether `tarbitrator` answers, where taos.cfg names one. */
  readonly isArbitratorOnline?: () => boolean;
  /** What `show connections` and `show queries` print; without it nothing. */
  readonly work?: RunningWork;
}

/** The service, and what its owner needs besides. */
export interface Mnode extends MnodeService {
  readonly clusterId: string;
  /** Dnodes of a vgroup's replicas, the likeliest master first; undefined: there is no such vgroup. */
  replicasOf(vgId: number): readonly number[] | undefined;
  /** This mnode was elected, after having been none or a slave: forgets old reports, tells vnodes what may be untold. */
  becameMaster(): Promise<void>;
  /** Another one is master: statements that wait for vnodes end with `Cluster not ready`, and are tried again there. */
  resigned(): void;
  /** Takes a dnode's report; while this mnode is the master. */
  onStatus(report: StatusReport): Promise<StatusAnswer>;
  /**
   * Moves, drops, mnodes, masters: to be called about every 100 ms while this mnode is the master of a cluster of
   * several dnodes. Never rejects; a call while the last one runs does nothing.
   */
  tick(): Promise<void>;
  /** Waits for running deliveries, writes a checkpoint, closes the log. */
  close(): Promise<void>;
}

/** Opens the metadata; throws CorruptionError when files are damaged. */
export async function openMnode(options: MnodeOptions): Promise<Mnode> {
  const { fs, dir, clock, logger } = options;
  const sdb = new Sdb({ fs, dir, clock, logger });
  const mnode = new LocalMnode(options, sdb);
  await mnode.start();
  return mnode;
}

class LocalMnode implements Mnode {
  readonly #context: Context;
  readonly #listeners = new Set<(change: CatalogChange) => void>();
  readonly #verified = new VerifiedCredentials();
  #isCheckpointing = false;
  /** What the last run may not have told vgroups that could not be asked yet. */
  #unrepaired: readonly Unrepaired[] = [];
  #repairAt = 0;

  constructor(options: MnodeOptions, sdb: Sdb) {
    const { vnodes, config, clock, logger, dnode, variables } = options;
    const commands = options.commands ?? localCommands(vnodes, dnode.id);
    const notify = (change: CatalogChange): void => {
      for (const listener of this.#listeners) listener(change);
    };
    const cluster = new Cluster({ sdb, config, clock, logger, dnode, notify, commands });
    const isOnline = (dnodeId: number): boolean => cluster.liveness.isOnline(dnodeId);
    const outbox = new Outbox({ vnodes, commands, isOnline });
    outbox.onIdle = () => this.#checkpointIfDue();
    this.#context = {
      sdb,
      outbox,
      vnodes,
      config,
      clock,
      logger,
      dnode,
      variables,
      setVariable: options.setVariable ?? (() => {}),
      notify,
      commands,
      cluster,
      isArbitratorOnline: options.isArbitratorOnline ?? (() => false),
      work: options.work ?? nothingRuns,
    };
  }

  get clusterId(): string {
    return this.#context.sdb.state.clusterId;
  }

  /** Founds the cluster at the first start; afterwards repairs what the last run left undone. */
  async start(): Promise<void> {
    const { sdb, clock, dnode, logger } = this.#context;
    if (sdb.state.clusterId === '') {
      const created = clock.now();
      const users = await firstUsers(created);
      await sdb.propose([
        { kind: 'cluster', id: randomUUID(), created },
        { kind: 'putDnode', dnode: foundingDnode(dnode, created) },
        { kind: 'putMnode', mnode: { dnodeId: dnode.id, created } },
        ...users.map((user) => ({ kind: 'putUser' as const, user })),
      ]);
      logger.info('MND', `a new cluster, ${sdb.state.clusterId}`);
    }
    const known = sdb.state.dnodes.get(dnode.id);
    if (known !== undefined && known.endPoint !== dnode.endPoint) {
      await sdb.propose([{ kind: 'putDnode', dnode: { ...known, endPoint: dnode.endPoint } }]);
    }
    if (sdb.state.mnodes.size === 0) {
      const created = sdb.state.clusterCreated;
      await sdb.propose([{ kind: 'putMnode', mnode: { dnodeId: dnode.id, created } }]);
    }
    this.#unrepaired = await repairVnodes(this.#context, sdb.takeTail());
  }

  /** Vgroups on other dnodes may come later than the mnode: they are told as soon as they answer. */
  async #repairMore(): Promise<void> {
    const { clock } = this.#context;
    if (this.#unrepaired.length === 0 || clock.monotonic() < this.#repairAt) return;
    this.#repairAt = clock.monotonic() + REPAIR_MS;
    this.#unrepaired = await repairAgain(this.#context, this.#unrepaired);
    if (this.#unrepaired.length === 0) this.#checkpointIfDue();
  }

  execute(sql: string, session: Session): Promise<AdminResult> {
    return executeStatement(this.#context, parseStatement(sql), session, {
      sql,
      forgetUser: (name) => this.#verified.forget(name),
    });
  }

  async authenticate(user: string, password: string): Promise<UserMeta> {
    const known = requireUser(this.#context, user);
    if (!this.#verified.has(user, password)) {
      const isRight = await verifyPassword(password, known);
      const now = requireUser(this.#context, user);
      if (!isRight || now.hash !== known.hash) {
        throw new TaosError(ErrorCode.RPC_AUTH_FAILURE, undefined, {
          detail: `wrong password for user ${user}`,
        });
      }
      this.#verified.remember(user, password);
    }
    return this.user(user);
  }

  async user(name: string): Promise<UserMeta> {
    const { privilege } = requireUser(this.#context, name);
    return { name, privilege };
  }

  async database(name: string): Promise<DbMeta | undefined> {
    const db = this.#context.sdb.state.dbs.get(name);
    if (db === undefined) return undefined;
    const vgroups = db.vgroups.map((vgroup) => ({
      vgId: vgroup.vgId as VgId,
      replicas: askOrder(this.#context.cluster, vgroup),
    }));
    return { name, options: db.options, vgroups };
  }

  async tables(db: string, names: readonly string[]): Promise<(TableMeta | undefined)[]> {
    await this.#context.outbox.attempted(db);
    const state = requireDb(this.#context, db, internal);
    return names.map((name) => tableMeta(state, name));
  }

  peekTable(db: string, name: string): TableMeta | undefined {
    const state = this.#context.sdb.state.dbs.get(db);
    if (state === undefined || this.#context.outbox.isWaiting(db)) return undefined;
    return tableMeta(state, name);
  }

  async ensureChildTables(
    dbName: string,
    stableName: string,
    tables: readonly { readonly name: string; readonly tags: readonly TagValue[] }[],
    session: Session,
  ): Promise<TableMeta[]> {
    requireWriteRight(this.#context, session);
    const db = requireDb(this.#context, dbName, session);
    const stable = db.stables.get(stableName);
    if (stable === undefined) throw noSuchTable(stableName);
    for (const { name } of tables) checkTableName(name);
    const wanted = tables.map(({ name, tags }): NewChild => ({ name, tags, stable }));
    const missing = missingOf(db, wanted);
    if (missing.length > 0) await addChildren(this.#context, db, missing);
    else await this.#context.outbox.attempted(dbName);
    return tables.map(({ name }) => requireTable(db, name));
  }

  replicasOf(vgId: number): readonly number[] | undefined {
    const place = findVgroup(this.#context.sdb.state, vgId);
    return place === undefined ? undefined : askOrder(this.#context.cluster, place.vgroup);
  }

  onStatus(report: StatusReport): Promise<StatusAnswer> {
    return this.#context.cluster.onStatus(report);
  }

  async becameMaster(): Promise<void> {
    const { cluster, sdb } = this.#context;
    cluster.begin();
    this.#unrepaired = await repairVnodes(this.#context, sdb.takeTail());
  }

  resigned(): void {
    this.#unrepaired = [];
    this.#context.outbox.abandon(new TaosError(ErrorCode.MND_NOT_READY));
  }

  async tick(): Promise<void> {
    await this.#context.cluster.tick();
    await this.#repairMore();
  }

  onChange(listener: (change: CatalogChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    const { sdb, outbox, logger, cluster } = this.#context;
    await cluster.close();
    for (const name of outbox.waiting) {
      try {
        await outbox.settled(name);
      } catch (error) {
        logger.warn('MND', `vnodes of ${name} are told at the next start: ${String(error)}`);
      }
    }
    await this.#checkpoint();
    sdb.close();
  }

  #checkpointIfDue(): void {
    if (!this.#context.sdb.checkpointDue || this.#isCheckpointing) return;
    this.#isCheckpointing = true;
    void this.#checkpoint().finally(() => (this.#isCheckpointing = false));
  }

  /**
   * Only when vnodes that were told something have it on disk: what is in a checkpoint is never told again. A change
   * that comes meanwhile puts it off; a vgroup that is away and was told nothing does not.
   */
  async #checkpoint(): Promise<void> {
    const { sdb, outbox, vnodes, logger } = this.#context;
    if (!outbox.isIdle || this.#unrepaired.length > 0) return;
    const { version } = sdb;
    try {
      const touched = [...outbox.touched].filter((vgId) => findVgroup(sdb.state, vgId));
      await Promise.all(touched.map((vgId) => vnodes.sync(vgId as VgId)));
      if (!outbox.isIdle || sdb.version !== version) return;
      sdb.checkpoint();
      outbox.touched.clear();
    } catch (error) {
      logger.error('SDB', `no checkpoint could be written: ${String(error)}`);
    }
  }
}

function foundingDnode({ id, endPoint }: DnodeInfo, created: number): DnodeState {
  return { id, endPoint, created, role: 0, isDropping: false, hasJoined: true };
}

/** For look-ups that name their database. */
const internal: Session = { user: 'root', db: undefined, timezone: 'UTC' };
