/**
 * What was typed, across sessions: `~/.taos_history`, oldest first, a line an entry, at most 1000, as 2.1.2 keeps it. The
 * file is for its owner's eyes only: statements may hold passwords. Several shells append; the last to leave cuts.
 * Where the file cannot be read or written, that is said once, and this session's entries live in memory only.
 */
import fs from 'node:fs';

/** Entries that are kept. */
export const MAX_HISTORY = 1000;
const OWNER_ONLY = 0o600;

/** See the head of this file. */
export class History {
  readonly #file: string;
  readonly #warn: (sentence: string) => void;
  #entries: string[] = [];
  #isOnDisk = true;

  constructor(file: string, warn: (sentence: string) => void) {
    this.#file = file;
    this.#warn = warn;
    this.#onDisk(() => (this.#entries = readEntries(file).slice(-MAX_HISTORY)));
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
    if (this.#entries.length > MAX_HISTORY) this.#entries.shift();
    this.#onDisk(() => fs.appendFileSync(this.#file, `${entry}\n`, { mode: OWNER_ONLY }));
  }

  /** The newest entry that contains `part`, behind the first `skip` different ones. */
  find(part: string, skip: number): string | undefined {
    const found = new Set(this.newestFirst.filter((entry) => entry.includes(part)));
    return [...found][skip];
  }

  /** Cuts the file to its newest entries. */
  close(): void {
    this.#onDisk(() => {
      const newest = readEntries(this.#file);
      if (newest.length <= MAX_HISTORY) return;
      const text = `${newest.slice(-MAX_HISTORY).join('\n')}\n`;
      fs.writeFileSync(this.#file, text, { mode: OWNER_ONLY });
    });
  }

  #onDisk(work: () => void): void {
    if (!this.#isOnDisk) return;
    try {
      work();
    } catch (error) {
      this.#isOnDisk = false;
      this.#warn(`the history is not kept: ${(error as Error).message}`);
    }
  }
}

function readEntries(file: string): string[] {
  try {
    const lines = fs.readFileSync(file, 'utf8').split('\n');
    return lines.filter((line) => line !== '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
