/**
 * What Tab offers: keywords by where the word stands, and names of databases, tables and columns from the server, which are
 * asked for when first needed and forgotten when a statement may have changed them.
 */
import { vectorValue } from '@tdnode/common';
import type { Server } from '../connection/server.ts';
import { masked } from '../statement/mask.ts';
import { firstWords, keywords, showWords } from './keywords.ts';

/** How readline takes it: what fits, and the part that it replaces. */
export type Completion = [hits: string[], part: string];

/** Names of one kind are cut here: nobody reads more, and a database may have millions of tables. */
const MAX_NAMES = 1000;
/** A name whose completion takes longer than this is not completed. */
const DEADLINE_MS = 1500;

const CHANGES = /^\s*(?:alter|create|drop|insert|use)\b/i;
const AFTER_TABLE_WORD = /\b(?:from|into|describe|desc|table|stable|using)\s+[\w.]*$/i;
const AFTER_DATABASE_WORD = /\b(?:use|database)\s+\w*$/i;
const TABLE_OF = /\b(?:from|into|table|stable|using|describe)\s+([a-z_]\w*(?:\.\w+)?)/gi;

const decoder = new TextDecoder();

/** See the head of this file. */
export class Completer {
  readonly #server: Server;
  readonly #names = new Map<string, Promise<readonly string[]>>();

  constructor(server: Server) {
    this.#server = server;
  }

  /** Takes notice of a statement: what it may have changed is asked for again. */
  forget(statement: string): void {
    if (CHANGES.test(statement)) this.#names.clear();
  }

  /** Offers completions of the last word of `line`; `before` is what the statement has above it. */
  async complete(before: string, line: string): Promise<Completion> {
    const { mask, open } = masked(`${before}\n${line}`);
    const statement = mask.slice(mask.lastIndexOf(';') + 1);
    const part = /[\w.]*$/.exec(line)![0];
    if (open !== undefined) return [[], part];
    const hits = await this.#candidates(statement, part);
    const lower = part.toLowerCase();
    const fitting = hits.filter((hit) => hit.toLowerCase().startsWith(lower));
    return [[...new Set(fitting)].toSorted(), part];
  }

  async #candidates(statement: string, part: string): Promise<readonly string[]> {
    const earlier = statement.slice(0, statement.length - part.length).trim();
    if (earlier === '') return inCaseOf(firstWords, part);
    if (/^show$/i.test(earlier)) return inCaseOf(showWords, part);
    if (AFTER_DATABASE_WORD.test(statement)) return this.#databases();
    if (part.includes('.')) return this.#qualified(part);
    if (AFTER_TABLE_WORD.test(statement)) {
      const [tables, databases] = await Promise.all([this.#tables(undefined), this.#databases()]);
      return [...tables, ...databases.map((name) => `${name}.`), ...inCaseOf(keywords, part)];
    }
    const known = await Promise.all(
      [...statement.matchAll(TABLE_OF)].map((found) => this.#columns(found[1]!)),
    );
    return [...known.flat(), ...inCaseOf(keywords, part)];
  }

  async #qualified(part: string): Promise<readonly string[]> {
    const [db = ''] = part.split('.');
    return (await this.#tables(db)).map((name) => `${db}.${name}`);
  }

  #databases(): Promise<readonly string[]> {
    return this.#remembered('show databases');
  }

  async #tables(db: string | undefined): Promise<readonly string[]> {
    const prefix = db === undefined ? '' : `${db}.`;
    const [stables, tables] = await Promise.all([
      this.#remembered(`show ${prefix}stables`),
      this.#remembered(`show ${prefix}tables`),
    ]);
    return [...stables, ...tables];
  }

  #columns(table: string): Promise<readonly string[]> {
    return this.#remembered(`describe ${table}`);
  }

  #remembered(sql: string): Promise<readonly string[]> {
    const key = `${this.#server.db ?? ''}\n${sql}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const asked = this.#firstColumn(sql).catch((): readonly string[] => {
      // No database in use, no such table, no server: there is nothing to offer, and Tab is no place to say so.
      this.#names.delete(key);
      return [];
    });
    this.#names.set(key, asked);
    return asked;
  }

  async #firstColumn(sql: string): Promise<readonly string[]> {
    const answer = await this.#server.execute(sql, { signal: AbortSignal.timeout(DEADLINE_MS) });
    const names: string[] = [];
    if (answer.kind !== 'rows') return names;
    for await (const batch of answer.batches) {
      for (let row = 0; row < batch.rows; row++) {
        const value = vectorValue(batch.columns[0]!, row);
        if (value instanceof Uint8Array) names.push(decoder.decode(value));
        if (names.length === MAX_NAMES) return names;
      }
    }
    return names;
  }
}

/** Keywords as the user writes them: who began in capitals goes on in capitals. */
function inCaseOf(words: readonly string[], part: string): readonly string[] {
  return /^[A-Z]/.test(part) ? words.map((word) => word.toUpperCase()) : words;
}
