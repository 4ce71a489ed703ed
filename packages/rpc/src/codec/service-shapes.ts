/** Shapes of the types that vnode and mnode calls share. */
import type {
  Batch,
  DbOptions,
  Precision,
  Schema,
  SqlType,
  TableKind,
  TagValue,
  VgId,
} from '@tdnode/common';
import { decodeBatch, encodeBatch } from '@tdnode/common';
import { readSchema, readTagValue, writeSchema, writeTagValue } from '../services/change.ts';
import type {
  CatalogChange,
  DbMeta,
  ResultColumn,
  TableMeta,
  UserMeta,
  VgroupMeta,
} from '../services/mnode-service.ts';
import type { VnodeConfig } from '../services/vnode-service.ts';
import {
  blob,
  count,
  f64,
  list,
  malformed,
  oneOf,
  optional,
  struct,
  text,
  u8,
  type Shape,
} from './shape.ts';

/** Names of databases, tables, columns, users: TDengine allows 192 bytes at most. */
export const NAME_BYTES = 256;
/** `fqdn:port`. */
export const END_POINT_BYTES = 256;
const MAX_REPLICAS = 16;
const MAX_VGROUPS = 65_536;
const MAX_COLUMNS = 4_500;
const MAX_BATCH_BYTES = 64 * 1024 * 1024;

/** A name. */
export const name = text(NAME_BYTES);
/** An end point. */
export const endPoint = text(END_POINT_BYTES);
/** A vgroup's id. */
export const vgId = count as unknown as Shape<VgId>;
const sqlType = u8 as unknown as Shape<SqlType>;
/** A precision. */
export const precision: Shape<Precision> = oneOf('ms', 'us', 'ns');

/** As in docs/format/change.md. */
export const tagValue: Shape<TagValue> = {
  describe: 'tagValue',
  write: writeTagValue,
  read: readTagValue,
};

/** As in docs/format/change.md. */
export const schema: Shape<Schema> = {
  describe: 'schema',
  write: writeSchema,
  read: readSchema,
};

/** A batch as docs/protocol/batch.md, aligned. */
export const batch: Shape<Batch> = (() => {
  const bytes = blob(MAX_BATCH_BYTES);
  return {
    describe: `batch(${bytes.describe})`,
    write: (writer, value) => bytes.write(writer, encodeBatch(value)),
    read(reader) {
      const encoded = bytes.read(reader);
      if (reader.error !== undefined) return { rows: 0, columns: [] };
      try {
        return decodeBatch(encoded);
      } catch (error) {
        throw malformed(`a batch: ${String(error)}`);
      }
    },
  };
})();

const keep: Shape<DbOptions['keep']> = {
  describe: 'keep',
  write(writer, days) {
    for (const value of days) writer.f64(value);
  },
  read: (reader) => [reader.f64(), reader.f64(), reader.f64()],
};

const dbOptions = struct<DbOptions>({
  replica: f64,
  quorum: f64,
  days: f64,
  keep,
  cache: f64,
  blocks: f64,
  minRows: f64,
  maxRows: f64,
  comp: f64,
  walLevel: f64,
  fsync: f64,
  update: f64,
  cacheLast: f64,
  precision,
});

/** What a vnode must know. */
export const vnodeConfig = struct<VnodeConfig>({
  vgId,
  db: name,
  options: dbOptions,
  replicas: list(
    struct<{ dnodeId: number; endPoint: string }>({ dnodeId: count, endPoint }),
    MAX_REPLICAS,
  ),
});

/** The head of a result column; expressions make long names. */
export const resultColumn = struct<ResultColumn>({
  name: text(65_536),
  type: sqlType,
  bytes: f64,
  precision: optional(precision),
});
/** The columns of a result. */
export const resultColumns = list(resultColumn, MAX_COLUMNS);

const vgroup = struct<VgroupMeta>({ vgId, replicas: list(count, MAX_REPLICAS) });

/** A database. */
export const dbMeta = struct<DbMeta>({
  name,
  options: dbOptions,
  vgroups: list(vgroup, MAX_VGROUPS),
});

/** A table. */
export const tableMeta: Shape<TableMeta> = struct<TableMeta>({
  uid: f64,
  db: name,
  name,
  kind: oneOf<TableKind>('normal', 'child', 'stable'),
  vgId,
  schemaUid: f64,
  stableName: optional(name) as Shape<string | undefined>,
  schema,
});

/** A user. */
export const userMeta = struct<UserMeta>({
  name,
  privilege: oneOf('super', 'writable', 'readable'),
});

/** A change that caches must know of. */
export const catalogChange = struct<CatalogChange>({
  db: name,
  table: optional(name) as Shape<string | undefined>,
  user: optional(name),
});
