/**
 * The state machine of the simulation: it lists every payload with its version. Small, but with all that a vnode
 * has: memory made from records, immutable files with a manifest, and files that another replica copies.
 */
import { crc32 } from 'node:zlib';
import { ByteReader, ByteWriter, assert, type FileSystem, type TaosError } from '@tdnode/common';
import type { Role, SnapshotFile, SnapshotSource, StagedFile, StateMachine } from '@tdnode/sync';
import type { LogRecord } from '@tdnode/wal';

/** What the machine tells the client's side. */
export interface ListEvents {
  acknowledge(upTo: number): void;
  reject(error: TaosError): void;
}

/** The only type of record that clients write. */
export const LIST_RECORD = 1;

const MANIFEST = 'manifest';

/** See the head of this file. */
export class ListMachine implements StateMachine {
  readonly #fs: FileSystem;
  readonly #folder: string;
  readonly #events: ListEvents;
  #files: SnapshotFile[] = [];
  #filesVersion = 0;
  /** Version → payload, as a number. */
  readonly values = new Map<number, number>();

  constructor(fs: FileSystem, folder: string, events: ListEvents) {
    this.#fs = fs;
    this.#folder = folder;
    this.#events = events;
    fs.makeFolder(`${folder}/files`);
    fs.syncFolder(folder);
    this.#load();
  }

  get filesVersion(): number {
    return this.#filesVersion;
  }

  get stagingFolder(): string {
    return `${this.#folder}/restore`;
  }

  apply(records: readonly LogRecord[], _upTo: number): void {
    for (const { version, payload } of records) {
      assert(!this.values.has(version), `version ${version} is applied once`);
      this.values.set(version, valueOf(payload));
    }
  }

  rollback(toVersion: number, records: Iterable<LogRecord>): void {
    assert(toVersion >= this.#filesVersion, 'files are never rolled back');
    this.#load();
    this.apply([...records], toVersion);
  }

  onRole(_role: Role, _term: number): void {}

  acknowledge(upTo: number): void {
    this.#events.acknowledge(upTo);
  }

  reject(error: TaosError): void {
    this.#events.reject(error);
  }

  /** Puts everything up to `version` into one more file. */
  commit(version: number): void {
    const writer = new ByteWriter(1024);
    for (const [at, value] of this.values) {
      if (at <= this.#filesVersion || at > version) continue;
      writer.f64(at);
      writer.f64(value);
    }
    const bytes = writer.copy();
    // A name stands for its content: a file that is in use is never written again.
    const name = `files/${version}-${crc32(bytes).toString(16)}.list`;
    writeFile(this.#fs, `${this.#folder}/${name}`, bytes);
    this.#fs.syncFolder(`${this.#folder}/files`);
    this.#switch([...this.#files, { name, size: bytes.length, crc: crc32(bytes) }], version);
  }

  openSnapshot(): SnapshotSource {
    const files = [...this.#files];
    const fs = this.#fs;
    const folder = this.#folder;
    return {
      version: this.#filesVersion,
      files,
      read: (file, offset, length) =>
        fs.readFile(`${folder}/${files[file]!.name}`).subarray(offset, offset + length),
      release: () => {},
    };
  }

  install(staged: readonly StagedFile[], version: number): void {
    const files: SnapshotFile[] = [];
    for (const { name, path } of staged) {
      const bytes = this.#fs.readFile(path);
      if (!this.#files.some((file) => file.name === name))
        writeFile(this.#fs, `${this.#folder}/${name}`, bytes);
      files.push({ name, size: bytes.length, crc: crc32(bytes) });
    }
    this.#fs.syncFolder(`${this.#folder}/files`);
    this.#switch(files, version);
    this.#load();
  }

  #switch(files: readonly SnapshotFile[], version: number): void {
    const writer = new ByteWriter(256);
    writer.f64(version);
    writer.u32(files.length);
    for (const { name, size, crc } of files) {
      writer.string(name);
      writer.f64(size);
      writer.u32(crc);
    }
    const path = `${this.#folder}/${MANIFEST}`;
    writeFile(this.#fs, `${path}.new`, writer.view());
    this.#fs.rename(`${path}.new`, path);
    this.#fs.syncFolder(this.#folder);
    this.#files = [...files];
    this.#filesVersion = version;
  }

  /** Memory as the files say. */
  #load(): void {
    this.values.clear();
    if (!this.#fs.exists(`${this.#folder}/${MANIFEST}`)) return;
    const reader = new ByteReader(this.#fs.readFile(`${this.#folder}/${MANIFEST}`));
    this.#filesVersion = reader.f64();
    this.#files = Array.from({ length: reader.u32() }, () => ({
      name: reader.string(),
      size: reader.f64(),
      crc: reader.u32(),
    }));
    for (const { name, crc } of this.#files) {
      const bytes = this.#fs.readFile(`${this.#folder}/${name}`);
      assert(crc32(bytes) === crc, `${name} is sound`);
      const list = new ByteReader(bytes);
      while (list.remaining > 0) this.values.set(list.f64(), list.f64());
    }
  }
}

/** The number in a payload. */
export function valueOf(payload: Uint8Array): number {
  return new ByteReader(payload).f64();
}

function writeFile(fs: FileSystem, path: string, bytes: Uint8Array): void {
  const handle = fs.open(path, 'create');
  try {
    handle.write(bytes, 0);
    handle.sync();
  } finally {
    handle.close();
  }
}
