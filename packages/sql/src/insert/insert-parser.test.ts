/** The INSERT parser against values that are known beforehand, and against mutilated statements. */
import {
  SqlType,
  TaosError,
  readSubmit,
  seededRandom,
  timeZone,
  type Column,
  type Random,
  type SubmitColumn,
  type SubmitGroup,
} from '@tdnode/common';
import { expect, test } from 'vitest';
import type { InsertCatalog, TableSchema } from './catalog.ts';
import { InsertParser, type InsertResult } from './insert-parser.ts';

const types = Object.values(SqlType);
const columns: Column[] = [
  { name: 'ts', type: SqlType.TIMESTAMP, bytes: 8, colId: 1 },
  ...types.map((type, i): Column => ({ name: `C${i}`, type, bytes: 12, colId: i + 2 })),
];
const schema: TableSchema = {
  ordinal: 0,
  schemaUid: 7,
  schema: { version: 3, columns, tags: [] },
  precision: 'ms',
  database: 0,
};
const tag: Column = { name: 'g', type: SqlType.INT, bytes: 4, colId: 1 };
const stable: TableSchema = {
  ...schema,
  ordinal: 1,
  schemaUid: 8,
  schema: { version: 1, columns, tags: [tag] },
};

const decoder = new TextDecoder();
const nameIn = (sql: Uint8Array, from: number, to: number): string =>
  decoder.decode(sql.subarray(from, to)).toLowerCase();

/** Tables t0 … t9 in d, t<i> in vgroup 2 + i % 2; st is a stable. */
const catalog: InsertCatalog = {
  findDatabase: (sql, from, to) => (nameIn(sql, from, to) === 'd' ? 0 : -1),
  findTable: (_database, sql, from, to) =>
    ['t0', 't1', 't2', 't3', 't4', 'st'].indexOf(nameIn(sql, from, to)),
  databaseName: () => 'd',
  isStable: (table) => table === 5,
  uid: (table) => 100 + table,
  vgId: (table) => 2 + (table & 1),
  schema: (table) => (table === 5 ? stable : schema),
};

const encoder = new TextEncoder();
const context = {
  databaseName: 'd',
  database: 0,
  zone: timeZone('Asia/Shanghai'),
  nowMs: 1_600_000_000_000,
};
const parse = (parser: InsertParser, sql: string): InsertResult =>
  parser.parse(encoder.encode(sql), context);

type Value = number | bigint | string | null;
/** A literal, and what it means; BAD: it is refused. */
type Literal = readonly [text: string, value: Value | typeof BAD];
const BAD = Symbol('refused');

const signedMax: { readonly [type: number]: bigint } = {
  [SqlType.TINYINT]: 127n,
  [SqlType.SMALLINT]: 32767n,
  [SqlType.INT]: 2147483647n,
  [SqlType.BIGINT]: 2n ** 63n - 1n,
};
const unsignedMax: { readonly [type: number]: bigint } = {
  [SqlType.UTINYINT]: 254n,
  [SqlType.USMALLINT]: 65534n,
  [SqlType.UINT]: 4294967294n,
  [SqlType.UBIGINT]: 2n ** 64n - 2n,
};

function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random.next() * items.length)]!;
}

function digits(random: Random, count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) text += Math.floor(random.next() * 10);
  return text;
}

function integer(random: Random, type: SqlType): Literal {
  const isUnsigned = type in unsignedMax;
  const most = (isUnsigned ? unsignedMax : signedMax)[type]!;
  const least = isUnsigned ? 0n : -most;
  const near = pick(random, [
    most,
    least,
    0n,
    2n ** 53n,
    -(2n ** 53n),
    BigInt(digits(random, 1 + Math.floor(random.next() * 20))),
  ]);
  const value = near + BigInt(Math.floor(random.next() * 4) - 1);
  const sign = value >= 0n ? pick(random, ['', '+', '00']) : '';
  const text = pick(random, [`${sign}${value}`, `'${value}'`, `"${value}"`]);
  return [text, value >= least && value <= most ? value : BAD];
}

