/**
 * Files on their way in, in a folder of their own. A file is known by its checksum, size and name, so that a new
 * offer, of the same source or another, goes on where the last one stopped.
 *
 * Invariants: `<key>.part` grows at its end only, and what a crash left of it counts only once the checksum of the
 * whole says so; a file named `<key>` is whole, sound and on the disk.
 */
import { crc32 } from 'node:zlib';
import type { FileHandle, FileSystem } from '@tdnode/common';
import type { SnapshotFile, StagedFile } from '../driver/state-machine.ts';

const NAME = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/;
const READ_BYTES = 1024 * 1024;

/** Whether a file of this name may be put below a machine's folder. */
export function isSafeName(name: string): boolean {
  return NAME.test(name);
}

/** See the head of this file. */
export class Staging {
  readonly #fs: FileSystem;
  readonly #folder: string;
  readonly #files: readonly SnapshotFile[];
  #handle: FileHandle | undefined;
  /** The file that is being written, and its bytes so far. */
  #file = 0;
  #offset = 0;

  /** Takes up what is there of `files`, and throws away what is not of them. */
  constructor(fs: FileSystem, folder: string, files: readonly SnapshotFile[]) {
    this.#fs = fs;
    this.#folder = folder;
    this.#files = files;
    fs.makeFolder(folder);
    // An earlier folder of this name may have been removed just now: that must not come after what is synced in here.
    fs.syncFolder(folder.slice(0, folder.lastIndexOf('/')) || '/');
    // A process before may have been killed between a file's name and its sync: what is taken up is on the disk first.
    fs.syncFolder(folder);
    const wanted = new Set(files.flatMap((file) => [keyOf(file), `${keyOf(file)}.part`]));
    for (const name of fs.list(folder)) if (!wanted.has(name)) fs.unlink(`${folder}/${name}`);
    this.#advance();
  }

  /** The next piece that is missing; undefined: all is here. */
  get next():
    | { readonly file: number; readonly offset: number; readonly left: number }
    | undefined {
    const file = this.#files[this.#file];
    if (file === undefined) return undefined;
    return { file: this.#file, offset: this.#offset, left: file.size - this.#offset };
  }

  /** Takes a piece; false when it is not the next one. */
  write(file: number, offset: number, bytes: Uint8Array): boolean {
    const wanted = this.#files[this.#file];
    if (wanted === undefined || file !== this.#file || offset !== this.#offset) return false;
    if (offset + bytes.length > wanted.size || bytes.length === 0) return false;
    this.#handle!.write(bytes, offset);
    this.#offset += bytes.length;
    this.#advance();
    return true;
  }

  /** The files, once `next` is undefined. */
  staged(): StagedFile[] {
    return this.#files.map((file) => ({ name: file.name, path: this.#path(file) }));
  }

  /** Removes the folder: the files were installed. */
  remove(): void {
    this.close();
    this.#fs.removeFolder(this.#folder);
  }

  close(): void {
    this.#handle?.close();
    this.#handle = undefined;
  }

  /** Finishes files that have all their bytes, and opens the next one that has not. */
  #advance(): void {
    for (;;) {
      const file = this.#files[this.#file];
      if (file === undefined) return;
      if (this.#handle === undefined && !this.#fs.exists(this.#path(file))) this.#openPart(file);
      if (this.#handle !== undefined) {
        if (this.#offset < file.size) return;
        if (!this.#finish(file)) continue;
      }
      this.#file++;
      this.#offset = 0;
    }
  }

  #openPart(file: SnapshotFile): void {
    const path = `${this.#path(file)}.part`;
    this.#handle = this.#fs.open(path, this.#fs.exists(path) ? 'write' : 'create');
    this.#offset = this.#handle.size();
    if (this.#offset <= file.size) return;
    this.#handle.truncate(0);
    this.#offset = 0;
  }

  /** A whole file gets its name; a wrong one begins anew. */
  #finish(file: SnapshotFile): boolean {
    const handle = this.#handle!;
    if (checksum(handle, file.size) !== file.crc) {
      handle.truncate(0);
      this.#offset = 0;
      if (file.size > 0) return false;
    }
    handle.sync();
    handle.close();
    this.#handle = undefined;
    this.#fs.rename(`${this.#path(file)}.part`, this.#path(file));
    this.#fs.syncFolder(this.#folder);
    return true;
  }

  #path(file: SnapshotFile): string {
    return `${this.#folder}/${keyOf(file)}`;
  }
}

function keyOf({ name, size, crc }: SnapshotFile): string {
  return `${crc.toString(16).padStart(8, '0')}-${size}-${name.replaceAll('/', '+')}`;
}

function checksum(handle: FileHandle, size: number): number {
  const buffer = new Uint8Array(Math.min(size, READ_BYTES));
  let crc = 0;
  for (let at = 0; at < size;) {
    const count = handle.read(buffer.subarray(0, Math.min(buffer.length, size - at)), at);
    if (count === 0) break;
    crc = crc32(buffer.subarray(0, count), crc);
    at += count;
  }
  return crc;
}
