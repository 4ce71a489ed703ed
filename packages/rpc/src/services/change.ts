/**
 * The change payload: what the mnode tells a vnode about its tables, and what the vnode's log keeps of it.
 * Page: docs/format/change.md. One payload is applied whole.
 */
import {
  ByteReader,
  ByteWriter,
  CorruptionError,
  type Column,
  type Schema,
  type SqlType,
  type TagValue,
} from '@tdnode/common';

export type Change =
  /** Makes or replaces the schema of a stable or a normal table. */
  | {
      readonly kind: 'putSchema';
      readonly uid: number;
      readonly name: string;
      readonly isStable: boolean;
      readonly schema: Schema;
    }
  /** Makes tables: child tables of `stableUid`, or the normal table of that schema uid (`tags` empty). */
  | {
      readonly kind: 'createTables';
      readonly schemaUid: number;
      readonly tables: readonly NewTable[];
    }
  | { readonly kind: 'dropTables'; readonly uids: readonly number[] }
  /** Drops a stable's schema and all its child tables. */
  | { readonly kind: 'dropStable'; readonly uid: number }
  | {
      readonly kind: 'setTag';
      readonly uid: number;
      readonly colId: number;
      readonly value: TagValue;
    }
  /** Deletes the rows of a table, or of all child tables of a stable, in `[from, to]` (ticks). */
  | {
      readonly kind: 'deleteRows';
      readonly uid: number;
      readonly isStable: boolean;
      readonly from: number;
      readonly to: number;
    };

export interface NewTable {
  readonly uid: number;
  readonly name: string;
  /** One value a tag of the stable, in the schema's order. */
  readonly tags: readonly TagValue[];
}

const Kind = {
  putSchema: 1,
  createTables: 2,
  dropTables: 3,
  dropStable: 4,
  setTag: 5,
  deleteRows: 6,
} as const;

/** Encodes changes that are applied together. */
export function encodeChanges(changes: readonly Change[]): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(256);
  writer.varint(changes.length);
  for (const change of changes) writeChange(writer, change);
  return writer.copy();
}

function writeChange(writer: ByteWriter, change: Change): void {
  writer.u8(Kind[change.kind]);
  switch (change.kind) {
    case 'putSchema':
      writer.f64(change.uid);
      writer.string(change.name);
      writer.u8(change.isStable ? 1 : 0);
      writeSchema(writer, change.schema);
      return;
    case 'createTables':
      writer.f64(change.schemaUid);
      writer.varint(change.tables.length);
      for (const table of change.tables) {
        writer.f64(table.uid);
        writer.string(table.name);
        writer.varint(table.tags.length);
        for (const tag of table.tags) writeTagValue(writer, tag);
      }
      return;
    case 'dropTables':
      writer.varint(change.uids.length);
      for (const uid of change.uids) writer.f64(uid);
      return;
    case 'dropStable':
      writer.f64(change.uid);
      return;
    case 'setTag':
      writer.f64(change.uid);
      writer.u16(change.colId);
      writeTagValue(writer, change.value);
      return;
    case 'deleteRows':
      writer.f64(change.uid);
      writer.u8(change.isStable ? 1 : 0);
      writer.f64(change.from);
      writer.f64(change.to);
      return;
  }
}

/** Decodes a change payload; throws CorruptionError (file empty: the caller knows which) when it is malformed. */
export function decodeChanges(payload: Uint8Array): Change[] {
  const reader = new ByteReader(payload);
  const changes: Change[] = [];
  const count = reader.varint();
  for (let i = 0; i < count && reader.error === undefined; i++) changes.push(readChange(reader));
  if (reader.error !== undefined)
    throw new CorruptionError('', reader.offset, `change payload: ${reader.error}`);
  return changes;
}

