/**
 * Records of the metadata log, one change each; a batch of new child tables is one record.
 * Page: docs/format/mnode.md. Byte layout: kind (u8), then the fields in the order of the interfaces below.
 */
import {
  ByteReader,
  ByteWriter,
  CorruptionError,
  type DbOptions,
  type Schema,
} from '@tdnode/common';
import { readSchema, writeSchema } from '@tdnode/rpc';
import * as fields from './record-fields.ts';
import type { FillMark } from './record-fields.ts';
import type { DnodeState, MnodeState, Move, StreamState, UserState } from './state.ts';

/** Child tables that go to one vgroup: the very change payload that its vnodes get. */
export interface ChildRun {
  readonly vgId: number;
  readonly payload: Uint8Array;
}

/** Enough to tell its vnodes of it again. */
export interface DroppedTable {
  readonly name: string;
  readonly uid: number;
  readonly vgId: number;
}

/** A stable or a normal table's schema, made or replaced. */
export interface PutSchema {
  readonly kind: 'putSchema';
  readonly db: string;
  readonly uid: number;
  readonly name: string;
  readonly isStable: boolean;
  readonly created: number;
  readonly nextColId: number;
  readonly nextTagId: number;
  readonly schema: Schema;
}

export type SdbRecord =
  | { readonly kind: 'cluster'; readonly id: string; readonly created: number }
  | { readonly kind: 'putUser'; readonly user: UserState }
  | { readonly kind: 'dropUser'; readonly name: string }
  | { readonly kind: 'putDnode'; readonly dnode: DnodeState }
  | { readonly kind: 'dropDnode'; readonly id: number }
  | { readonly kind: 'putMnode'; readonly mnode: MnodeState }
  | { readonly kind: 'dropMnode'; readonly dnodeId: number }
  | {
      readonly kind: 'putDb';
      readonly name: string;
      readonly created: number;
      readonly options: DbOptions;
    }
  | { readonly kind: 'dropDb'; readonly name: string; readonly vgIds: readonly number[] }
  | {
      readonly kind: 'addVgroup';
      readonly db: string;
      readonly vgId: number;
      readonly replicas: readonly number[];
    }
  /** The members of a vgroup, as its own log has them from `membersVersion` on. */
  | {
      readonly kind: 'setReplicas';
      readonly db: string;
      readonly vgId: number;
      readonly membersVersion: number;
      readonly replicas: readonly number[];
    }
  /** What the members are to become; undefined: nothing more. */
  | {
      readonly kind: 'setMove';
      readonly db: string;
      readonly vgId: number;
      readonly move: Move | undefined;
    }
  | PutSchema
  /** Drops a stable and all its child tables. */
  | { readonly kind: 'dropStable'; readonly db: string; readonly uid: number }
  /** A normal table whose schema `putSchema` made just before. */
  | {
      readonly kind: 'putNormal';
      readonly db: string;
      readonly uid: number;
      readonly vgId: number;
      readonly fill: FillMark;
    }
  | {
      readonly kind: 'putChildren';
      readonly db: string;
      readonly created: number;
      readonly fill: FillMark;
      readonly runs: readonly ChildRun[];
    }
  /** Drops child or normal tables. */
  | { readonly kind: 'dropTables'; readonly db: string; readonly tables: readonly DroppedTable[] }
  /** A continuous query that writes the normal table of its uid. */
  | { readonly kind: 'putStream'; readonly db: string; readonly stream: StreamState }
  | { readonly kind: 'dropStream'; readonly db: string; readonly uid: number }
  /** Everything before this is known to the vnodes it concerns, and on their disks. Alone in its batch. */
  | { readonly kind: 'told' };

/** A dnode without role and flags: read, not written any more. */
const FIRST_PUT_DNODE = 4;

/** Numbers on disk; never used for anything else once given. */
const Kind = {
  cluster: 1,
  putUser: 2,
  dropUser: 3,
  dropDnode: 5,
  putDb: 6,
  dropDb: 7,
  addVgroup: 8,
  putSchema: 9,
  dropStable: 10,
  putNormal: 11,
  putChildren: 12,
  dropTables: 13,
  putDnode: 14,
  putMnode: 15,
  dropMnode: 16,
  setReplicas: 17,
  setMove: 18,
  told: 19,
  putStream: 20,
  dropStream: 21,
} as const satisfies { readonly [K in SdbRecord['kind']]: number };

/** Encodes one record. */
export function encodeRecord(record: SdbRecord): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(128);
  writeRecord(writer, record);
  return writer.copy();
}

/** Appends one record to `writer`. */
export function writeRecord(writer: ByteWriter, record: SdbRecord): void {
  writer.u8(Kind[record.kind]);
  switch (record.kind) {
    case 'cluster':
      writer.string(record.id);
      writer.f64(record.created);
      return;
    case 'putUser':
      fields.writeUser(writer, record.user);
      return;
    case 'dropUser':
      writer.string(record.name);
      return;
    case 'dropDb':
      writer.string(record.name);
      writer.varint(record.vgIds.length);
      for (const vgId of record.vgIds) writer.u32(vgId);
      return;
    case 'putDnode':
      fields.writeDnode(writer, record.dnode);
      return;
    case 'dropDnode':
      writer.u32(record.id);
      return;
    case 'putMnode':
      writer.u32(record.mnode.dnodeId);
      writer.f64(record.mnode.created);
      return;
    case 'dropMnode':
      writer.u32(record.dnodeId);
      return;
    case 'putDb':
      writer.string(record.name);
      writer.f64(record.created);
      fields.writeDbOptions(writer, record.options);
      return;
    case 'told':
      return;
    default:
      writer.string(record.db);
      writeInDb(writer, record);
  }
}