function real(random: Random, type: SqlType): Literal {
  const exponent = pick(random, ['', '', '', `e${Math.floor(random.next() * 40) - 20}`, 'E+3']);
  const fraction = pick(random, [
    '',
    `.${digits(random, 1 + Math.floor(random.next() * 20))}`,
    '.5',
  ]);
  const text =
    pick(random, ['', '-', '+']) +
    digits(random, 1 + Math.floor(random.next() * 17)) +
    fraction +
    exponent;
  const value = Number(text);
  return [
    pick(random, [text, text, `'${text}'`]),
    type === SqlType.FLOAT ? Math.fround(value) : value,
  ];
}

function string(random: Random, type: SqlType): Literal {
  const alphabet = ['a', 'Z', '0', ' ', ',', ')', '(', "'", '"', '\\', ';', 'é', '中', '😀', '%'];
  let value = '';
  for (let left = Math.floor(random.next() * 14); left > 0; left--) value += pick(random, alphabet);
  const quote = pick(random, ["'", '"']);
  const escaped = Array.from(value)
    .map((c) => (c === '\\' ? '\\\\' : c === quote ? pick(random, [`\\${c}`, c + c]) : c))
    .join('');
  const length = type === SqlType.NCHAR ? Array.from(value).length : encoder.encode(value).length;
  return [quote + escaped + quote, length <= 12 ? value : BAD];
}

function literal(random: Random, type: SqlType): Literal {
  if (random.next() < 0.1) return [pick(random, ['null', 'NULL', 'Null']), null];
  switch (type) {
    case SqlType.BOOL:
      return pick<Literal>(random, [
        ['true', 1],
        ['FALSE', 0],
        ["'true'", 1],
        ["'nope'", BAD],
        ['-3', 1],
        ['0.0', 0],
        ['yes', BAD],
      ]);
    case SqlType.FLOAT:
    case SqlType.DOUBLE:
      return real(random, type);
    case SqlType.BINARY:
    case SqlType.NCHAR:
      return string(random, type);
    case SqlType.TIMESTAMP:
      return pick<Literal>(random, [
        ["'1970-01-01 08:00:01.25'", 1250],
        ['now', context.nowMs],
        ['now - 1s', context.nowMs - 1000],
        ['5+1a', 6],
        ['9223372036854775807', 2n ** 63n - 1n],
        ['1.5', BAD],
        ["'x'", BAD],
      ]);
    default:
      return random.next() < 0.1 ? ['2.5', 3n] : integer(random, type);
  }
}

/** A column's value in a decoded group. */
function read(group: SubmitGroup, column: SubmitColumn, row: number): Value {
  const view = new DataView(group.buffer, column.byteOffset, column.byteLength);
  const unless = (value: number, missing: number): Value => (value === missing ? null : value);
  const real64 = (value: number): Value => (Number.isNaN(value) ? null : value);
  switch (column.type) {
    case SqlType.BOOL:
      return unless(view.getUint8(row), 2);
    case SqlType.TINYINT:
      return unless(view.getInt8(row), -128);
    case SqlType.SMALLINT:
      return unless(view.getInt16(row * 2, true), -32768);
    case SqlType.INT:
      return unless(view.getInt32(row * 4, true), -2147483648);
    case SqlType.UTINYINT:
      return unless(view.getUint8(row), 255);
    case SqlType.USMALLINT:
      return unless(view.getUint16(row * 2, true), 65535);
    case SqlType.UINT:
      return unless(view.getUint32(row * 4, true), 4294967295);
    case SqlType.FLOAT:
      return real64(view.getFloat32(row * 4, true));
    case SqlType.DOUBLE:
      return real64(view.getFloat64(row * 8, true));
    case SqlType.BINARY:
    case SqlType.NCHAR: {
      const nullsAt = (group.rows + 1) * 4;
      const text = nullsAt + ((group.rows + 7) >> 3);
      if ((view.getUint8(nullsAt + (row >> 3)) >> (row & 7)) & 1) return null;
      const from = view.getUint32(row * 4, true);
      const to = view.getUint32(row * 4 + 4, true);
      return decoder.decode(
        new Uint8Array(group.buffer, column.byteOffset + text + from, to - from),
      );
    }
    default: {
      if (column.form === 1) return real64(view.getFloat64(row * 8, true));
      const bits = view.getBigInt64(row * 8, true);
      if (column.type === SqlType.UBIGINT) return bits === -1n ? null : BigInt.asUintN(64, bits);
      return bits === -(2n ** 63n) ? null : bits;
    }
  }
}

