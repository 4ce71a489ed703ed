/**
 * The metadata service of one host: opens the store, founds the cluster when there is none, and answers
 * statements and look-ups while it is the master. Statements are parsed here, so that one grammar rules wherever
 * they come from.
 */
import { randomUUID } from 'node:crypto';
import { ErrorCode, TaosError, type TagValue, type VgId } from '@tdnode/common';
import {
  VerifiedCredentials,
  type AdminResult,
  type CatalogChange,
  type DbMeta,
  type MemberChange,
  type Session,
  type StatusAnswer,
  type StatusReport,
  type TableMeta,
  type UserMeta,
  type VnodeReport,
  type StreamDefinition,
} from '@tdnode/rpc';
import { parseStatement } from '@tdnode/sql';
import { verifyPassword } from './auth/password.ts';
import { addChildren, missingOf, type NewChild } from './catalog/child-tables.ts';
import { streamDefinitions } from './catalog/streams.ts';
import { checkTableName, requireTable, tableMeta } from './catalog/tables.ts';
import { firstUsers } from './catalog/users.ts';
import { Cluster } from './cluster/cluster.ts';
import { localCommands } from './cluster/local-commands.ts';
import { ClusterWork, nothingRuns } from './cluster/cluster-work.ts';
import { noStreamRuns } from './cluster/stream-runs.ts';
import { askOrder, findVgroup } from './cluster/view.ts';
import {
  noSuchTable,
  requireDb,
  requireUser,
  requireWriteRight,
  type Context,
  type DnodeInfo,
} from './context.ts';
import { executeStatement } from './execute.ts';
import type { Mnode, MnodeOptions } from './mnode-face.ts';
import { Outbox } from './outbox.ts';
import { repairAgain, repairVnodes, type Unrepaired } from './repair.ts';
import { notReady } from './sdb/refusals.ts';
import { MNODE_VGID, type MnodeReplication } from './sdb/replication.ts';
import { Sdb } from './sdb/sdb.ts';
import type { DbState, DnodeState } from './sdb/state.ts';

export type { Mnode, MnodeOptions } from './mnode-face.ts';

/** What may be refused for want of dnodes: a vgroup, or the option `replica`. */
const TOO_FEW: ReadonlySet<number> = new Set([
  ErrorCode.MND_NO_ENOUGH_DNODES,
  ErrorCode.MND_INVALID_DB_OPTION,
]);

const GATHERING = 'a new master has not heard all dnodes yet';

/** How often vgroups that could not be told are tried again. */
const REPAIR_MS = 1000;

/** Opens the metadata; throws CorruptionError when files are damaged. */
export async function openMnode(options: MnodeOptions): Promise<Mnode> {
  const { fs, dir, clock, logger, dnode, replication } = options;
  const sdb = new Sdb({
    fs,
    dir,
    clock,
    logger,
    dnodeId: dnode.id,
    ...(replication === undefined ? {} : { replication }),
  });
  const mnode = new LocalMnode(options, sdb);
  await mnode.start();
  return mnode;
}

class LocalMnode implements Mnode {
  readonly #context: Context;
  readonly #listeners = new Set<(change: CatalogChange) => void>();
  readonly #verified = new VerifiedCredentials();
  readonly #replication: MnodeReplication | undefined;
  #isCheckpointing = false;
  /** What the last run may not have told vgroups that could not be asked yet. */
  #unrepaired: readonly Unrepaired[] = [];
  #repairAt = 0;

  constructor(options: MnodeOptions, sdb: Sdb) {
    const { vnodes, config, clock, logger, dnode, variables } = options;
    this.#replication = options.replication;
    const commands = options.commands ?? localCommands(vnodes, dnode.id);
    const notify = (change: CatalogChange): void => {
      for (const listener of this.#listeners) listener(change);
    };
    const { askWho } = options;
    const cluster = new Cluster({ sdb, config, clock, logger, dnode, notify, commands, askWho });
    const isOnline = (dnodeId: number): boolean => cluster.liveness.isOnline(dnodeId);
    const operations = options.operations ?? nothingRuns;
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
      notify,
      commands,
      askWho,
      cluster,
      arbitratorSince: options.arbitratorSince ?? (() => undefined),
      operations,
      work: new ClusterWork(operations, () => [...sdb.state.dnodes.keys()].filter(isOnline)),
      streamRuns: options.streamRuns ?? noStreamRuns,
    };
  }