type RecordInDb = Extract<SdbRecord, { readonly db: string }>;

function writeInDb(writer: ByteWriter, record: RecordInDb): void {
  switch (record.kind) {
    case 'addVgroup':
      writer.u32(record.vgId);
      writer.varint(record.replicas.length);
      for (const id of record.replicas) writer.u32(id);
      return;
    case 'setReplicas':
      writer.u32(record.vgId);
      writer.f64(record.membersVersion);
      writer.varint(record.replicas.length);
      for (const id of record.replicas) writer.u32(id);
      return;
    case 'setMove':
      writer.u32(record.vgId);
      writer.u32(record.move?.target ?? 0);
      writer.u32(record.move?.source ?? 0);
      return;
    case 'putSchema':
      writer.f64(record.uid);
      writer.string(record.name);
      writer.u8(record.isStable ? 1 : 0);
      writer.f64(record.created);
      writer.u16(record.nextColId);
      writer.u16(record.nextTagId);
      writeSchema(writer, record.schema);
      return;
    case 'dropStable':
    case 'dropStream':
      writer.f64(record.uid);
      return;
    case 'putStream':
      fields.writeStream(writer, record.stream);
      return;
    case 'putNormal':
      writer.f64(record.uid);
      writer.u32(record.vgId);
      fields.writeFill(writer, record.fill);
      return;
    case 'putChildren':
      writer.f64(record.created);
      fields.writeFill(writer, record.fill);
      writer.varint(record.runs.length);
      for (const run of record.runs) {
        writer.u32(run.vgId);
        writer.varint(run.payload.length);
        writer.bytes(run.payload);
      }
      return;
    case 'dropTables':
      writer.varint(record.tables.length);
      for (const { name, uid, vgId } of record.tables) {
        writer.string(name);
        writer.f64(uid);
        writer.u32(vgId);
      }
      return;
  }
}

/** Decodes one record; run payloads are views into `bytes`. Throws CorruptionError (file empty). */
export function decodeRecord(bytes: Uint8Array): SdbRecord {
  const reader = new ByteReader(bytes);
  const record = readRecord(reader);
  if (reader.error !== undefined)
    throw new CorruptionError('', reader.offset, `metadata record: ${reader.error}`);
  return record;
}

function readRecord(reader: ByteReader): SdbRecord {
  const kind = reader.u8();
  switch (kind) {
    case Kind.cluster:
      return { kind: 'cluster', id: reader.string(), created: reader.f64() };
    case Kind.putUser:
      return { kind: 'putUser', user: fields.readUser(reader) };
    case Kind.dropUser:
      return { kind: 'dropUser', name: reader.string() };
    case FIRST_PUT_DNODE:
      return { kind: 'putDnode', dnode: fields.readFirstDnode(reader) };
    case Kind.putDnode:
      return { kind: 'putDnode', dnode: fields.readDnode(reader) };
    case Kind.putMnode:
      return { kind: 'putMnode', mnode: { dnodeId: reader.u32(), created: reader.f64() } };
    case Kind.dropMnode:
      return { kind: 'dropMnode', dnodeId: reader.u32() };
    case Kind.dropDnode:
      return { kind: 'dropDnode', id: reader.u32() };
    case Kind.putDb:
      return {
        kind: 'putDb',
        name: reader.string(),
        created: reader.f64(),
        options: fields.readDbOptions(reader),
      };
    case Kind.dropDb:
      return {
        kind: 'dropDb',
        name: reader.string(),
        vgIds: fields.readMany(reader, () => reader.u32()),
      };
    case Kind.told:
      return { kind: 'told' };
    default:
      return readInDb(reader, kind, reader.string());
  }
}

function readInDb(reader: ByteReader, kind: number, db: string): SdbRecord {
  switch (kind) {
    case Kind.addVgroup:
      return {
        kind: 'addVgroup',
        db,
        vgId: reader.u32(),
        replicas: fields.readMany(reader, () => reader.u32()),
      };
    case Kind.setReplicas:
      return {
        kind: 'setReplicas',
        db,
        vgId: reader.u32(),
        membersVersion: reader.f64(),
        replicas: fields.readMany(reader, () => reader.u32()),
      };
    case Kind.setMove:
      return { kind: 'setMove', db, vgId: reader.u32(), move: fields.readMove(reader) };
    case Kind.putSchema:
      return {
        kind: 'putSchema',
        db,
        uid: reader.f64(),
        name: reader.string(),
        isStable: reader.u8() === 1,
        created: reader.f64(),
        nextColId: reader.u16(),
        nextTagId: reader.u16(),
        schema: readSchema(reader),
      };
    case Kind.dropStable:
      return { kind: 'dropStable', db, uid: reader.f64() };
    case Kind.putStream:
      return { kind: 'putStream', db, stream: fields.readStream(reader) };
    case Kind.dropStream:
      return { kind: 'dropStream', db, uid: reader.f64() };
    case Kind.putNormal:
      return {
        kind: 'putNormal',
        db,
        uid: reader.f64(),
        vgId: reader.u32(),
        fill: fields.readFill(reader),
      };
    case Kind.putChildren:
      return {
        kind: 'putChildren',
        db,
        created: reader.f64(),
        fill: fields.readFill(reader),
        runs: fields.readMany(reader, () => ({
          vgId: reader.u32(),
          payload: reader.bytes(reader.varint()),
        })),
      };
    case Kind.dropTables:
      return {
        kind: 'dropTables',
        db,
        tables: fields.readMany(reader, () => ({
          name: reader.string(),
          uid: reader.f64(),
          vgId: reader.u32(),
        })),
      };
    default:
      throw new CorruptionError('', reader.offset, `metadata record: unknown kind ${kind}`);
  }
}