/** What a statement stores: `table/time` to the values by column. */
type Stored = Map<string, Map<number, Value>>;

function valuesOf(group: SubmitGroup, row: number): Map<number, Value> {
  const values = new Map<number, Value>();
  for (const column of group.columns.slice(1)) {
    const value = read(group, column, row);
    if (value !== null) values.set(column.colId, value);
  }
  return values;
}

function decode(result: InsertResult): Stored {
  const stored: Stored = new Map();
  if (result.kind !== 'rows') throw new Error('the catalog knows all tables');
  let rows = 0;
  for (const part of result.parts) {
    for (const group of readSubmit(part.payload)) {
      rows += group.rows;
      for (let segment = 0; segment < group.segments; segment++) {
        expect(part.vgId).toBe(2 + (group.uids[segment]! & 1));
        let before = -Infinity;
        for (let row = group.rowFrom[segment]!; row < group.rowFrom[segment + 1]!; row++) {
          expect(group.ts[row]).toBeGreaterThan(before);
          before = group.ts[row]!;
          stored.set(`${group.uids[segment]}/${before}`, valuesOf(group, row));
        }
      }
    }
  }
  expect(rows).toBe(result.affectedRows);
  expect(stored.size).toBe(rows);
  return stored;
}

/** A random statement, what it stores, and whether it is refused. */
function statement(random: Random): { sql: string; stored: Stored; isBad: boolean } {
  const stored: Stored = new Map();
  let isBad = false;
  const blank = (): string => pick(random, ['', '', ' ', '\n ', '\t']);
  let sql = pick(random, ['insert into ', 'INSERT INTO ', ' import\ninto ']);
  for (let clauses = 1 + Math.floor(random.next() * 4); clauses > 0; clauses--) {
    const table = Math.floor(random.next() * 5);
    const bound = columns.map((_, i) => i).filter((i) => i === 0 || random.next() < 0.5);
    if (random.next() < 0.5) bound.sort(() => random.next() - 0.5);
    const isWhole = random.next() < 0.3;
    const order = isWhole ? columns.map((_, i) => i) : bound;
    const list = isWhole
      ? ''
      : `(${order.map((i) => blank() + columns[i]!.name + blank()).join(',')})`;
    sql += `${pick(random, ['', 'd.'])}${pick(random, ['t', 'T'])}${table} ${list} ${pick(random, ['values', 'VALUES'])}`;
    for (let rows = 1 + Math.floor(random.next() * 5); rows > 0; rows--) {
      const time = 1_500_000_000_000 + Math.floor(random.next() * 10);
      const values = new Map<number, Value>();
      const texts = order.map((i) => {
        if (i === 0) return blank() + String(time) + blank();
        let [text, value] = literal(random, columns[i]!.type);
        if (value === BAD && random.next() < 0.97) [text, value] = ['null', null];
        if (value === BAD) isBad = true;
        else if (value !== null) values.set(columns[i]!.colId, value);
        return blank() + text + blank();
      });
      sql += `${blank()}(${texts.join(',')}${pick(random, ['', '', ','])})${pick(random, ['', ','])}`;
      const key = `${100 + table}/${time}`;
      if (!stored.has(key)) stored.set(key, values);
    }
    sql += ' ';
  }
  return { sql, stored, isBad };
}

/** As sorted text, for comparison. */
function comparable(stored: Stored): string[] {
  const lines: string[] = [];
  for (const [key, values] of stored) {
    for (const [id, value] of values) lines.push(`${key} ${id}=${String(value)}`);
    lines.push(key);
  }
  return lines.sort((a, b) => (a < b ? -1 : 1));
}

