/** The real disk, by Node's synchronous calls. */
import * as fs from 'node:fs';
import type { FileHandle, FileSystem, OpenMode } from './file-system.ts';

const flags: { readonly [M in OpenMode]: string } = { read: 'r', write: 'r+', create: 'w+' };

/** writev takes at most this many parts a call (IOV_MAX on Linux). */
const PARTS_PER_CALL = 1024;

class NodeFileHandle implements FileHandle {
  readonly #fd: number;
  #syncing = 0;
  #isClosed = false;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(bytes: Uint8Array, position: number): void {
    let done = 0;
    while (done < bytes.length) {
      done += fs.writeSync(this.#fd, bytes, done, bytes.length - done, position + done);
    }
  }

  writev(parts: readonly Uint8Array[], position: number): void {
    let at = position;
    for (let from = 0; from < parts.length; from += PARTS_PER_CALL) {
      at += this.#writeSome(parts.slice(from, from + PARTS_PER_CALL), at);
    }
  }

  #writeSome(parts: readonly Uint8Array[], position: number): number {
    let total = 0;
    for (const part of parts) total += part.length;
    let done = fs.writevSync(this.#fd, parts, position);
    if (done === total) return total;
    // A short write: go on byte-exact, part by part.
    let skipped = 0;
    for (const part of parts) {
      const from = Math.max(0, done - skipped);
      if (from < part.length) {
        this.write(part.subarray(from), position + skipped + from);
        done = skipped + part.length;
      }
      skipped += part.length;
    }
    return total;
  }

  read(into: Uint8Array, position: number): number {
    let done = 0;
    while (done < into.length) {
      const count = fs.readSync(this.#fd, into, done, into.length - done, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  size(): number {
    return fs.fstatSync(this.#fd).size;
  }

  truncate(size: number): void {
    fs.ftruncateSync(this.#fd, size);
  }

  sync(): void {
    fs.fdatasyncSync(this.#fd);
  }

  syncLater(done: (error: Error | undefined) => void): void {
    this.#syncing++;
    fs.fdatasync(this.#fd, (error) => {
      this.#syncing--;
      if (this.#isClosed) this.#release();
      else done(error ?? undefined);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#release();
  }

  /** Gives the descriptor back, once no background sync uses it any more. */
  #release(): void {
    if (this.#syncing === 0) fs.closeSync(this.#fd);
  }
}

/** The real disk; only programs and engine threads take it. */
export const nodeFileSystem: FileSystem = {
  open: (path, mode) => new NodeFileHandle(fs.openSync(path, flags[mode])),
  readFile: (path) => new Uint8Array(fs.readFileSync(path)),
  exists: (path) => fs.existsSync(path),
  list: (path) => fs.readdirSync(path).sort(),
  makeFolder: (path) => void fs.mkdirSync(path, { recursive: true }),
  rename: (from, to) => fs.renameSync(from, to),
  unlink: (path) => fs.unlinkSync(path),
  removeFolder: (path) => fs.rmSync(path, { recursive: true, force: true }),
  syncFolder: (path) => {
    const fd = fs.openSync(path, 'r');
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  },
};