function readChange(reader: ByteReader): Change {
  const kind = reader.u8();
  switch (kind) {
    case Kind.putSchema:
      return {
        kind: 'putSchema',
        uid: reader.f64(),
        name: reader.string(),
        isStable: reader.u8() === 1,
        schema: readSchema(reader),
      };
    case Kind.createTables: {
      const schemaUid = reader.f64();
      const tables: NewTable[] = [];
      const count = reader.varint();
      for (let i = 0; i < count && reader.error === undefined; i++)
        tables.push(readNewTable(reader));
      return { kind: 'createTables', schemaUid, tables };
    }
    case Kind.dropTables: {
      const uids: number[] = [];
      const count = reader.varint();
      for (let i = 0; i < count && reader.error === undefined; i++) uids.push(reader.f64());
      return { kind: 'dropTables', uids };
    }
    case Kind.dropStable:
      return { kind: 'dropStable', uid: reader.f64() };
    case Kind.setTag:
      return {
        kind: 'setTag',
        uid: reader.f64(),
        colId: reader.u16(),
        value: readTagValue(reader),
      };
    case Kind.deleteRows:
      return {
        kind: 'deleteRows',
        uid: reader.f64(),
        isStable: reader.u8() === 1,
        from: reader.f64(),
        to: reader.f64(),
      };
    default:
      throw new CorruptionError('', reader.offset, `change payload: unknown kind ${kind}`);
  }
}

function readNewTable(reader: ByteReader): NewTable {
  const uid = reader.f64();
  const name = reader.string();
  const tags: TagValue[] = [];
  const count = reader.varint();
  for (let i = 0; i < count && reader.error === undefined; i++) tags.push(readTagValue(reader));
  return { uid, name, tags };
}

/**
 * Calls `visit` with each new child table of a payload that only creates child tables, without an object a
 * table; `name` is a view into the payload. Throws CorruptionError when the payload is anything else.
 */
export function visitNewTables(
  payload: Uint8Array,
  visit: (schemaUid: number, uid: number, name: Uint8Array) => void,
): void {
  const reader = new ByteReader(payload);
  const changes = reader.varint();
  for (let i = 0; i < changes && reader.error === undefined; i++) {
    if (reader.u8() !== Kind.createTables)
      throw new CorruptionError('', reader.offset, 'change payload: not only new tables');
    const schemaUid = reader.f64();
    const tables = reader.varint();
    for (let k = 0; k < tables && reader.error === undefined; k++) {
      const uid = reader.f64();
      const name = reader.bytes(reader.varint());
      for (let tags = reader.varint(); tags > 0 && reader.error === undefined; tags--)
        skipTagValue(reader);
      if (reader.error === undefined) visit(schemaUid, uid, name);
    }
  }
  if (reader.error !== undefined)
    throw new CorruptionError('', reader.offset, `change payload: ${reader.error}`);
}

function skipTagValue(reader: ByteReader): void {
  const kind = reader.u8();
  if (kind === 3) reader.skip(reader.varint());
  else if (kind !== 0) reader.skip(8);
}

/** One tag value with its kind: 0 NULL, 1 double, 2 int64 beyond ±2⁵³ (as bits), 3 bytes. */
export function writeTagValue(writer: ByteWriter, value: TagValue): void {
  if (value === null) {
    writer.u8(0);
  } else if (typeof value === 'number') {
    writer.u8(1);
    writer.f64(value);
  } else if (typeof value === 'bigint') {
    writer.u8(value < 0n ? 2 : 4);
    writer.i64(BigInt.asIntN(64, value));
  } else {
    writer.u8(3);
    writer.varint(value.length);
    writer.bytes(value);
  }
}

/** Reads what `writeTagValue` wrote; bytes are a copy. */
export function readTagValue(reader: ByteReader): TagValue {
  switch (reader.u8()) {
    case 1:
      return reader.f64();
    case 2:
      return reader.i64();
    case 4:
      return BigInt.asUintN(64, reader.i64());
    case 3:
      return new Uint8Array(reader.bytes(reader.varint()));
    default:
      return null;
  }
}

export function writeSchema(writer: ByteWriter, schema: Schema): void {
  writer.u32(schema.version);
  writeColumns(writer, schema.columns);
  writeColumns(writer, schema.tags);
}

export function readSchema(reader: ByteReader): Schema {
  return { version: reader.u32(), columns: readColumns(reader), tags: readColumns(reader) };
}

function writeColumns(writer: ByteWriter, columns: readonly Column[]): void {
  writer.varint(columns.length);
  for (const column of columns) {
    writer.u16(column.colId);
    writer.u8(column.type);
    writer.u16(column.bytes);
    writer.string(column.name);
  }
}

function readColumns(reader: ByteReader): Column[] {
  const columns: Column[] = [];
  const count = reader.varint();
  for (let i = 0; i < count && reader.error === undefined; i++) {
    const colId = reader.u16();
    const type = reader.u8() as SqlType;
    columns.push({ colId, type, bytes: reader.u16(), name: reader.string() });
  }
  return columns;
}
