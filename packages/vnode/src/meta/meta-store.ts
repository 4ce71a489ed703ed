/**
 * Keeps `Meta` on disk: docs/format/meta.md. The folder `meta/` is a log of its own: a checkpoint (all
 * tables, in pieces) followed by the changes that came after it. A commit appends the changes since the last
 * one; when these have grown beyond the checkpoint a new checkpoint is written in a new segment and the old
 * segments go. The vnode's log may be cut only up to `version`.
 */
import { ByteWriter } from '@tdnode/common';
import { decodeChanges, writeSchema } from '@tdnode/rpc';
import { Log, type LogOptions } from '@tdnode/wal';
import type { FileSystem } from '@tdnode/common';
import { MetaLoader, MetaRecord } from './meta-loader.ts';
import type { Meta } from './meta.ts';

/** Bytes of one piece of a checkpoint, roughly. */
const PIECE_BYTES = 1024 * 1024;
/** How a meta folder is opened. */
export interface MetaStoreOptions extends Pick<LogOptions, 'clock' | 'logger'> {
  /** A new checkpoint is not worth while below this many bytes of changes; 4 MiB. */
  readonly changesBytesMin?: number;
}

const CHANGES_BYTES_MIN = 4 * 1024 * 1024;

const NO_CHANGE = new Uint8Array(0);

interface PendingChange {
  readonly version: number;
  readonly payload: Uint8Array;
}

/** See the head of this file. */
export class MetaStore {
  readonly meta: Meta;
  readonly #log: Log;
  readonly #changesBytesMin: number;
  #version = 0;
  #pending: PendingChange[] = [];
  #pendingBytes = 0;
  #checkpointBytes = 0;
  #changesBytes = 0;

  /** Opens the folder (which exists) and reads what is in it. Throws CorruptionError. */
  static open(fs: FileSystem, folder: string, options: MetaStoreOptions): MetaStore {
    return new MetaStore(fs, folder, options);
  }

  private constructor(fs: FileSystem, folder: string, options: MetaStoreOptions) {
    this.#changesBytesMin = options.changesBytesMin ?? CHANGES_BYTES_MIN;
    const { clock, logger } = options;
    this.#log = Log.open(fs, folder, {
      clock,
      logger,
      committedVersion: firstInFolder(fs, folder),
    });
    const loader = new MetaLoader(folder);
    this.#log.read(0, (record) => loader.add(record));
    this.meta = loader.meta;
    this.#version = loader.version;
    this.#changesBytes = loader.changesBytes;
    this.#checkpointBytes = loader.checkpointBytes;
  }

  /** All changes up to this version of the vnode's log are on disk here. */
  get version(): number {
    return this.#version;
  }

  /** Applies a change payload of the vnode's log; returns the tids that are no more. It is on disk after `save`. */
  apply(version: number, payload: Uint8Array, changes = decodeChanges(payload)): number[] {
    if (version <= this.#version) return [];
    this.#pending.push({ version, payload: payload.slice() });
    this.#pendingBytes += payload.length;
    return changes.flatMap((change) => this.meta.apply(change));
  }

  /** Whether so many changes wait that they should go to the disk even without rows. */
  get wantsSave(): boolean {
    return this.#pendingBytes >= this.#changesBytesMin;
  }

  /** Brings the changes up to `version` of the vnode's log to the disk; everything up to there was applied. */
  save(version: number): void {
    if (version === this.#version) return;
    const later = this.#pending.filter((change) => change.version > version);
    const limit = Math.max(this.#changesBytesMin, this.#checkpointBytes);
    const isLarge = this.#pending.length > 0 && this.#changesBytes > limit;
    // A checkpoint is of all that is known: not while something above `version` is.
    if (isLarge && later.length === 0) this.#writeCheckpoint(version);
    else this.#writeChanges(version);
    this.#pending = later;
    this.#pendingBytes = later.reduce((sum, { payload }) => sum + payload.length, 0);
    this.#version = version;
  }

  /**
   * After a power cut the vnode's log may end at `version`, below what was saved here: the versions above
   * it are given anew, and changes under them must not be taken for known ones.
   */
  rewind(version: number): void {
    if (version >= this.#version) return;
    this.#writeChanges(version);
    this.#version = version;
  }

  /**
   * For repairs: writes a checkpoint that says that all changes up to `version` are here, and gives no tid below
   * `tidEnd` to a new table.
   */
  rebase(version: number, tidEnd: number): void {
    this.meta.tables.skipTo(tidEnd);
    this.#writeCheckpoint(version);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#version = version;
  }

  close(): void {
    this.#log.close();
  }

  /** The pending changes, then the version up to which there are no others. */
  #writeChanges(upTo: number): void {
    const writer = new ByteWriter(1024);
    const changes = this.#pending.filter(({ version }) => version <= upTo);
    for (const { version, payload } of [...changes, { version: upTo, payload: NO_CHANGE }]) {
      writer.f64(version);
      writer.varint(payload.length);
      writer.bytes(payload);
    }
    this.#log.append(MetaRecord.changes, writer.view());
    this.#log.sync();
    this.#changesBytes += writer.length;
  }

  #writeCheckpoint(version: number): void {
    this.#log.roll();
    const first = this.#log.lastVersion + 1;
    let bytes = 0;
    for (const { isLast, piece } of checkpointPieces(this.meta, version)) {
      this.#log.append(isLast ? MetaRecord.lastPiece : MetaRecord.piece, piece);
      bytes += piece.length;
    }
    this.#log.sync();
    this.#log.dropBefore(first);
    this.#checkpointBytes = bytes;
    this.#changesBytes = 0;
  }
}

/** The meta log begins where its oldest segment does: it is its own and needs no version below. */
export function firstInFolder(fs: FileSystem, folder: string): number {
  const first = fs.list(folder).find((name) => name.endsWith('.log'));
  return first === undefined ? 0 : Number(first.slice(0, -4)) - 1;
}

/** All of `meta`, as pieces: version, end of tids, schemas (first piece only), tables. */
function* checkpointPieces(
  meta: Meta,
  version: number,
): Generator<{ readonly isLast: boolean; readonly piece: Uint8Array }> {
  const { tables } = meta;
  const schemas = [...meta.schemas()];
  let tid = 1;
  do {
    const head = new ByteWriter(1024);
    head.f64(version);
    head.u32(tables.end);
    head.varint(tid === 1 ? schemas.length : 0);
    if (tid === 1) {
      for (const { uid, name, isStable, schema } of schemas) {
        head.f64(uid);
        head.string(name);
        head.u8(isStable ? 1 : 0);
        writeSchema(head, schema);
      }
    }
    const body = new ByteWriter(PIECE_BYTES);
    let count = 0;
    for (; tid < tables.end && body.length < PIECE_BYTES; tid++) {
      if (!tables.has(tid)) continue;
      count++;
      writeTable(body, meta, tid);
    }
    head.varint(count);
    head.bytes(body.view());
    yield { isLast: tid >= tables.end, piece: head.view() };
  } while (tid < tables.end);
}

function writeTable(writer: ByteWriter, meta: Meta, tid: number): void {
  const { tables } = meta;
  writer.u32(tid);
  writer.f64(tables.uid(tid));
  writer.f64(meta.schemaOf(tid)!.uid);
  const name = tables.name(tid);
  writer.varint(name.length);
  writer.bytes(name);
  const tags = tables.tags(tid);
  writer.varint(tags.length);
  writer.bytes(tags);
}
