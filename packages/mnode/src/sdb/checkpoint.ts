/**
 * The checkpoint: the whole metadata state in one file, so that start-up reads it and the few log records
 * after it, whatever was created and dropped before. Page: docs/format/mnode.md.
 *
 * Invariants: the file is whole or not there (write, fsync, rename, fsync of the folder); a file whose
 * checksum does not match is corruption and stops the start: the log before it may be gone.
 */
import { crc32 } from 'node:zlib';
import { ByteReader, ByteWriter, CorruptionError, type FileSystem } from '@tdnode/common';
import { applyRecord } from './apply.ts';
import { decodeRecord, writeRecord, type SdbRecord } from './records.ts';
import {
  emptyState,
  schemaOfTable,
  vgroupOf,
  type DbState,
  type SdbState,
  type VgroupState,
} from './state.ts';

/** Its name in the mnode's folder. */
export const CHECKPOINT_FILE = 'checkpoint';
const MAGIC = 0x4e4d4454; // "TDMN"
/** 1: the first. */
const FORMAT = 1;
const HEADER_BYTES = 32;

export interface Checkpoint {
  readonly state: SdbState;
  /** Version of the last log record in it. */
  readonly version: number;
  /** Size of the file. */
  readonly bytes: number;
}

/** Reads `dir/checkpoint`; an empty state when there is none. */
export function readCheckpoint(fs: FileSystem, dir: string): Checkpoint {
  const path = `${dir}/${CHECKPOINT_FILE}`;
  if (!fs.exists(path)) return { state: emptyState(), version: 0, bytes: 0 };
  const bytes = fs.readFile(path);
  const header = new ByteReader(bytes);
  const magic = header.u32();
  const format = header.u32();
  const crc = header.u32();
  const reserved = header.u32();
  const version = header.f64();
  const length = header.f64();
  if (header.error !== undefined || magic !== MAGIC)
    throw new CorruptionError(path, 0, 'not a checkpoint of the metadata');
  if (format !== FORMAT)
    throw new CorruptionError(path, 4, `checkpoint format ${format}, this version reads ${FORMAT}`);
  if (reserved !== 0) throw new CorruptionError(path, 12, 'header is not as written');
  const body = bytes.subarray(HEADER_BYTES);
  if (body.length !== length)
    throw new CorruptionError(path, 24, `${body.length} bytes of body, ${length} promised`);
  if (crc32(bytes.subarray(16)) !== crc)
    throw new CorruptionError(path, 8, 'checksum does not match');
  return { state: decodeState(body, path), version, bytes: bytes.length };
}

/** Writes `dir/checkpoint`, encoded, so that a crash leaves the old or the new one. */
export function writeCheckpoint(fs: FileSystem, dir: string, bytes: Uint8Array): void {
  const temporary = `${dir}/${CHECKPOINT_FILE}.new`;
  const handle = fs.open(temporary, 'create');
  try {
    handle.write(bytes, 0);
    handle.sync();
  } finally {
    handle.close();
  }
  fs.rename(temporary, `${dir}/${CHECKPOINT_FILE}`);
  fs.syncFolder(dir);
}

/** The bytes of a checkpoint file. */
export function encodeCheckpoint(state: SdbState, version: number): Uint8Array {
  const writer = new ByteWriter(65_536);
  writer.u32(MAGIC);
  writer.u32(FORMAT);
  writer.u32(0);
  writer.u32(0);
  writer.f64(version);
  writer.f64(0);
  writeState(writer, state);
  const bytes = writer.view();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setFloat64(24, bytes.length - HEADER_BYTES, true);
  view.setUint32(8, crc32(bytes.subarray(16)), true);
  return bytes;
}

function writeState(writer: ByteWriter, state: SdbState): void {
  writer.f64(state.nextUid);
  writer.u32(state.nextVgId);
  writer.u32(state.nextDnodeId);
  const records = definitionsOf(state);
  const scratch = new ByteWriter(1024);
  writer.varint(records.length);
  for (const record of records) {
    scratch.reset();
    writeRecord(scratch, record);
    writer.varint(scratch.length);
    writer.bytes(scratch.view());
  }
  writer.varint(state.dbs.size);
  for (const db of state.dbs.values()) writeTables(writer, db);
}

