/**
 * A file system in memory that knows what a power cut would leave of it.
 *
 * Model: a name points to an inode; an inode has the bytes that programs see and the bytes that are on the
 * disk (as of the last `sync`). Names are changed by a list of operations per tree; `syncFolder` makes
 * those of one folder durable. `crash` builds the file system that a machine would find after a power cut:
 *   - bytes never synced are dropped, kept, or (`random`) kept page by page, in any order, torn inside a page;
 *   - names never synced are undone, kept, or (`random`) kept one by one.
 * A folder's own name belongs to its parent: without `syncFolder(parent)` the whole folder may be gone.
 */
import type { FileHandle, FileSystem, OpenMode, Random } from '@tdnode/common';
import { Inode } from './inode.ts';

/** What happens to things that were not synced. */
export type Fate = 'drop' | 'keep' | 'random';

/** How `crash` treats unsynced bytes and unsynced names; `random` needs `random`. */
export interface CrashOptions {
  readonly data: Fate;
  readonly names: Fate;
  readonly random?: Random;
}

type Entry = Inode | 'folder';

/** One change of names, replayable on a table of names. */
interface NameOperation {
  readonly folder: string;
  /** A folder that is no more after it: what is pending in there concerns nobody then. */
  readonly removes?: string;
  apply(names: Map<string, Entry>): void;
}

/** See the head of this file. Paths are absolute, with `/`; `/` always exists. */
export class MemoryFileSystem implements FileSystem {
  #names = new Map<string, Entry>([['/', 'folder']]);
  #durableNames = new Map<string, Entry>([['/', 'folder']]);
  #pending: NameOperation[] = [];
  readonly #openHandles = new Map<MemoryFileHandle, string>();

  /** Paths of handles that were opened and not closed. */
  get openPaths(): string[] {
    return [...this.#openHandles.values()];
  }

  open(path: string, mode: OpenMode): FileHandle {
    const name = normal(path);
    let entry = this.#names.get(name);
    if (entry === 'folder') throw fileError('EISDIR', 'open', path);
    if (entry === undefined) {
      if (mode !== 'create') throw fileError('ENOENT', 'open', path);
      this.#requireFolder(parentOf(name), 'open', path);
      const inode = new Inode();
      this.#change(parentOf(name), (names) => void names.set(name, inode));
      entry = inode;
    } else if (mode === 'create') {
      entry.truncate(0);
    }
    const handle = new MemoryFileHandle(entry, mode !== 'read', (self) =>
      this.#openHandles.delete(self),
    );
    this.#openHandles.set(handle, name);
    return handle;
  }

  readFile(path: string): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#file(path, 'open').visible());
  }

  exists(path: string): boolean {
    return this.#names.has(normal(path));
  }

  list(path: string): string[] {
    const folder = normal(path);
    this.#requireFolder(folder, 'scandir', path);
    const found: string[] = [];
    for (const name of this.#names.keys()) {
      if (name !== '/' && parentOf(name) === folder)
        found.push(name.slice(name.lastIndexOf('/') + 1));
    }
    return found.sort();
  }

  makeFolder(path: string): void {
    const name = normal(path);
    if (this.#names.has(name)) {
      this.#requireFolder(name, 'mkdir', path);
      return;
    }
    this.makeFolder(parentOf(name));
    this.#change(parentOf(name), (names) => void names.set(name, 'folder'));
  }

