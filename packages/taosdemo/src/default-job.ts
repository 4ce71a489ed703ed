/**
 * What an insert run does unless told: the meters. A stable `meters (ts, current, voltage, phase)` with tags `groupid`
 * and `location`, child tables `d0`, `d1`, … As soon as `-b` or `-l` says columns, they are `col0`, `col1`, …, and the
 * tags `t0 int, t1 binary`, as 2.1.2 names them.
 */
import type { ColumnSpec, ColumnType, TableJob } from './job.ts';

/** 2017-07-14 02:40:00.000 UTC, where 2.1.2 begins. */
export const FIRST_MS = 1_500_000_000_000;
/** Bytes of one statement at most: the server's `maxSQLLength`. */
export const MAX_SQL_BYTES = 1_048_576;
/** Rows of one statement at most. */
export const MAX_ROWS_PER_REQUEST = 32_766;
/** A table has at most so many columns, its time among them. */
export const MAX_COLUMNS = 1023;

/** The columns of a meter. */
export const METER_COLUMNS: readonly ColumnSpec[] = [
  { name: 'current', type: 'FLOAT', width: 0, meaning: 'current' },
  { name: 'voltage', type: 'INT', width: 0, meaning: 'voltage' },
  { name: 'phase', type: 'FLOAT', width: 0, meaning: 'phase' },
];

/** The tags of a meter. */
export function meterTags(width: number): readonly ColumnSpec[] {
  return [
    { name: 'groupid', type: 'INT', width: 0, meaning: 'groupid' },
    { name: 'location', type: 'BINARY', width, meaning: 'location' },
  ];
}

/** `col0`, `col1`, … of the given types; INT where `count` asks for more, cut where it asks for fewer. */
export function plainColumns(
  types: readonly ColumnType[],
  count: number,
  width: number,
): readonly ColumnSpec[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `col${i}`,
    type: types[i] ?? 'INT',
    width,
  }));
}

/** Tags of a stable of plain columns. */
export function plainTags(width: number): readonly ColumnSpec[] {
  return [
    { name: 't0', type: 'INT', width: 0, meaning: 'number' },
    { name: 't1', type: 'BINARY', width, meaning: 'location' },
  ];
}

/** A job for one stable; callers replace what is told. */
export const DEFAULT_TABLES: TableJob = {
  stable: 'meters',
  isNormal: false,
  prefix: 'd',
  childCount: 10_000,
  childTablesExist: false,
  autoCreate: false,
  createBatch: 1000,
  childLimit: -1,
  childOffset: 0,
  insertRows: 10_000,
  interlaceRows: 0,
  intervalMs: 0,
  timestampStep: 1,
  startMs: FIRST_MS,
  disorderRatio: 0,
  disorderRange: 1000,
  maxSqlBytes: MAX_SQL_BYTES,
  columns: METER_COLUMNS,
  tags: meterTags(16),
  sampleFile: undefined,
  tagsFile: undefined,
  via: 'taosc',
};
