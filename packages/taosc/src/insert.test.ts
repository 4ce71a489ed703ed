/**
 * INSERT against a catalog and vnodes in memory: the recorded statements of the conformance corpus, and what
 * happens when caches are stale and vgroups fail.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  ErrorCode,
  SqlType,
  TaosError,
  parseTimestamp,
  readSubmit,
  timeZone,
  typeWidth,
  type Column,
  type Schema,
  type SubmitColumn,
  type SubmitGroup,
  type TagValue,
  type VgId,
} from '@tdnode/common';
import type { CatalogChange, DbMeta, MnodeService, TableMeta, VnodeService } from '@tdnode/rpc';
import { expect, test } from 'vitest';
import { CatalogCache } from './catalog-cache.ts';
import { Inserter, type InsertSession } from './insert.ts';

type Row = (TagValue | string)[];
interface Statement {
  readonly id: string;
  readonly sql?: string;
  readonly sqlParts?: readonly (readonly [string, number])[];
  readonly url?: string;
  readonly expect: {
    readonly status: string;
    readonly code?: number;
    readonly desc?: string;
    readonly data?: unknown[][];
  };
}

const typeOf: { readonly [word: string]: SqlType } = {
  timestamp: SqlType.TIMESTAMP,
  bool: SqlType.BOOL,
  tinyint: SqlType.TINYINT,
  smallint: SqlType.SMALLINT,
  int: SqlType.INT,
  bigint: SqlType.BIGINT,
  float: SqlType.FLOAT,
  double: SqlType.DOUBLE,
  binary: SqlType.BINARY,
  nchar: SqlType.NCHAR,
  'tinyint unsigned': SqlType.UTINYINT,
  'smallint unsigned': SqlType.USMALLINT,
  'int unsigned': SqlType.UINT,
  'bigint unsigned': SqlType.UBIGINT,
};

function columnsOf(text: string): Column[] {
  return text.split(',').map((part, i) => {
    const match = /^\s*(\w+)\s+([a-z ]+?)\s*(?:\((\d+)\))?\s*$/i.exec(part)!;
    const type = typeOf[match[2]!.toLowerCase()]!;
    return {
      name: match[1]!.toLowerCase(),
      type,
      bytes: Number(match[3] ?? typeWidth(type)),
      colId: i + 1,
    };
  });
}

/** Metadata and rows in memory; four vgroups a database. */
class World {
  readonly dbs = new Map<string, DbMeta>();
  readonly metas = new Map<string, TableMeta>();
  readonly rows = new Map<number, Map<number, Row>>();
  readonly listeners = new Set<(change: CatalogChange) => void>();
  /** Writes to these vgroups fail. */
  readonly broken = new Set<number>();
  /** Answers of `tables`, counted. */
  lookups = 0;
  #uid = 1;
  #created = 0;
  #now = Date.UTC(2026, 10, 22);