test('random rows are stored as they were meant, first of equal times, or refused', () => {
  const random = seededRandom(42);
  const parser = new InsertParser(catalog);
  let refused = 0;
  for (let i = 0; i < 4000; i++) {
    const { sql, stored, isBad } = statement(random);
    if (isBad) {
      refused++;
      expect(() => parse(parser, sql), sql).toThrow('Syntax error in SQL');
    } else {
      expect(comparable(decode(parse(parser, sql))), sql).toEqual(comparable(stored));
    }
  }
  expect(refused).toBeGreaterThan(100);
});

test('plain decimals are rounded as Number does', () => {
  const random = seededRandom(5);
  const parser = new InsertParser(catalog);
  for (let i = 0; i < 20_000; i++) {
    const text = `${digits(random, 1 + Math.floor(random.next() * 8))}.${digits(random, 1 + Math.floor(random.next() * 18))}`;
    const result = parse(parser, `insert into t0 (ts, c6) values (1, ${text})`);
    if (result.kind !== 'rows') throw new Error('known table');
    const group = readSubmit(result.parts[0]!.payload)[0]!;
    expect(read(group, group.columns[1]!, 0), text).toBe(Number(text));
  }
});

test('mutilated statements give a result or a TaosError', () => {
  const random = seededRandom(11);
  const parser = new InsertParser(catalog);
  const spice = encoder.encode('\'"\\(),;.- \n09eExX+nulltagsusingvaluesst\x00\xff');
  for (let i = 0; i < 15_000; i++) {
    let { sql } = statement(random);
    if (random.next() < 0.3)
      sql = `insert into n1 using st (g) tags (${Math.floor(random.next() * 9)}) values (1, 2) ${sql.slice(12)}`;
    let bytes = encoder.encode(sql);
    for (let edits = 1 + Math.floor(random.next() * 4); edits > 0; edits--) {
      const at = Math.floor(random.next() * bytes.length);
      const kind = random.next();
      if (kind < 0.5) bytes[at] = spice[Math.floor(random.next() * spice.length)]!;
      else if (kind < 0.7) bytes = bytes.slice(0, at);
      else bytes.copyWithin(at, Math.floor(random.next() * bytes.length));
    }
    try {
      const result = parser.parse(bytes, context);
      if (result.kind === 'rows') for (const part of result.parts) readSubmit(part.payload);
    } catch (error) {
      if (!(error instanceof TaosError)) throw error;
    }
  }
});

test('rows of all tables of a stable in a vgroup are one group', () => {
  const parser = new InsertParser(catalog);
  const result = parse(
    parser,
    'insert into t0 (ts) values (1) t2 (ts) values (1)(2) t1 (ts) values (5) t4 (ts) values (1)',
  );
  if (result.kind !== 'rows') throw new Error('known tables');
  expect(result.parts.map((part) => [part.vgId, part.rows])).toEqual([
    [2, 4],
    [3, 1],
  ]);
  const groups = readSubmit(result.parts[0]!.payload);
  expect(groups.length).toBe(1);
  expect([...groups[0]!.uids]).toEqual([100, 102, 104]);
  expect([...groups[0]!.rowFrom]).toEqual([0, 1, 3, 4]);
});

test('needs name everything at once, with tags converted', () => {
  const parser = new InsertParser(catalog);
  const sql =
    "insert into x.a values (1) new1 using st tags (0x10) values (1) new2 values ('(') NEW1 using st tags (2) values (2)";
  expect(parse(parser, sql)).toEqual({
    kind: 'needs',
    needs: {
      databases: ['x'],
      tables: [{ db: 'd', name: 'new2' }],
      children: [{ db: 'd', stable: 'st', name: 'new1', tags: [16] }],
    },
  });
});

test('an error says which value, column and row, and where', () => {
  const parser = new InsertParser(catalog);
  const sql = 'insert into t0 (ts, c3) values (1, 5) (2, 99999999999)';
  try {
    parse(parser, sql);
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({
      code: 534,
      detail: "int data overflow: value '99999999999', column 'C3', row 2",
      position: sql.indexOf('99999999999'),
    });
  }
});
