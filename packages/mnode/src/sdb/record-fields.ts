/** Parts of the metadata's records: users, dnodes, streams, options, as bytes. Page: docs/format/mnode.md. */
import type { ByteReader, ByteWriter, DbOptions, Precision } from '@tdnode/common';
import type { DnodeRole } from '@tdnode/rpc';
import type { DnodeState, Move, Privilege, StreamState, UserState } from './state.ts';

const privileges: readonly Privilege[] = ['super', 'writable', 'readable'];
const precisions: readonly Precision[] = ['ms', 'us', 'ns'];

/** Where the next table goes, after this record. */
export interface FillMark {
  readonly room: number;
  readonly current: number;
}

/** A list: a varint count, and the items. */
export function readMany<T>(reader: ByteReader, read: () => T): T[] {
  const items: T[] = [];
  const count = reader.varint();
  for (let i = 0; i < count && reader.error === undefined; i++) items.push(read());
  return items;
}

/** `fill`. */
export function writeFill(writer: ByteWriter, fill: FillMark): void {
  writer.u32(fill.room);
  writer.u16(fill.current);
}

/** `fill`. */
export function readFill(reader: ByteReader): FillMark {
  return { room: reader.u32(), current: reader.u16() };
}

/** Fields of `putStream` behind the database. */
export function writeStream(writer: ByteWriter, stream: StreamState): void {
  writer.f64(stream.uid);
  writer.string(stream.user);
  writer.string(stream.db);
  writer.string(stream.timezone);
  writer.f64(stream.created);
  writer.string(stream.sql);
}

/** Fields of `putStream` behind the database. */
export function readStream(reader: ByteReader): StreamState {
  return {
    uid: reader.f64(),
    user: reader.string(),
    db: reader.string(),
    timezone: reader.string(),
    created: reader.f64(),
    sql: reader.string(),
  };
}

/** Bits of a dnode's flags. */
const Flag = { isDropping: 1, hasJoined: 2 } as const;

/** Fields of `putDnode`. */
export function writeDnode(writer: ByteWriter, dnode: DnodeState): void {
  writer.u32(dnode.id);
  writer.string(dnode.endPoint);
  writer.f64(dnode.created);
  writer.u8(dnode.role);
  writer.u8((dnode.isDropping ? Flag.isDropping : 0) | (dnode.hasJoined ? Flag.hasJoined : 0));
}

/** A dnode as it was written before there were several. */
export function readFirstDnode(reader: ByteReader): DnodeState {
  return {
    id: reader.u32(),
    endPoint: reader.string(),
    created: reader.f64(),
    role: 0,
    isDropping: false,
    hasJoined: true,
  };
}

/** Fields of `putDnode`. */
export function readDnode(reader: ByteReader): DnodeState {
  const dnode = readFirstDnode(reader);
  const role = reader.u8();
  const flags = reader.u8();
  return {
    ...dnode,
    role: role <= 2 ? (role as DnodeRole) : 0,
    isDropping: (flags & Flag.isDropping) !== 0,
    hasJoined: (flags & Flag.hasJoined) !== 0,
  };
}

/** A move; undefined where both dnodes are 0. */
export function readMove(reader: ByteReader): Move | undefined {
  const target = reader.u32();
  const source = reader.u32();
  return target === 0 && source === 0 ? undefined : { target, source };
}

/** Fields of `putUser`. */
export function writeUser(writer: ByteWriter, user: UserState): void {
  writer.string(user.name);
  writer.u8(privileges.indexOf(user.privilege));
  writer.varint(user.salt.length);
  writer.bytes(user.salt);
  writer.varint(user.hash.length);
  writer.bytes(user.hash);
  writer.f64(user.created);
}

/** Fields of `putUser`. */
export function readUser(reader: ByteReader): UserState {
  return {
    name: reader.string(),
    privilege: privileges[reader.u8()] ?? 'readable',
    salt: reader.bytes(reader.varint()).slice(),
    hash: reader.bytes(reader.varint()).slice(),
    created: reader.f64(),
  };
}

/** `options`. */
export function writeDbOptions(writer: ByteWriter, options: DbOptions): void {
  for (const value of [
    options.replica,
    options.quorum,
    options.comp,
    options.walLevel,
    options.update,
    options.cacheLast,
  ]) {
    writer.u8(value);
  }
  writer.u8(precisions.indexOf(options.precision));
  for (const value of [
    options.days,
    ...options.keep,
    options.cache,
    options.blocks,
    options.minRows,
    options.maxRows,
    options.fsync,
  ]) {
    writer.u32(value);
  }
}

/** `options`. */
export function readDbOptions(reader: ByteReader): DbOptions {
  return {
    replica: reader.u8(),
    quorum: reader.u8(),
    comp: reader.u8(),
    walLevel: reader.u8(),
    update: reader.u8(),
    cacheLast: reader.u8(),
    precision: precisions[reader.u8()] ?? 'ms',
    days: reader.u32(),
    keep: [reader.u32(), reader.u32(), reader.u32()],
    cache: reader.u32(),
    blocks: reader.u32(),
    minRows: reader.u32(),
    maxRows: reader.u32(),
    fsync: reader.u32(),
  };
}
