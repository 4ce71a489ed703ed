/**
 * The metadata for everybody on this dnode: the mnode in this process while it is the master, else whichever one is,
 * by RPC. Learns on the way where vgroups are, for the vnode router.
 *
 * A dnode that belongs to no cluster yet answers every question with 828 and the reason.
 */
import { ErrorCode, TaosError, type TagValue } from '@tdnode/common';
import type { Mnode } from '@tdnode/mnode';
import {
  RedirectError,
  type AdminResult,
  type CatalogChange,
  type DbMeta,
  type MnodeService,
  type RemoteMnodeService,
  type Session,
  type TableMeta,
  type UserMeta,
} from '@tdnode/rpc';
import type { VgroupPlaces } from './vnode-router.ts';

/** What a router stands on. */
export interface MnodeRouterOptions {
  readonly remote: RemoteMnodeService;
  /** Why nothing can be answered yet; undefined: this dnode belongs to a cluster. */
  readonly notReady: () => TaosError | undefined;
  /** A mnode elsewhere ran a statement that may have changed vnodes; told before the answer is. */
  readonly onRemoteStatement: () => void;
}

interface Place {
  readonly db: string;
  readonly keepsFirst: boolean;
  readonly replicas: readonly number[];
}

/** See the head of this file. */
export class MnodeRouter implements MnodeService, VgroupPlaces {
  readonly #options: MnodeRouterOptions;
  readonly #listeners = new Set<(change: CatalogChange) => void>();
  /** Vgroups as databases said them; only where the master is elsewhere. */
  readonly #places = new Map<number, Place>();
  #local: Mnode | undefined;
  #stopListening: (() => void) | undefined;
  #isClosed = false;

  constructor(options: MnodeRouterOptions) {
    this.#options = options;
  }

  /** The mnode of this process, while it is the master. */
  get local(): Mnode | undefined {
    return this.#local;
  }

  /** From now on `mnode`, in this process, is the master; undefined: another one is. */
  setLocal(mnode: Mnode | undefined): void {
    if (mnode === this.#local) return;
    this.#local = mnode;
    this.#places.clear();
    this.#listen();
    this.#tell({ db: '', table: undefined });
  }

  async execute(sql: string, session: Session): Promise<AdminResult> {
    let answer: AdminResult | undefined;
    let isElsewhere = false;
    try {
      answer = await this.#ask((service) => {
        isElsewhere = service === this.#options.remote;
        return service.execute(sql, session);
      });
      return answer;
    } finally {
      // Rows are what show and describe answer: they change nothing.
      if (isElsewhere && answer?.kind !== 'rows') this.#options.onRemoteStatement();
    }
  }

  authenticate(user: string, password: string): Promise<UserMeta> {
    return this.#ask((service) => service.authenticate(user, password));
  }

  user(name: string): Promise<UserMeta> {
    return this.#ask((service) => service.user(name));
  }

  async database(name: string): Promise<DbMeta | undefined> {
    const meta = await this.#ask((service) => service.database(name));
    if (this.#local === undefined) this.#learn(name, meta);
    return meta;
  }

  async tables(db: string, names: readonly string[]): Promise<(TableMeta | undefined)[]> {
    return this.#placed(db, await this.#ask((service) => service.tables(db, names)));
  }

  peekTable(db: string, name: string): TableMeta | undefined {
    return this.#local?.peekTable?.(db, name);
  }

  async ensureChildTables(
    db: string,
    stable: string,
    tables: readonly { readonly name: string; readonly tags: readonly TagValue[] }[],
    session: Session,
  ): Promise<TableMeta[]> {
    const metas = await this.#ask((service) =>
      service.ensureChildTables(db, stable, tables, session),
    );
    return this.#placed(db, metas);
  }

  onChange(listener: (change: CatalogChange) => void): () => void {
    const own = (change: CatalogChange): void => listener(change);
    this.#listeners.add(own);
    if (this.#stopListening === undefined) this.#listen();
    return () => void this.#listeners.delete(own);
  }

  replicasOf(vgId: number): readonly number[] | undefined {
    if (this.#local !== undefined) return this.#local.replicasOf(vgId);
    return this.#places.get(vgId)?.replicas;
  }

  keepsFirst(vgId: number): boolean {
    if (this.#local !== undefined) return this.#local.keepsFirst(vgId);
    return this.#places.get(vgId)?.keepsFirst === true;
  }

  async refresh(vgId: number): Promise<void> {
    const place = this.#places.get(vgId);
    if (this.#local === undefined && place !== undefined) await this.database(place.db);
  }

  /** Stops listening. */
  close(): void {
    this.#isClosed = true;
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#options.remote.close();
  }

  /**
   * Asks the mnode here while it is the master, else whichever one is. What a master cannot answer that has just begun
   * or just lost its role is asked again like that of another dnode, until the deadline.
   */
  async #ask<T>(ask: (service: MnodeService) => Promise<T>): Promise<T> {
    const { remote, notReady } = this.#options;
    if (this.#local !== undefined) {
      try {
        return await ask(this.#local);
      } catch (error) {
        const isElsewhere = error instanceof RedirectError;
        const isBetween = error instanceof TaosError && error.code === ErrorCode.MND_NOT_READY;
        if (this.#isClosed || !(isElsewhere || isBetween)) throw error;
      }
    }
    const reason = notReady();
    if (reason !== undefined) throw reason;
    return ask(remote);
  }

  /** Tables whose vgroup is not known here are in a new one: where it is, their database says. */
  async #placed<T extends readonly (TableMeta | undefined)[]>(db: string, tables: T): Promise<T> {
    if (this.#local !== undefined) return tables;
    const isUnknown = tables.some(
      (table) => table !== undefined && table.vgId !== 0 && !this.#places.has(table.vgId),
    );
    if (isUnknown) await this.database(db);
    return tables;
  }

  #learn(db: string, meta: DbMeta | undefined): void {
    for (const [vgId, place] of this.#places) if (place.db === db) this.#places.delete(vgId);
    const keepsFirst = meta?.options.update === 0;
    for (const { vgId, replicas } of meta?.vgroups ?? [])
      this.#places.set(vgId, { db, keepsFirst, replicas });
  }

  #listen(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    if (this.#listeners.size === 0) return;
    const source: MnodeService = this.#local ?? this.#options.remote;
    this.#stopListening = source.onChange((change) => this.#tell(change));
  }

  #tell(change: CatalogChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