  readonly clock = { now: () => this.#now++, monotonic: () => 0 };

  readonly mnode = {
    database: async (name: string) => this.dbs.get(name),
    tables: async (db: string, names: readonly string[]) => {
      this.lookups++;
      return names.map((name) => this.metas.get(`${db}.${name}`));
    },
    ensureChildTables: async (db: string, stable: string, tables: readonly { name: string }[]) =>
      tables.map(
        ({ name }) => this.metas.get(`${db}.${name}`) ?? this.createChild(db, stable, name),
      ),
    onChange: (listener: (change: CatalogChange) => void) => {
      this.listeners.add(listener);
      return () => this.listeners.delete(listener);
    },
  } as unknown as MnodeService;

  readonly vnodes = {
    write: async (vgId: VgId, _kind: string, payload: Uint8Array) => {
      if (this.broken.has(vgId)) throw new TaosError(ErrorCode.VND_NO_WRITE_AUTH);
      this.store(vgId, readSubmit(payload.slice()));
      return { version: 1 };
    },
  } as unknown as VnodeService;

  createDb(name: string, precision: 'ms' | 'us', update: number): void {
    const options = { precision, update, keep: [36500, 36500, 36500], days: 10 };
    this.dbs.set(name, { name, options, vgroups: [] } as unknown as DbMeta);
  }

  create(db: string, name: string, columns: string, tags: string | undefined): TableMeta {
    const schema: Schema = {
      version: 1,
      columns: columnsOf(columns),
      tags: tags === undefined ? [] : columnsOf(tags),
    };
    const uid = this.#uid++;
    const isStable = tags !== undefined;
    const meta: TableMeta = {
      uid,
      db,
      name,
      kind: isStable ? 'stable' : 'normal',
      vgId: (isStable ? 0 : 2 + (this.#created++ % 4)) as VgId,
      schemaUid: uid,
      stableName: undefined,
      schema,
    };
    this.metas.set(`${db}.${name}`, meta);
    return meta;
  }

  createChild(db: string, stable: string, name: string): TableMeta {
    const parent = this.metas.get(`${db}.${stable}`)!;
    const vgId = (2 + (this.#created++ % 4)) as VgId;
    const meta: TableMeta = {
      ...parent,
      uid: this.#uid++,
      name,
      kind: 'child',
      vgId,
      stableName: stable,
    };
    this.metas.set(`${db}.${name}`, meta);
    return meta;
  }

  announce(db: string, table?: string): void {
    for (const listener of this.listeners) listener({ db, table });
  }

  store(vgId: number, groups: readonly SubmitGroup[]): void {
    for (const group of groups) this.check(vgId, group);
    for (const group of groups) this.storeGroup(group);
  }

  check(vgId: number, group: SubmitGroup): void {
    for (const uid of group.uids) {
      const meta = [...this.metas.values()].find((one) => one.uid === uid);
      if (meta === undefined) throw new TaosError(ErrorCode.TDB_INVALID_TABLE_ID);
      expect(meta.vgId).toBe(vgId);
      expect(meta.schemaUid).toBe(group.schemaUid);
      if (meta.schema.version !== group.schemaVersion)
        throw new TaosError(ErrorCode.TDB_IVD_TB_SCHEMA_VERSION);
    }
    expect(group.tsMin).toBe(Math.min(...group.ts));
    expect(group.tsMax).toBe(Math.max(...group.ts));
    const meta = [...this.metas.values()].find((one) => one.uid === group.uids[0])!;
    const perDay = this.dbs.get(meta.db)!.options.precision === 'ms' ? 86_400e3 : 86_400e6;
    const now = (Date.UTC(2026, 10, 22) * perDay) / 86_400e3;
    if (group.tsMin < now - 36_500 * perDay || group.tsMax > now + 10 * perDay) {
      throw new TaosError(ErrorCode.TDB_TIMESTAMP_OUT_OF_RANGE);
    }
  }

  storeGroup(group: SubmitGroup): void {
    for (let segment = 0; segment < group.segments; segment++) {
      const uid = group.uids[segment]!;
      const meta = [...this.metas.values()].find((one) => one.uid === uid)!;
      const rows = this.rows.get(uid) ?? new Map<number, Row>();
      this.rows.set(uid, rows);
      let before = -Infinity;
      for (let row = group.rowFrom[segment]!; row < group.rowFrom[segment + 1]!; row++) {
        const ts = group.ts[row]!;
        expect(ts).toBeGreaterThan(before);
        before = ts;
        if (rows.has(ts) && this.dbs.get(meta.db)!.options.update === 0) continue;
        rows.set(
          ts,
          meta.schema.columns.map((column) => valueOf(group, column, row)),
        );
      }
    }
  }

  select(name: string): Row[] {
    const rows = this.rows.get(this.metas.get(name)?.uid ?? 0) ?? new Map<number, Row>();
    return [...rows.keys()].sort((a, b) => a - b).map((ts) => rows.get(ts)!);
  }
}

/** A value as a plain JSON value; null for NULL. */
function valueOf(group: SubmitGroup, column: Column, row: number): number | string | null {
  const found = group.columns.find((one) => one.colId === column.colId);
  if (found === undefined) return null;
  expect(found.type).toBe(column.type);
  const { buffer } = group;
  const at = found.byteOffset;
  const plain = (value: number, missing: number): number | null =>
    value === missing ? null : value;
  switch (column.type) {
    case SqlType.BOOL:
      return plain(new Uint8Array(buffer, at)[row]!, 2);
    case SqlType.TINYINT:
      return plain(new Int8Array(buffer, at)[row]!, -128);
    case SqlType.SMALLINT:
      return plain(new DataView(buffer).getInt16(at + row * 2, true), -32768);
    case SqlType.INT:
      return plain(new DataView(buffer).getInt32(at + row * 4, true), -2147483648);
    case SqlType.FLOAT:
      return orNull(new DataView(buffer).getFloat32(at + row * 4, true));
    case SqlType.DOUBLE:
      return orNull(new DataView(buffer).getFloat64(at + row * 8, true));
    case SqlType.UTINYINT:
      return plain(new Uint8Array(buffer, at)[row]!, 255);
    case SqlType.USMALLINT:
      return plain(new DataView(buffer).getUint16(at + row * 2, true), 65535);
    case SqlType.UINT:
      return plain(new DataView(buffer).getUint32(at + row * 4, true), 4294967295);
    case SqlType.BINARY:
    case SqlType.NCHAR:
      return stringOf(group, found, row);
    default:
      return wideOf(group, found, row);
  }
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function stringOf(group: SubmitGroup, column: SubmitColumn, row: number): string | null {
  const { rows, buffer } = group;
  const offsets = new Uint32Array(buffer, column.byteOffset, rows + 1);
  const nulls = new Uint8Array(buffer, column.byteOffset + (rows + 1) * 4, (rows + 7) >> 3);
  const text = column.byteOffset + (rows + 1) * 4 + nulls.length;
  if ((nulls[row >> 3]! >> (row & 7)) & 1) return null;
  return new TextDecoder().decode(
    new Uint8Array(buffer, text + offsets[row]!, offsets[row + 1]! - offsets[row]!),
  );
}

function wideOf(group: SubmitGroup, column: SubmitColumn, row: number): number | null {
  const view = new DataView(group.buffer);
  if (column.form === 1) return orNull(view.getFloat64(column.byteOffset + row * 8, true));
  const isUnsigned = column.type === SqlType.UBIGINT;
  const bits = view.getBigInt64(column.byteOffset + row * 8, true);
  if (bits === (isUnsigned ? -1n : -(2n ** 63n))) return null;
  return Number(isUnsigned ? BigInt.asUintN(64, bits) : bits);
}

const corpus = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '../../../conformance/corpus',
);
const areas = [
  'insert-basic',
  'insert-errors',
  'insert-time',
  'insert-update',
  'autocreate',
  'types-int',
  'types-uint',
  'types-float',
  'types-str',
  'types-ts',
  'precision-us',
  'table-limits',
];

/** Replays one area; only what an INSERT needs is executed, and `select * from one` is compared. */
async function replay(area: string): Promise<number> {
  const world = new World();
  const cache = new CatalogCache(world.mnode);
  const inserter = new Inserter({
    mnode: world.mnode,
    vnodes: world.vnodes,
    cache,
    clock: world.clock,
  });
  const session = {
    user: 'root',
    db: undefined as string | undefined,
    timezone: 'UTC',
    zone: timeZone('UTC'),
  };
  let compared = 0;
  for (const line of readFileSync(path.join(corpus, `${area}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .slice(1)) {
    const statement = JSON.parse(line) as Statement;
    const sql =
      statement.sql ?? statement.sqlParts!.map(([text, times]) => text.repeat(times)).join('');
    if (/\bnow\b/i.test(sql)) continue;
    if (/^(insert|import)/i.test(sql)) {
      const answer = await inserter
        .execute(new TextEncoder().encode(sql), session as InsertSession)
        .then((rows) => ({ status: 'succ', data: [[rows]] as unknown[][] }))
        .catch((error: unknown) => {
          if (!(error instanceof TaosError)) throw error;
          return { status: 'error', code: error.code, desc: error.message };
        });
      const { status, code, desc, data } = statement.expect;
      const wanted = status === 'succ' ? { status, data } : { status, code, desc };
      expect(answer, `${statement.id}: ${sql.slice(0, 200)}`).toEqual(wanted);
      compared++;
    } else if (statement.expect.status === 'succ') {
      if (/^use /i.test(sql)) session.db = sql.slice(4).trim();
      else if (/^create/i.test(sql)) define(world, sql, session.db);
      else compared += compare(world, statement, sql, session.db);
    }
  }
  return compared;
}

function define(world: World, sql: string, current: string | undefined): void {
  const database = /^create database (\w+)/.exec(sql);
  if (database !== null) {
    world.createDb(
      database[1]!,
      sql.includes("'us'") ? 'us' : 'ms',
      sql.includes('update 1') ? 1 : 0,
    );
    return;
  }
  const table = /^create table (?:(\w+)\.)?(\w+) \((.*?)\)(?: tags \((.*)\))?$/.exec(sql);
  if (table !== null) world.create(table[1] ?? current!, table[2]!, table[3]!, table[4]);
}

/** Compares `select * from t` where the recorded times can be read. */
function compare(world: World, statement: Statement, sql: string, db: string | undefined): number {
  const match = /^select \* from (\w+)$/.exec(sql);
  const meta = match === null ? undefined : world.metas.get(`${db}.${match[1]}`);
  if (meta === undefined || meta.kind !== 'normal' || statement.url === '/rest/sqlutc') return 0;
  const { precision } = world.dbs.get(meta.db)!.options;
  const { columns } = meta.schema;
  const wanted = statement.expect.data!.map((row) =>
    row.map((value, i) =>
      columns[i]!.type === SqlType.TIMESTAMP && typeof value === 'string'
        ? parseTimestamp(value, precision, timeZone('UTC'))
        : value,
    ),
  );
  if (wanted.some((row) => row.some((value) => Number.isNaN(value)))) return 0;
  const got = world.select(`${meta.db}.${meta.name}`);
  expect(got.length, statement.id).toBe(wanted.length);
  got.forEach((row, i) => {
    row.forEach((value, j) => {
      const place = `${statement.id} row ${i} column ${j}`;
      const other = wanted[i]![j];
      if (typeof value === 'number' && typeof other === 'number') {
        const slack = columns[j]!.type === SqlType.FLOAT ? 1e-5 : 1e-9;
        expect(Math.abs(value - other), place).toBeLessThanOrEqual(
          slack * Math.max(1, Math.abs(other)),
        );
      } else expect(value, place).toEqual(other);
    });
  });
  return 1;
}

test.each(areas)('%s: recorded answers', async (area) => {
  expect(await replay(area)).toBeGreaterThan(2);
});

interface Bench {
  readonly world: World;
  readonly insert: (sql: string) => Promise<number>;
}

function bench(): Bench {
  const world = new World();
  const cache = new CatalogCache(world.mnode);
  const inserter = new Inserter({
    mnode: world.mnode,
    vnodes: world.vnodes,
    cache,
    clock: world.clock,
  });
  const session = { user: 'root', db: 'd', timezone: 'UTC', zone: timeZone('UTC') };
  world.createDb('d', 'ms', 1);
  world.create('d', 'st', 'ts timestamp, a int, b int', 'g int');
  return { world, insert: (sql) => inserter.execute(new TextEncoder().encode(sql), session) };
}

test('a table is looked up once, and again after a change', async () => {
  const { world, insert } = bench();
  await insert('insert into t1 using st tags (1) values (1600000000000, 1, 1)');
  const { lookups } = world;
  await insert('insert into t1 values (1600000000001, 1, 1)');
  expect(world.lookups).toBe(lookups);
  world.announce('d', 't1');
  await insert('insert into t1 values (1600000000002, 1, 1)');
  expect(world.lookups).toBe(lookups + 1);
  world.announce('d', 'st');
  await insert('insert into t1 values (1600000000003, 1, 1)');
  expect(world.lookups).toBe(lookups + 2);
  expect(world.select('d.t1').length).toBe(4);
});

test('the session’s database matters to bare names only', async () => {
  const world = new World();
  const cache = new CatalogCache(world.mnode);
  const inserter = new Inserter({
    mnode: world.mnode,
    vnodes: world.vnodes,
    cache,
    clock: world.clock,
  });
  const insert = (sql: string, db: string | undefined): Promise<number> =>
    inserter.execute(new TextEncoder().encode(sql), {
      user: 'root',
      db,
      timezone: 'UTC',
      zone: timeZone('UTC'),
    });
  world.createDb('d', 'ms', 0);
  world.create('d', 't', 'ts timestamp, a int', undefined);
  expect(await insert('insert into d.t values (1600000000000, 1)', 'dropped')).toBe(1);
  await expect(insert('insert into t values (1600000000000, 1)', 'dropped')).rejects.toMatchObject({
    code: 896,
  });
  await expect(insert('insert into t values (1600000000000, 1)', undefined)).rejects.toMatchObject({
    code: 535,
  });
});

test('a vnode that knows better makes the cache forget, once', async () => {
  const { world, insert } = bench();
  await insert('insert into t1 using st tags (1) values (1600000000000, 1, 1)');
  const old = world.metas.get('d.t1')!;
  world.metas.set('d.t1', { ...old, schema: { ...old.schema, version: 2 } });
  expect(await insert('insert into t1 values (1600000000001, 1, 1)')).toBe(1);
  world.metas.delete('d.t1');
  await expect(insert('insert into t1 values (1600000000002, 1, 1)')).rejects.toMatchObject({
    code: 866,
  });
});

test('when a vgroup fails the error says what is stored', async () => {
  const { world, insert } = bench();
  const clause = (name: string): string =>
    `${name} using st tags (1) values (1600000000000, 1, 1)(1600000000001, 1, 1)`;
  const sql = `insert into ${['t1', 't2', 't3', 't4', 't5'].map(clause).join(' ')}`;
  expect(await insert(sql)).toBe(10);
  world.broken.add(3);
  const error = await insert(sql).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: ErrorCode.VND_NO_WRITE_AUTH });
  expect((error as TaosError).detail).toContain('8 of 10 rows are stored, not those of vgroup 3');
});

test('a table that comes back with other columns is one table', async () => {
  const { world, insert } = bench();
  await insert('insert into t1 using st tags (1) values (1600000000005, 1, 1)');
  const sql =
    'insert into t1 (ts, a) values (1600000000003, 3) t1 (b, ts) values (4, 1600000000002) (5, 1600000000003) t1 values (1600000000001, 7, 8)';
  expect(await insert(sql)).toBe(3);
  expect(world.select('d.t1')).toEqual([
    [1600000000001, 7, 8],
    [1600000000002, null, 4],
    [1600000000003, 3, null],
    [1600000000005, 1, 1],
  ]);
});