  get clusterId(): string {
    return this.#context.sdb.state.clusterId;
  }

  get isMaster(): boolean {
    return this.#context.sdb.isMaster;
  }

  get failure(): unknown {
    return this.#context.sdb.failure;
  }

  streams(): readonly StreamDefinition[] {
    return streamDefinitions(this.#context);
  }

  demandMaster(): void {
    this.#context.sdb.demandMaster();
  }

  /** An only mnode is master at once: founds the cluster at the first start, repairs what the last run left undone. */
  async start(): Promise<void> {
    const { sdb } = this.#context;
    sdb.onMaster = (isMaster) => this.#onMaster(isMaster);
    if (sdb.isMaster) await this.#lead();
  }

  #onMaster(isMaster: boolean): void {
    const { logger, outbox } = this.#context;
    logger.info('MND', isMaster ? 'this mnode is the master now' : 'another mnode becomes master');
    if (isMaster) {
      void this.#lead().catch((error: unknown) =>
        logger.error('MND', `what the last master left undone waits: ${String(error)}`),
      );
    } else {
      this.#unrepaired = [];
      outbox.abandon(notReady('another mnode becomes master'));
    }
    this.#replication?.onMaster?.(isMaster);
    this.#context.notify({ db: '', table: undefined });
  }

  /** A new master: what it heard in an earlier term is old, and vnodes may not have heard all. */
  async #lead(): Promise<void> {
    const { sdb, dnode, cluster } = this.#context;
    cluster.begin();
    this.#verified.clear();
    if (sdb.state.clusterId === '') await this.#found();
    const known = sdb.state.dnodes.get(dnode.id);
    if (known !== undefined && known.endPoint !== dnode.endPoint)
      await sdb.propose([{ kind: 'putDnode', dnode: { ...known, endPoint: dnode.endPoint } }]);
    if (sdb.state.mnodes.size === 0) {
      const created = sdb.state.clusterCreated;
      await sdb.propose([{ kind: 'putMnode', mnode: { dnodeId: dnode.id, created } }]);
    }
    this.#unrepaired = await repairVnodes(this.#context, sdb.untold());
  }

  async #found(): Promise<void> {
    const { sdb, clock, dnode, logger } = this.#context;
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

  /** Vgroups on other dnodes may come later than the mnode: they are told as soon as they answer. */
  async #repairMore(): Promise<void> {
    const { clock } = this.#context;
    if (this.#unrepaired.length === 0 || clock.monotonic() < this.#repairAt) return;
    this.#repairAt = clock.monotonic() + REPAIR_MS;
    this.#unrepaired = await repairAgain(this.#context, this.#unrepaired);
    if (this.#unrepaired.length === 0) this.#checkpointIfDue();
  }

  async execute(sql: string, session: Session): Promise<AdminResult> {
    const { sdb } = this.#context;
    sdb.demandMaster();
    try {
      return await executeStatement(this.#context, parseStatement(sql), session, {
        sql,
        forgetUser: (name) => {
          this.#verified.forget(name);
          this.#context.notify({ db: '', table: undefined, user: name });
        },
      });
    } catch (error) {
      throw this.#hasTooFew(error) ? notReady(GATHERING) : error;
    } finally {
      await sdb.settled(); // No answer, no refusal either, speaks of what may be taken back.
    }
  }

  async authenticate(user: string, password: string): Promise<UserMeta> {
    this.demandMaster();
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
    this.demandMaster();
    const { privilege } = requireUser(this.#context, name);
    return { name, privilege };
  }

  async database(name: string): Promise<DbMeta | undefined> {
    await this.#context.sdb.settled();
    const db = this.#context.sdb.state.dbs.get(name);
    if (db === undefined) return undefined;
    const vgroups = db.vgroups.map((vgroup) => ({
      vgId: vgroup.vgId as VgId,
      replicas: askOrder(this.#context.cluster, vgroup),
    }));
    return { name, options: db.options, vgroups };
  }

  async tables(db: string, names: readonly string[]): Promise<(TableMeta | undefined)[]> {
    this.demandMaster();
    await this.#context.outbox.attempted(db);
    const state = requireDb(this.#context, db, internal);
    return names.map((name) => tableMeta(state, name));
  }

  peekTable(db: string, name: string): TableMeta | undefined {
    const state = this.#context.sdb.state.dbs.get(db);
    if (state === undefined || !this.isMaster || this.#context.outbox.isWaiting(db))
      return undefined;
    return tableMeta(state, name);
  }

  async ensureChildTables(
    dbName: string,
    stableName: string,
    tables: readonly { readonly name: string; readonly tags: readonly TagValue[] }[],
    session: Session,
  ): Promise<TableMeta[]> {
    this.demandMaster();
    requireWriteRight(this.#context, session);
    const db = requireDb(this.#context, dbName, session);
    const stable = db.stables.get(stableName);
    if (stable === undefined) throw noSuchTable(stableName);
    for (const { name } of tables) checkTableName(name);
    const wanted = tables.map(({ name, tags }): NewChild => ({ name, tags, stable }));
    const missing = missingOf(db, wanted);
    if (missing.length > 0) await this.#addChildren(db, missing);
    else await this.#context.outbox.attempted(dbName);
    return tables.map(({ name }) => requireTable(db, name));
  }

  replicasOf(vgId: number): readonly number[] | undefined {
    const place = findVgroup(this.#context.sdb.state, vgId);
    return place === undefined ? undefined : askOrder(this.#context.cluster, place.vgroup);
  }

  keepsFirst(vgId: number): boolean {
    return findVgroup(this.#context.sdb.state, vgId)?.db.options.update === 0;
  }

  async #addChildren(db: DbState, missing: readonly NewChild[]): Promise<void> {
    try {
      await addChildren(this.#context, db, missing);
    } catch (error) {
      throw this.#hasTooFew(error) ? notReady(GATHERING) : error;
    }
  }

  /** Whether dnodes may be too few only because they have not reported to this master yet. */
  #hasTooFew(error: unknown): boolean {
    const isRefusal = error instanceof TaosError && TOO_FEW.has(error.code);
    return isRefusal && this.#context.cluster.isGathering;
  }

  async onStatus(report: StatusReport): Promise<StatusAnswer> {
    this.demandMaster();
    return this.#context.cluster.onStatus(report);
  }

  receiveFrame(frame: Uint8Array<ArrayBuffer>): void {
    this.#context.sdb.receive(frame);
  }

  tickReplica(): void {
    this.#context.sdb.tick();
  }

  peerLost(dnodeId: number): void {
    this.#context.sdb.peerLost(dnodeId);
  }

  report(): VnodeReport {
    return this.#context.sdb.report();
  }

  changeMembers(change: MemberChange): Promise<void> {
    return this.#context.sdb.changeMembers(change);
  }

  handOver(): Promise<void> {
    return this.#context.sdb.handOver();
  }

  async tick(): Promise<void> {
    if (!this.isMaster) return;
    const { cluster, dnode } = this.#context;
    if (this.#replication !== undefined)
      cluster.liveness.putVnode(dnode.id, MNODE_VGID, this.report());
    await cluster.tick();
    await this.#repairMore();
  }

  onChange(listener: (change: CatalogChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    const { sdb, outbox, logger, cluster } = this.#context;
    await cluster.close();
    for (const name of this.isMaster ? outbox.waiting : []) {
      try {
        await outbox.settled(name);
      } catch (error) {
        logger.warn('MND', `vnodes of ${name} are told at the next start: ${String(error)}`);
      }
    }
    if (sdb.isAlone) await this.#checkpoint();
    sdb.close();
  }

  #checkpointIfDue(): void {
    const { sdb } = this.#context;
    if (!sdb.isMaster || !sdb.checkpointDue || this.#isCheckpointing) return;
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
      outbox.touched.clear();
      await sdb.noteTold();
    } catch (error) {
      logger.error('SDB', `no checkpoint is made: ${String(error)}`);
    }
  }
}

function foundingDnode({ id, endPoint }: DnodeInfo, created: number): DnodeState {
  return { id, endPoint, created, role: 0, isDropping: false, hasJoined: true };
}

/** For look-ups that name their database. */
const internal: Session = { user: 'root', db: undefined, timezone: 'UTC' };