  rename(from: string, to: string): void {
    const source = normal(from);
    const target = normal(to);
    if (!this.#names.has(source)) throw fileError('ENOENT', 'rename', from);
    this.#requireFolder(parentOf(target), 'rename', to);
    this.#change(parentOf(target), (names) => moveTree(names, source, target));
  }

  unlink(path: string): void {
    this.#file(path, 'unlink');
    const name = normal(path);
    this.#change(parentOf(name), (names) => void names.delete(name));
  }

  removeFolder(path: string): void {
    const name = normal(path);
    if (!this.#names.has(name)) return;
    this.#change(parentOf(name), (names) => removeTree(names, name), name);
  }

  syncFolder(path: string): void {
    const folder = normal(path);
    this.#requireFolder(folder, 'fsync', path);
    const pending = this.#pending;
    this.#pending = [];
    for (const operation of pending) {
      if (operation.folder !== folder) {
        this.#pending.push(operation);
        continue;
      }
      operation.apply(this.#durableNames);
      const { removes } = operation;
      if (removes !== undefined)
        this.#pending = this.#pending.filter((older) => !isWithin(older.folder, removes));
    }
  }

  /** Makes everything durable: the end of a test's preparation. */
  syncAll(): void {
    for (const operation of this.#pending) operation.apply(this.#durableNames);
    this.#pending = [];
    for (const entry of this.#names.values()) if (entry !== 'folder') entry.sync();
  }

  /** The file system after a power cut now; this one stays as it is. */
  crash(options: CrashOptions): MemoryFileSystem {
    const names = new Map(this.#durableNames);
    for (const operation of this.#pending) {
      if (survives(options.names, options.random)) operation.apply(names);
    }
    const after = new MemoryFileSystem();
    const copies = new Map<Inode, Inode>();
    for (const [name, entry] of names) {
      if (!hasAllParents(names, name)) continue;
      let copy: Entry = 'folder';
      if (entry !== 'folder') {
        copy = copies.get(entry) ?? Inode.durable(crashedBytes(entry, options));
        copies.set(entry, copy);
      }
      after.#names.set(name, copy);
      after.#durableNames.set(name, copy);
    }
    return after;
  }

  /** Changes bytes of a file behind everybody's back, as a failing disk would. */
  damage(path: string, change: (bytes: Uint8Array) => Uint8Array | void): void {
    const inode = this.#file(path, 'damage');
    const bytes = new Uint8Array(inode.visible());
    inode.replace(change(bytes) ?? bytes);
  }

  #file(path: string, call: string): Inode {
    const entry = this.#names.get(normal(path));
    if (entry === undefined) throw fileError('ENOENT', call, path);
    if (entry === 'folder') throw fileError('EISDIR', call, path);
    return entry;
  }

  #requireFolder(name: string, call: string, path: string): void {
    const entry = this.#names.get(name);
    if (entry === undefined) throw fileError('ENOENT', call, path);
    if (entry !== 'folder') throw fileError('ENOTDIR', call, path);
  }

  #change(folder: string, apply: (names: Map<string, Entry>) => void, removes?: string): void {
    apply(this.#names);
    this.#pending.push({ folder, apply, ...(removes === undefined ? {} : { removes }) });
  }
}

class MemoryFileHandle implements FileHandle {
  readonly #inode: Inode;
  readonly #writable: boolean;
  readonly #onClose: (self: MemoryFileHandle) => void;
  #closed = false;

  constructor(inode: Inode, writable: boolean, onClose: (self: MemoryFileHandle) => void) {
    this.#inode = inode;
    this.#writable = writable;
    this.#onClose = onClose;
  }

  #check(writes: boolean): void {
    if (this.#closed || (writes && !this.#writable)) throw fileError('EBADF', 'handle', '');
  }

  write(bytes: Uint8Array, position: number): void {
    this.#check(true);
    this.#inode.write(bytes, position);
  }

  writev(parts: readonly Uint8Array[], position: number): void {
    let at = position;
    for (const part of parts) {
      this.write(part, at);
      at += part.length;
    }
  }

  read(into: Uint8Array, position: number): number {
    this.#check(false);
    const bytes = this.#inode.visible();
    const part = bytes.subarray(Math.min(position, bytes.length), position + into.length);
    into.set(part);
    return part.length;
  }

  size(): number {
    this.#check(false);
    return this.#inode.visible().length;
  }

  truncate(size: number): void {
    this.#check(true);
    this.#inode.truncate(size);
  }

  sync(): void {
    this.#check(false);
    this.#inode.sync();
  }

  close(): void {
    this.#check(false);
    this.#closed = true;
    this.#onClose(this);
  }
}

/** An error as Node's file calls throw it. */
export function fileError(code: string, call: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${call} '${path}'`), { code, syscall: call, path });
}

function survives(fate: Fate, random: Random | undefined): boolean {
  if (fate === 'random') return random!.next() < 0.5;
  return fate === 'keep';
}

function crashedBytes(inode: Inode, options: CrashOptions): Uint8Array {
  if (options.data === 'random') return inode.torn(options.random!);
  return options.data === 'keep' ? inode.visible() : inode.onDisk();
}

function normal(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return `/${parts.join('/')}`;
}

function parentOf(name: string): string {
  return name.slice(0, name.lastIndexOf('/')) || '/';
}

function hasAllParents(names: Map<string, Entry>, name: string): boolean {
  for (let at = name; at !== '/'; at = parentOf(at)) {
    if (names.get(parentOf(at)) !== 'folder') return false;
  }
  return true;
}

function removeTree(names: Map<string, Entry>, root: string): void {
  for (const name of names.keys()) if (isWithin(name, root)) names.delete(name);
}

function isWithin(name: string, root: string): boolean {
  return name === root || name.startsWith(`${root}/`);
}

/** Moves a file or a folder with all in it; nothing when a crash lost the source. */
function moveTree(names: Map<string, Entry>, from: string, to: string): void {
  const moved = [...names].filter(([name]) => isWithin(name, from));
  if (moved.length === 0) return;
  removeTree(names, to);
  for (const [name, entry] of moved) {
    names.delete(name);
    names.set(to + name.slice(from.length), entry);
  }
}
