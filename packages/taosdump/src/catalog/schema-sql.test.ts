import { expect, test } from 'vitest';
import { SqlType } from '@tdnode/common';
import type { DatabaseDef } from '../format/manifest.ts';
import { planUnits } from '../out/plan-units.ts';
import { schemaSql } from './schema-sql.ts';

const database: DatabaseDef = {
  name: 'db',
  precision: 'us',
  options: [
    ['replica', 3],
    ['keep', 365],
    ['precision', 'us'],
  ],
  tables: [
    {
      name: 'st',
      kind: 'stable',
      columns: [
        { name: 'ts', type: SqlType.TIMESTAMP, bytes: 8 },
        { name: 'v', type: SqlType.UBIGINT, bytes: 8 },
      ],
      tags: [{ name: 'place', type: SqlType.NCHAR, bytes: 20 }],
    },
    {
      name: 'nt',
      kind: 'normal',
      columns: [{ name: 'ts', type: SqlType.TIMESTAMP, bytes: 8 }],
      tags: [],
    },
  ],
};

test('the schema as statements', () => {
  expect(schemaSql([database], false)).toBe(
    "create database if not exists db replica 3 keep 365 precision 'us';\n" +
      'create table if not exists db.st (ts timestamp, v bigint unsigned) tags (place nchar(20));\n' +
      'create table if not exists db.nt (ts timestamp);\n',
  );
  expect(schemaSql([database], true)).toMatch(
    /^create database if not exists db precision 'us';\n/,
  );
});

test('tables are shared out among files', () => {
  const scope = {
    databases: undefined,
    tables: undefined,
    from: undefined,
    to: undefined,
    schemaOnly: false,
    withoutProperties: false,
    tablesPerFile: 0,
    format: 'parquet',
  } as const;
  const [stable, normal] = database.tables;
  const children = Array.from({ length: 40 }, (_, i) => `t${i}`);
  const units = planUnits(database, stable!, { children, scope });
  expect(units.map(({ tables }) => tables.length)).toEqual([
    ...Array.from({ length: 13 }, () => 3),
    1,
  ]);
  expect(units.flatMap(({ tables }) => tables)).toEqual(children);
  expect(units[0]!.file).toBe('db/stable/st/000001.parquet');
  const given = planUnits(database, stable!, { children, scope: { ...scope, tablesPerFile: 25 } });
  expect(given.map(({ tables }) => tables.length)).toEqual([25, 15]);
  expect(planUnits(database, normal!, { children: [], scope }).map(({ file }) => file)).toEqual([
    'db/normal/nt.parquet',
  ]);
});
