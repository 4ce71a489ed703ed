/** Fetches from the mnode, or has it create, what one INSERT needs and the catalog cache does not know. */
import { ErrorCode, TaosError } from '@tdnode/common';
import type { MnodeService, Session, TableMeta } from '@tdnode/rpc';
import type { ChildTable, InsertNeeds } from '@tdnode/sql';
import type { CatalogCache } from './catalog-cache.ts';

/** Questions that are asked again because the catalog changed while they were under way. */
const MAX_TRIES = 3;

/** Looks tables up for one insert, and makes those that are missing. */
export class TableLoader {
  readonly #mnode: MnodeService;
  readonly #cache: CatalogCache;
  readonly #session: Session;
  /** `db.table` that the mnode does not have. */
  readonly #missing = new Set<string>();

  constructor(mnode: MnodeService, cache: CatalogCache, session: Session) {
    this.#mnode = mnode;
    this.#cache = cache;
    this.#session = session;
  }

  /** Throws 896 when there is no such database. */
  async #loadDatabase(name: string): Promise<void> {
    const meta = await this.#fresh(() => this.#mnode.database(name));
    if (meta === undefined) {
      throw new TaosError(ErrorCode.MND_DB_NOT_SELECTED, undefined, {
        detail: `there is no database '${name}'`,
      });
    }
    this.#cache.addDatabase(meta);
  }

  /**
   * Meets all needs that can be met. A table that does not exist is an error only when nothing else is left
   * to do: clauses before it create their tables first.
   */
  async meet(needs: InsertNeeds): Promise<void> {
    for (const name of needs.databases) await this.#loadDatabase(name);
    for (const children of groupedBy(needs.children, (child) => `${child.db}.${child.stable}`)) {
      await this.#create(children);
    }
    let isProgress = needs.databases.length > 0 || needs.children.length > 0;
    for (const tables of groupedBy(needs.tables, (table) => table.db)) {
      if (await this.#fetch(tables)) isProgress = true;
    }
    if (isProgress) return;
    const { db, name } = needs.tables[0]!;
    throw new TaosError(ErrorCode.MND_INVALID_TABLE_NAME, undefined, {
      detail: `there is no table '${name}' in database '${db}'`,
    });
  }

  async #create(children: readonly ChildTable[]): Promise<void> {
    const { db, stable } = children[0]!;
    const metas = await this.#mnode.ensureChildTables(db, stable, children, this.#session);
    for (const meta of metas) this.#cache.addTable(meta);
  }

  /** Was any of them found? */
  async #fetch(
    tables: readonly { readonly db: string; readonly name: string }[],
  ): Promise<boolean> {
    const wanted = tables.filter(({ db, name }) => !this.#missing.has(`${db}.${name}`));
    if (wanted.length === 0) return false;
    const { db } = wanted[0]!;
    const names = wanted.map((table) => table.name);
    const metas = await this.#fresh(() => this.#mnode.tables(db, names));
    let found = false;
    metas.forEach((meta: TableMeta | undefined, i) => {
      if (meta === undefined) {
        this.#missing.add(`${db}.${names[i]!}`);
      } else {
        found = true;
        this.#cache.addTable(meta);
      }
    });
    return found;
  }

  /** Asks, and asks again when something was forgotten in the meantime: the answer may be older than that. */
  async #fresh<T>(ask: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const { generation } = this.#cache;
      const answer = await ask();
      if (generation === this.#cache.generation || attempt === MAX_TRIES) return answer;
    }
  }
}

function groupedBy<T>(items: readonly T[], key: (item: T) => string): Iterable<T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups.values();
}
