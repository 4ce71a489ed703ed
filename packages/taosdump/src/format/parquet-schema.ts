/** SQL types as Parquet types; docs/format/dump.md has the table. */
import { SqlType, type Precision } from '@tdnode/common';
import type { SchemaElement } from 'hyparquet';
import type { ColumnDef } from './cell.ts';

/** The first column of a file of child tables; no column of a table can have this name. */
export const TABLE_COLUMN = 'tbname';

const UNITS = { ms: 'MILLIS', us: 'MICROS', ns: 'NANOS' } as const;

/** The schema of a file: `columns` behind `tbname`; the one at `requiredAt` is never NULL. */
export function parquetSchema(
  columns: readonly ColumnDef[],
  precision: Precision,
  requiredAt: number,
): SchemaElement[] {
  return [
    { name: 'schema', num_children: columns.length + 1 },
    { name: TABLE_COLUMN, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
    ...columns.map((column, i): SchemaElement => ({
      name: column.name,
      repetition_type: i === requiredAt ? 'REQUIRED' : 'OPTIONAL',
      ...parquetType(column.type, precision),
    })),
  ];
}

function parquetType(type: SqlType, precision: Precision): Partial<SchemaElement> {
  switch (type) {
    case SqlType.BOOL:
      return { type: 'BOOLEAN' };
    case SqlType.TINYINT:
      return { type: 'INT32', converted_type: 'INT_8' };
    case SqlType.SMALLINT:
      return { type: 'INT32', converted_type: 'INT_16' };
    case SqlType.INT:
      return { type: 'INT32' };
    case SqlType.BIGINT:
      return { type: 'INT64' };
    case SqlType.FLOAT:
      return { type: 'FLOAT' };
    case SqlType.DOUBLE:
      return { type: 'DOUBLE' };
    case SqlType.BINARY:
      return { type: 'BYTE_ARRAY' };
    case SqlType.NCHAR:
      return { type: 'BYTE_ARRAY', converted_type: 'UTF8' };
    case SqlType.TIMESTAMP:
      return {
        type: 'INT64',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: UNITS[precision] },
      };
    case SqlType.UTINYINT:
      return { type: 'INT32', converted_type: 'UINT_8' };
    case SqlType.USMALLINT:
      return { type: 'INT32', converted_type: 'UINT_16' };
    case SqlType.UINT:
      return { type: 'INT32', converted_type: 'UINT_32' };
    case SqlType.UBIGINT:
      return { type: 'INT64', converted_type: 'UINT_64' };
  }
}
