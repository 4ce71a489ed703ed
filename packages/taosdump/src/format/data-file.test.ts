/** Files are written and read back: every type at its extremes, NULL, empty, several row groups. */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { SqlType } from '@tdnode/common';
import { parquetMetadata } from 'hyparquet';
import type { Cell, ColumnDef } from './cell.ts';
import { CsvFile } from './csv-file.ts';
import { readDataFile } from './parquet-reader.ts';
import { DataFile, ROWS_PER_GROUP } from './parquet-writer.ts';

const folder = fs.mkdtempSync(path.join(tmpdir(), 'taosdump-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const column = (name: string, type: SqlType): ColumnDef => ({ name, type, bytes: 16 });

const columns = [
  column('ts', SqlType.TIMESTAMP),
  ...Object.entries(SqlType).map(([name, type]) => column(`c_${name.toLowerCase()}`, type)),
];

/** Two values of each type, in the order of `SqlType`. */
const extremes: readonly (readonly Cell[])[] = [
  [true, false],
  [-127, 127],
  [-32_767, 32_767],
  [-2_147_483_647, 2_147_483_647],
  [-(2n ** 63n) + 1n, 2n ** 63n - 1n],
  [Math.fround(1.401298464324817e-45), -3.4028234663852886e38],
  [5e-324, 1.7976931348623157e308],
  [new Uint8Array([0, 255, 39, 92]), bytes('')],
  [-1n, 253_402_300_799_999_999n],
  [bytes('北京 🚀'), bytes("it's")],
  [0, 254],
  [0, 65_534],
  [0, 4_294_967_294],
  [0n, 2n ** 64n - 2n],
];

async function roundTrip(
  defs: readonly ColumnDef[],
  rows: readonly { readonly table: string; readonly cells: readonly Cell[] }[],
): Promise<{ table: string; cells: Cell[] }[]> {
  const file = path.join(folder, 'x.parquet');
  const out = new DataFile({
    path: file,
    columns: defs,
    precision: 'us',
    requiredAt: 0,
    notes: {},
  });
  for (const { table, cells } of rows)
    out.add(
      table,
      cells.map((cell) => [cell]),
      1,
    );
  expect(out.finish()).toBe(fs.statSync(file).size);
  const read: { table: string; cells: Cell[] }[] = [];
  for await (const group of readDataFile(file, defs)) {
    group.names.forEach((table, i) =>
      read.push({ table, cells: group.columns.map((cells) => cells[i]!) }),
    );
  }
  return read;
}

test('every type comes back as it was, with NULL', async () => {
  const rows = [
    { table: 'a', cells: [-5n, ...extremes.map(([least]) => least!)] },
    { table: 'a', cells: [0n, ...extremes.map(([, most]) => most!)] },
    { table: 'b', cells: [7n, ...extremes.map(() => null)] },
  ];
  expect(await roundTrip(columns, rows)).toEqual(rows);
});

test('a column of NULL alone, and no rows at all', async () => {
  const defs = [column('ts', SqlType.TIMESTAMP), column('v', SqlType.NCHAR)];
  const rows = Array.from({ length: 10 }, (_, i) => ({ table: 't', cells: [BigInt(i), null] }));
  expect(await roundTrip(defs, rows)).toEqual(rows);
  expect(await roundTrip(defs, [])).toEqual([]);
});

test('doubles keep their bits, minus nought too', async () => {
  const defs = [column('ts', SqlType.TIMESTAMP), column('v', SqlType.DOUBLE)];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.double({ noNaN: true }), { maxLength: 200 }), async (values) => {
      const rows = values.map((value, i) => ({ table: 't', cells: [BigInt(i), value] }));
      expect(await roundTrip(defs, rows)).toEqual(rows);
    }),
    { seed: 5, numRuns: 30 },
  );
});

test('more rows than a row group', async () => {
  const defs = [column('ts', SqlType.TIMESTAMP), column('v', SqlType.INT)];
  const rows = Array.from({ length: ROWS_PER_GROUP + 10 }, (_, i) => ({
    table: i < 40_000 ? 'a' : 'b',
    cells: [BigInt(i), i % 1000],
  }));
  const read = await roundTrip(defs, rows);
  expect(read.length).toBe(rows.length);
  expect(
    read.filter(({ table, cells }, i) => table !== rows[i]!.table || cells[0] !== BigInt(i)),
  ).toEqual([]);
  const file = fs.readFileSync(path.join(folder, 'x.parquet'));
  const copy = new Uint8Array(file);
  expect(parquetMetadata(copy.buffer).row_groups.length).toBe(2);
});

test('wide strings make smaller row groups', async () => {
  const defs = [column('ts', SqlType.TIMESTAMP), column('v', SqlType.BINARY)];
  const wide = new Uint8Array(1 << 20).fill(120);
  const rows = Array.from({ length: 40 }, (_, i) => ({ table: 't', cells: [BigInt(i), wide] }));
  expect(await roundTrip(defs, rows)).toHaveLength(40);
  const copy = new Uint8Array(fs.readFileSync(path.join(folder, 'x.parquet')));
  expect(parquetMetadata(copy.buffer).row_groups.map((group) => Number(group.num_rows))).toEqual([
    32, 8,
  ]);
});

test('what is not finished has no name, what is damaged is refused', async () => {
  const defs = [column('ts', SqlType.TIMESTAMP)];
  const file = path.join(folder, 'y.parquet');
  const out = new DataFile({
    path: file,
    columns: defs,
    precision: 'ms',
    requiredAt: 0,
    notes: {},
  });
  expect(fs.existsSync(file)).toBe(false);
  out.abandon();
  expect(fs.readdirSync(folder).filter((name) => name.startsWith('y.'))).toEqual([]);
  fs.writeFileSync(file, 'PAR1 nothing');
  await expect(readDataFile(file, defs).next()).rejects.toThrow(`${file} is no Parquet file`);
});

test('CSV tells NULL from an empty string', () => {
  const defs = [column('ts', SqlType.TIMESTAMP), column('v', SqlType.NCHAR)];
  const file = path.join(folder, 'x.csv');
  const out = new CsvFile({ path: file, columns: defs, precision: 'ms', requiredAt: 0, notes: {} });
  const cells = [null, bytes(''), bytes('a,"b"'), bytes('北京')];
  out.add('t', [cells.map((_, i) => BigInt(i)), cells], 4);
  out.finish();
  expect(fs.readFileSync(file, 'utf8')).toBe(
    'tbname,ts,v\r\nt,0,\r\nt,1,""\r\nt,2,"a,""b"""\r\nt,3,北京\r\n',
  );
});
