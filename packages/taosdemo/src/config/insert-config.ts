/** `filetype: insert`: a JSON file of 2.1.2 becomes a job. */
import { parseTimestamp, type TimeZone } from '@tdnode/common';
import { columnType, interfaceOf } from '../arguments.ts';
import {
  DEFAULT_TABLES,
  MAX_COLUMNS,
  MAX_ROWS_PER_REQUEST,
  MAX_SQL_BYTES,
} from '../default-job.ts';
import type { ColumnSpec, DatabaseJob, InsertJob, TableJob } from '../job.ts';
import { JobError } from '../job-error.ts';
import { connectionOf } from './connection-config.ts';
import type { JsonReader } from './json-reader.ts';

/** What the file does not know. */
export interface ConfigContext {
  /** ms since 1970, for `now`. */
  readonly nowMs: number;
  /** Of times without one. */
  readonly zone: TimeZone;
}

/** What stands for all tables where a table does not say it. */
interface Shared {
  readonly interlaceRows: number;
  readonly intervalMs: number;
  readonly maxSqlBytes: number;
}

/** Options of `create database` that `dbinfo` may hold; the order is that of the statement. */
const DATABASE_OPTIONS =
  'replica quorum days keep cache blocks minRows maxRows comp walLevel fsync cacheLast precision update'.split(
    ' ',
  );

/** Reads the whole file. */
export function insertConfig(json: JsonReader, context: ConfigContext): InsertJob {
  const shared: Shared = {
    interlaceRows: json.count('interlace_rows', 0, { most: MAX_ROWS_PER_REQUEST }),
    intervalMs: json.count('insert_interval', 0),
    maxSqlBytes: json.count('max_sql_len', MAX_SQL_BYTES, { least: 1024, most: MAX_SQL_BYTES }),
  };
  const databases = json.objects('databases');
  if (databases.length === 0) throw new JobError(`${json.place('databases')} is missing or empty`);
  return {
    kind: 'insert',
    connection: connectionOf(json),
    threads: json.count('thread_count', 1, { least: 1, most: 1000 }),
    createThreads: json.count('thread_count_create_tbl', 1, { least: 1, most: 1000 }),
    rowsPerRequest: json.count('num_of_records_per_req', MAX_ROWS_PER_REQUEST, {
      least: 1,
      most: MAX_ROWS_PER_REQUEST,
    }),
    resultFile: json.text('result_file', './insert_res.txt'),
    seed: json.count('random_seed', 1, { most: 2 ** 31 }),
    asksFirst: json.isYes('confirm_parameter_prompt', false),
    watchesVgroups: json.isYes('watch_vgroups', false),
    thenAsks: false,
    databases: databases.map((database) => databaseConfig(database, shared, context)),
  };
}

function databaseConfig(json: JsonReader, shared: Shared, context: ConfigContext): DatabaseJob {
  const info = json.object('dbinfo');
  if (info === undefined) throw new JobError(`${json.place('dbinfo')} is missing`);
  const options: [string, string | number][] = [];
  for (const key of DATABASE_OPTIONS) {
    const name = key === 'cacheLast' && info.has('cachelast') ? 'cachelast' : key;
    const value = info.word(name);
    if (value === undefined || value === '') continue;
    options.push([
      key === 'walLevel' ? 'wal' : key.toLowerCase(),
      key === 'precision' ? `'${value}'` : value,
    ]);
  }
  const precision = info.oneOf('precision', ['ms', 'us', 'ns'], 'ms');
  return {
    name: info.text('name'),
    drop: info.isYes('drop', true),
    options,
    precision,
    tables: json.objects('super_tables').map((table) => tableConfig(table, shared, context)),
  };
}

function tableConfig(json: JsonReader, shared: Shared, context: ConfigContext): TableJob {
  const isSample = json.oneOf('data_source', ['rand', 'sample'], 'rand') === 'sample';
  json.oneOf('sample_format', ['csv', ''], 'csv');
  const sampleFile = json.text('sample_file', '');
  if (isSample && sampleFile === '') throw new JobError(`${json.place('sample_file')} is missing`);
  const tagsFile = json.text('tags_file', '');
  ignoreOldKeys(json);
  return {
    stable: json.text('name'),
    isNormal: false,
    prefix: json.text('childtable_prefix'),
    childCount: json.count('childtable_count', undefined, { least: 1 }),
    childTablesExist: json.isYes('child_table_exists', false),
    autoCreate: json.isYes('auto_create_table', false),
    createBatch: json.count('batch_create_tbl_num', DEFAULT_TABLES.createBatch, { least: 1 }),
    childLimit: json.count('childtable_limit', -1, { least: -1 }),
    childOffset: json.count('childtable_offset', 0),
    insertRows: json.count('insert_rows', undefined),
    interlaceRows: json.count('interlace_rows', shared.interlaceRows, {
      most: MAX_ROWS_PER_REQUEST,
    }),
    intervalMs: json.count('insert_interval', shared.intervalMs),
    timestampStep: json.count('timestamp_step', 1, { least: 1 }),
    startMs: startOf(json, context),
    disorderRatio: Math.min(50, json.count('disorder_ratio', 0, { most: 100 })),
    disorderRange: json.count('disorder_range', 1000, { least: 1, most: 2 ** 31 }),
    maxSqlBytes: json.count('max_sql_len', shared.maxSqlBytes, {
      least: 1024,
      most: MAX_SQL_BYTES,
    }),
    columns: columnsConfig(json, 'columns', 'col'),
    tags: columnsConfig(json, 'tags', 't'),
    sampleFile: isSample ? sampleFile : undefined,
    tagsFile: tagsFile === '' ? undefined : tagsFile,
    via: interfaceOf(json.text('insert_mode', 'taosc'), json.place('insert_mode')),
  };
}

/** Keys of older files that 2.1.2 reads past as well. */
function ignoreOldKeys(json: JsonReader): void {
  for (const key of ['multi_thread_write_one_tbl', 'number_of_tbl_in_one_sql', 'rows_per_tbl']) {
    json.has(key);
  }
}

/** `[{ "type": "INT", "count": 2 }, …]`: as many columns as they say, numbered through. */
function columnsConfig(json: JsonReader, key: string, prefix: string): readonly ColumnSpec[] {
  const columns: ColumnSpec[] = [];
  for (const one of json.objects(key)) {
    const type = columnType(one.text('type'), one.place('type'));
    const isText = type === 'BINARY' || type === 'NCHAR';
    const width = one.count('len', 16, { least: 0, most: 16_374 });
    const count = one.count('count', 1, { least: 1, most: MAX_COLUMNS });
    for (let i = 0; i < count; i++) {
      columns.push({ name: `${prefix}${columns.length}`, type, width: isText ? width : 0 });
    }
  }
  if (columns.length === 0) throw new JobError(`${json.place(key)} is missing or empty`);
  return columns;
}

function startOf(json: JsonReader, { nowMs, zone }: ConfigContext): number {
  const value = json.word('start_timestamp') ?? 'now';
  if (value === 'now') return nowMs;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  const ms = parseTimestamp(String(value), 'ms', zone);
  if (ms >= 0) return ms; // NaN: no time at all
  throw new JobError(
    `${json.place('start_timestamp')} is ${JSON.stringify(value)}, it must be "now", ms since 1970 or a time from ` +
      'then on such as "2020-10-01 00:00:00.000"',
  );
}
