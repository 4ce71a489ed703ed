/**
 * One segment file of the store, shared by all manifest versions that name it: opened when first read,
 * closed (and removed from disk, where it was superseded) when the last version is let go.
 */
import type { FileSystem } from '@tdnode/common';
import { SegmentReader } from '../segment/segment-reader.ts';
import type { SegmentEntry } from './manifest.ts';

/** See the head of this file. */
export class SegmentFile {
  readonly entry: SegmentEntry;
  readonly path: string;
  readonly #fs: FileSystem;
  #reader: SegmentReader | undefined;
  #owners = 0;
  #isObsolete = false;

  constructor(fs: FileSystem, path: string, entry: SegmentEntry) {
    this.#fs = fs;
    this.path = path;
    this.entry = entry;
  }

  /** Whether the file may have rows of a table in [from, to]; costs nothing. */
  mayHold(tid: number, from: number, to: number): boolean {
    const { info } = this.entry;
    return tid >= info.tidFirst && tid <= info.tidLast && info.tsFirst <= to && info.tsLast >= from;
  }

  get isOpen(): boolean {
    return this.#reader !== undefined;
  }

  /** The open file. Throws CorruptionError. */
  reader(): SegmentReader {
    return (this.#reader ??= SegmentReader.open(this.#fs, this.path));
  }

  retain(): void {
    this.#owners++;
  }

  /** No manifest on disk names the file any more. */
  markObsolete(): void {
    this.#isObsolete = true;
  }

  /** One owner less. Throws what the disk throws when the file can't be removed. */
  release(): void {
    this.#owners--;
    if (this.#owners > 0) return;
    this.#reader?.close();
    this.#reader = undefined;
    if (this.#isObsolete) this.#fs.unlink(this.path);
  }
}
