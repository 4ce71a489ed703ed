/** The metadata, wherever its master is: what coordinators on dnodes without an mnode, or with a slave, use. */
import type { TagValue } from '@tdnode/common';
import {
  mnodeAuthenticate,
  mnodeDatabase,
  mnodeEnsureChildTables,
  mnodeExecute,
  mnodeTables,
  mnodeUser,
  type WithNews,
} from '../messages/mnode-calls.ts';
import type {
  AdminResult,
  CatalogChange,
  DbMeta,
  MnodeService,
  Session,
  TableMeta,
  UserMeta,
} from '../services/mnode-service.ts';
import { ChangeFollower } from './change-follower.ts';
import { MasterFinder, type MasterFinderOptions } from './master-finder.ts';
import { isRepeatable } from './repeatable.ts';
import { UserCache } from './user-cache.ts';

/** See the head of this file. */
export class RemoteMnodeService implements MnodeService {
  readonly #finder: MasterFinder;
  readonly #changes: ChangeFollower;
  readonly #users: UserCache;

  constructor(options: MasterFinderOptions) {
    this.#finder = new MasterFinder(options);
    this.#users = new UserCache(options.clock);
    this.#changes = new ChangeFollower(this.#finder, options, {
      onChange: ({ db, user }) => {
        if (db === '') this.#users.forget(user);
      },
      onHeard: () => this.#users.heard(),
      onClose: () => this.#users.deafen(),
    });
  }

  /** The end point that answered last as the master, for heartbeats and the log. */
  get master(): string | undefined {
    return this.#finder.master;
  }

  async execute(sql: string, session: Session): Promise<AdminResult> {
    const call = isRepeatable(sql) ? { ...mnodeExecute, isIdempotent: true } : mnodeExecute;
    return this.#heard(await this.#finder.call(call, { sql, session, place: this.#changes.place }));
  }

  async authenticate(user: string, password: string): Promise<UserMeta> {
    const known = this.#users.verified(user, password);
    if (known !== undefined) return known;
    const { generation } = this.#users;
    const found = await this.#finder.call(mnodeAuthenticate, { user, password });
    this.#users.remember(generation, found, password);
    return found;
  }

  async user(name: string): Promise<UserMeta> {
    const known = this.#users.user(name);
    if (known !== undefined) return known;
    const { generation } = this.#users;
    const found = await this.#finder.call(mnodeUser, { name });
    this.#users.remember(generation, found);
    return found;
  }

  database(name: string): Promise<DbMeta | undefined> {
    return this.#finder.call(mnodeDatabase, { name });
  }

  async tables(db: string, names: readonly string[]): Promise<(TableMeta | undefined)[]> {
    return [...(await this.#finder.call(mnodeTables, { db, names }))];
  }

  async ensureChildTables(
    db: string,
    stable: string,
    tables: readonly { readonly name: string; readonly tags: readonly TagValue[] }[],
    session: Session,
  ): Promise<TableMeta[]> {
    const request = { db, stable, tables, session, place: this.#changes.place };
    return [...this.#heard(await this.#finder.call(mnodeEnsureChildTables, request))];
  }

  /** A change of database `''` means that some may have been missed: forget everything. */
  onChange(listener: (change: CatalogChange) => void): () => void {
    return this.#changes.listen(listener);
  }

  /** Stops listening to changes. */
  close(): void {
    this.#changes.close();
  }

  /** Caches know of what an answer did before its asker does. */
  #heard<T>({ value, news }: WithNews<T>): T {
    this.#changes.take(news);
    return value;
  }
}
