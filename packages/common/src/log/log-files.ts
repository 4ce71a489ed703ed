/**
 * The two log files `<name>.0` and `<name>.1`, written in turn.
 *
 *   - A file is full after `maxLines` lines; the log goes on in the other one, which is emptied.
 *   - `keepDays` n > 0: the full file is kept as `<name>.<seconds>` and removed after n days; n < 0: the same,
 *     compressed to `.gz`; 0: it is overwritten when its turn comes.
 *   - A start continues in the file that was written last.
 *   - Lines wait in memory and are written together, at latest after FLUSH_MS, and before the process exits;
 *     with `isAsync` false each is written at once.
 *   - Below `minimalFreeBytes` of free space, and when a write fails, lines are dropped, never the server; the next
 *     line that is written says how many.
 */
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Clock } from '../clock/clock.ts';

/** Where and how to write. */
export interface LogFilesOptions {
  readonly folder: string;
  /** Stem of the file names: `taosdlog`. */
  readonly name: string;
  readonly maxLines: number;
  readonly keepDays: number;
  readonly isAsync: boolean;
  readonly minimalFreeBytes: number;
  readonly clock: Clock;
}

const FLUSH_MS = 50;
const FLUSH_BYTES = 64 * 1024;
/** How often free space is looked at. */
const SPACE_CHECK_MS = 5000;
/** To guess how many lines a file has that an earlier run wrote. */
const TYPICAL_LINE_BYTES = 100;
const DAY_MS = 86_400_000;
const banner = `${'new log file'.padStart(28).padEnd(50)}\n${'='.repeat(50)}\n`;

/** The open pair of files. */
export class LogFiles {
  readonly #options: LogFilesOptions;
  #turn: 0 | 1;
  #fd: number;
  #lines: number;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #spaceCheckedAt = Number.NEGATIVE_INFINITY;
  #hasSpace = true;
  /** Lines dropped since the last one that was written. */
  #lost = 0;
  #packing: Promise<void> = Promise.resolve();

  /** Opens the file written last; throws when the folder cannot be written. */
  constructor(options: LogFilesOptions) {
    this.#options = options;
    fs.mkdirSync(options.folder, { recursive: true });
    this.#turn = this.#modifiedAt(1) > this.#modifiedAt(0) ? 1 : 0;
    this.#fd = fs.openSync(this.#file(this.#turn), 'a');
    this.#lines = Math.floor(fs.fstatSync(this.#fd).size / TYPICAL_LINE_BYTES);
    if (this.#lines === 0) this.#waiting.push(banner);
  }

  /** Adds one line; `line` ends with its line feed. */
  write(line: string): void {
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    this.#lines++;
    const { isAsync, maxLines } = this.#options;
    if (this.#lines >= maxLines) this.#flip();
    else if (!isAsync || this.#waitingBytes >= FLUSH_BYTES) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS).unref();
  }

  /** Everything said so far is with the operating system. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const lines = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (this.#wrote(lines.join(''))) this.#lost = 0;
    else this.#lost += lines.length;
  }

  /** Goes on in the other file, as if this one were full. */
  turnOver(): void {
    this.#flip();
  }

  /** Flushes and closes; waits for a full file that is being compressed. */
  async close(): Promise<void> {
    this.flush();
    fs.closeSync(this.#fd);
    await this.#packing;
  }

  #file(turn: 0 | 1): string {
    return path.join(this.#options.folder, `${this.#options.name}.${turn}`);
  }

  #modifiedAt(turn: 0 | 1): number {
    return fs.statSync(this.#file(turn), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  }

  #flip(): void {
    this.flush();
    const full = this.#file(this.#turn);
    const next = this.#turn === 0 ? 1 : 0;
    try {
      const fd = fs.openSync(this.#file(next), 'w');
      fs.closeSync(this.#fd);
      this.#fd = fd;
      this.#turn = next;
      this.#archive(full);
    } catch {
      // no second file, or the full one cannot be kept: the log goes on in the one that is open
    }
    this.#lines = 0;
    this.#waiting.push(banner);
  }

  #archive(full: string): void {
    const { keepDays, clock, folder, name } = this.#options;
    if (keepDays === 0) return;
    const kept = path.join(folder, `${name}.${Math.floor(clock.now() / 1000)}`);
    fs.renameSync(full, kept);
    this.#removeOld(Math.abs(keepDays) * DAY_MS);
    if (keepDays < 0) this.#packing = this.#packing.then(() => pack(kept)).catch(() => undefined); // stays unpacked
  }

  #removeOld(ageMs: number): void {
    const { folder, name, clock } = this.#options;
    for (const entry of fs.readdirSync(folder)) {
      const seconds = new RegExp(`^${name}\\.(\\d{2,})(\\.gz)?$`, 'u').exec(entry)?.[1];
      if (seconds !== undefined && clock.now() - Number(seconds) * 1000 > ageMs) {
        fs.unlinkSync(path.join(folder, entry));
      }
    }
  }

  #wrote(text: string): boolean {
    try {
      if (!this.#checkSpace()) return false;
      const gap = this.#lost === 0 ? '' : `${this.#lost} lines could not be written here\n`;
      fs.writeSync(this.#fd, gap + text);
      return true;
    } catch {
      this.#hasSpace = false; // a full disk, a folder that is gone: the next check decides
      return false;
    }
  }

  #checkSpace(): boolean {
    const now = this.#options.clock.monotonic();
    if (now - this.#spaceCheckedAt < SPACE_CHECK_MS) return this.#hasSpace;
    this.#spaceCheckedAt = now;
    const { bavail, bsize } = fs.statfsSync(this.#options.folder);
    this.#hasSpace = bavail * bsize >= this.#options.minimalFreeBytes;
    return this.#hasSpace;
  }
}

async function pack(file: string): Promise<void> {
  await pipeline(fs.createReadStream(file), createGzip(), fs.createWriteStream(`${file}.gz`));
  fs.unlinkSync(file);
}
