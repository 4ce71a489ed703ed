/**
 * What was typed, across sessions: `~/.taos_history`, oldest first, a line an entry, at most 1000, as 2.1.2 keeps it. The
 * file is for its owner's eyes only: statements may hold passwords. Several shells append; the last to leave cuts.
 */
import fs from 'node:fs';

/** Entries that are kept. */
export const MAX_HISTORY = 1000;
const OWNER_ONLY = 0o600;

/** See the head of this file. */
export class History {
  readonly #file: string;
  #entries: string[];

  constructor(file: string) {
    this.#file = file;
    this.#entries = readEntries(file);
  }

  /** Newest first, as readline wants them. */
  get newestFirst(): string[] {
    return this.#entries.toReversed();
  }

  /** Keeps a statement, on one line; what equals the last entry is not kept again. */
  add(statement: string): void {
    const entry = statement.replaceAll(/\s*\n\s*/g, ' ').trim();
    if (entry === '' || entry === this.#entries.at(-1)) return;
    this.#entries.push(entry);
    this.#entries.splice(0, this.#entries.length - MAX_HISTORY);
    fs.appendFileSync(this.#file, `${entry}\n`, { mode: OWNER_ONLY });
  }

  /** The newest entry that contains `part` behind the first `skip` of those. */
  find(part: string, skip: number): string | undefined {
    const found = new Set(this.newestFirst.filter((entry) => entry.includes(part)));
    return [...found][skip];
  }

  /** Cuts the file to its newest entries. */
  close(): void {
    const all = readEntries(this.#file);
    if (all.length <= MAX_HISTORY) return;
    fs.writeFileSync(this.#file, `${all.slice(-MAX_HISTORY).join('\n')}\n`, { mode: OWNER_ONLY });
  }
}

function readEntries(file: string): string[] {
  try {
    return fs
      .readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
