/** Collects what a statement needs before it can be parsed for good; each name once. */
import type { TagValue } from '@tdnode/common';
import type { ChildTable, InsertNeeds } from './catalog.ts';

/** Where a name lies in the statement. */
export interface NameRange {
  readonly from: number;
  readonly to: number;
}

const utf8 = new TextDecoder();

/** Collects what is missing, each once. */
export class NeedList {
  #databases = new Set<string>();
  #tables = new Map<string, { readonly db: string; readonly name: string }>();
  #children = new Map<string, ChildTable>();
  isEmpty = true;

  clear(): void {
    if (this.isEmpty) return;
    this.isEmpty = true;
    this.#databases = new Set();
    this.#tables = new Map();
    this.#children = new Map();
  }

  addDatabase(name: string): void {
    this.isEmpty = false;
    this.#databases.add(name);
  }

  addTable(db: string, sql: Uint8Array, range: NameRange): void {
    this.isEmpty = false;
    const name = nameOf(sql, range);
    this.#tables.set(`${db}.${name}`, { db, name });
  }

  /** The first clause of a table gives its tags. */
  addChild(
    db: string,
    sql: Uint8Array,
    names: { readonly table: NameRange; readonly stable: NameRange },
    tags: readonly TagValue[],
  ): void {
    this.isEmpty = false;
    const name = nameOf(sql, names.table);
    const key = `${db}.${name}`;
    if (!this.#children.has(key))
      this.#children.set(key, { db, stable: nameOf(sql, names.stable), name, tags });
  }

  take(): InsertNeeds {
    return {
      databases: [...this.#databases],
      tables: [...this.#tables.values()],
      children: [...this.#children.values()],
    };
  }
}

/** The name there, as catalogs spell it. */
export function nameOf(sql: Uint8Array, range: NameRange): string {
  return utf8.decode(sql.subarray(range.from, range.to)).toLowerCase();
}