/** Everything but tables, as the records that would make it. */
function definitionsOf(state: SdbState): SdbRecord[] {
  const records: SdbRecord[] = [];
  if (state.clusterId !== '')
    records.push({ kind: 'cluster', id: state.clusterId, created: state.clusterCreated });
  for (const user of state.users.values()) records.push({ kind: 'putUser', user });
  for (const dnode of state.dnodes.values()) records.push({ kind: 'putDnode', dnode });
  for (const mnode of state.mnodes.values()) records.push({ kind: 'putMnode', mnode });
  for (const db of state.dbs.values()) {
    records.push({ kind: 'putDb', name: db.name, created: db.created, options: db.options });
    for (const vgroup of db.vgroups) records.push(...vgroupRecords(db.name, vgroup));
    for (const entry of db.schemaByUid.values()) {
      const { uid, name, isStable, created, nextColId, nextTagId, schema } = entry;
      records.push({
        kind: 'putSchema',
        db: db.name,
        uid,
        name,
        isStable,
        created,
        nextColId,
        nextTagId,
        schema,
      });
    }
    for (const stream of db.streams.values())
      records.push({ kind: 'putStream', db: db.name, stream });
  }
  return records;
}

function vgroupRecords(db: string, vgroup: VgroupState): SdbRecord[] {
  const { vgId, replicas, membersVersion, move } = vgroup;
  const records: SdbRecord[] = [{ kind: 'addVgroup', db, vgId, replicas }];
  if (membersVersion > 0) records.push({ kind: 'setReplicas', db, vgId, membersVersion, replicas });
  if (move !== undefined) records.push({ kind: 'setMove', db, vgId, move });
  return records;
}

function writeTables(writer: ByteWriter, db: DbState): void {
  writer.string(db.name);
  writer.u32(db.room);
  writer.u16(db.current);
  writer.varint(db.tables.size);
  db.tables.forEach((name, ordinal) => {
    writer.varint(name.length);
    writer.bytes(name);
    writer.f64(db.tables.uid(ordinal));
    writer.u32(db.tables.vgId(ordinal));
    writer.f64(schemaOfTable(db, ordinal).uid);
    writer.f64(db.tables.created(ordinal));
  });
}

function decodeState(body: Uint8Array, path: string): SdbState {
  const reader = new ByteReader(body);
  const state = emptyState();
  const nextUid = reader.f64();
  const nextVgId = reader.u32();
  const nextDnodeId = reader.u32();
  for (let left = reader.varint(); left > 0 && reader.error === undefined; left--) {
    const bytes = reader.bytes(reader.varint());
    if (reader.error === undefined) applyRecord(state, decodeRecord(bytes));
  }
  for (let left = reader.varint(); left > 0 && reader.error === undefined; left--)
    readTables(reader, state, path);
  if (reader.error !== undefined)
    throw new CorruptionError(path, HEADER_BYTES + reader.offset, reader.error);
  state.nextUid = nextUid;
  state.nextVgId = nextVgId;
  state.nextDnodeId = nextDnodeId;
  return state;
}

function readTables(reader: ByteReader, state: SdbState, path: string): void {
  const db = state.dbs.get(reader.string());
  if (db === undefined)
    throw new CorruptionError(path, HEADER_BYTES + reader.offset, 'tables of an unknown database');
  db.room = reader.u32();
  db.current = reader.u16();
  for (let left = reader.varint(); left > 0; left--) {
    const name = reader.bytes(reader.varint());
    const uid = reader.f64();
    const vgId = reader.u32();
    const schema = db.schemaByUid.get(reader.f64());
    const created = reader.f64();
    if (reader.error !== undefined) return;
    if (schema === undefined)
      throw new CorruptionError(path, HEADER_BYTES + reader.offset, 'a table without a schema');
    db.tables.add(name, { uid, vgId, schema: schema.ordinal, created });
    schema.tables++;
    vgroupOf(db, vgId).tables++;
  }
}
