/**
 * Reads the records of `meta/` (docs/format/meta.md) into a `Meta`: a checkpoint in pieces, and the changes
 * after it. Used when the folder is opened and when it is only looked at.
 */
import { ByteReader, CorruptionError } from '@tdnode/common';
import { decodeChanges, readSchema, type Change } from '@tdnode/rpc';
import type { LogRecord } from '@tdnode/wal';
import { Meta } from './meta.ts';

/** Types of the records in `meta/`. */
export const MetaRecord = { piece: 1, lastPiece: 2, changes: 3 } as const;

/** Rows that were deleted, for who has lost the store's own word of it. */
export interface LoadedDelete {
  readonly version: number;
  readonly change: Extract<Change, { kind: 'deleteRows' }>;
}

/** See the head of this file. Records come in order, from the first one of the folder. */
export class MetaLoader {
  meta = new Meta();
  /** All changes up to this version of the vnode's log are in `meta`. */
  version = 0;
  checkpointBytes = 0;
  changesBytes = 0;
  /** Deletes of rows after the checkpoint, ascending. */
  readonly deletes: LoadedDelete[] = [];
  readonly #folder: string;
  #pieces: LogRecord[] = [];
  #isBegun = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Throws CorruptionError. */
  add(record: LogRecord): void {
    const isFirst = !this.#isBegun;
    this.#isBegun = true;
    if (record.type === MetaRecord.changes) {
      if (isFirst && record.version > 1)
        throw new CorruptionError(this.#folder, 0, 'the checkpoint is missing');
      this.#pieces = [];
      this.changesBytes += record.payload.length;
      this.#addChanges(record.payload);
      return;
    }
    this.#pieces.push(record);
    if (record.type === MetaRecord.lastPiece) this.#addCheckpoint();
  }

  #addCheckpoint(): void {
    this.meta = new Meta();
    this.changesBytes = 0;
    this.checkpointBytes = 0;
    for (const { payload } of this.#pieces) {
      this.checkpointBytes += payload.length;
      this.version = this.#addPiece(payload);
    }
    this.#pieces = [];
  }

  #addChanges(payload: Uint8Array): void {
    const reader = new ByteReader(payload);
    while (reader.remaining > 0 && reader.error === undefined) {
      this.version = reader.f64();
      const change = reader.bytes(reader.varint());
      this.#check(reader);
      if (change.length === 0) continue;
      for (const one of decodeChanges(change)) {
        this.meta.apply(one);
        if (one.kind === 'deleteRows') this.deletes.push({ version: this.version, change: one });
      }
    }
    // Versions after the last mark were lost in a power cut and given anew.
    while ((this.deletes.at(-1)?.version ?? 0) > this.version) this.deletes.pop();
  }

  #addPiece(payload: Uint8Array): number {
    const { meta } = this;
    const reader = new ByteReader(payload);
    const version = reader.f64();
    const end = reader.u32();
    for (let count = reader.varint(); count > 0 && reader.error === undefined; count--) {
      const uid = reader.f64();
      const name = reader.string();
      const isStable = reader.u8() === 1;
      meta.apply({ kind: 'putSchema', uid, name, isStable, schema: readSchema(reader) });
    }
    for (let count = reader.varint(); count > 0; count--) {
      const tid = reader.u32();
      const uid = reader.f64();
      const schema = meta.schema(reader.f64());
      const name = reader.bytes(reader.varint());
      const tags = reader.bytes(reader.varint());
      this.#check(reader);
      if (schema === undefined)
        throw new CorruptionError(this.#folder, reader.offset, `table ${uid} without a schema`);
      meta.restoreTable(schema, { uid, name, tags, tid });
    }
    this.#check(reader);
    meta.tables.skipTo(end);
    return version;
  }

  #check(reader: ByteReader): void {
    if (reader.error !== undefined)
      throw new CorruptionError(this.#folder, reader.offset, `meta: ${reader.error}`);
  }
}
