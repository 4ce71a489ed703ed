/**
 * The statements of the `log` database, with 2.1.2's tables and columns: `dn` (a row a dnode and interval), `log` (events),
 * `slowquery`; `acct` exists and stays empty, as in the community build. Times are microseconds.
 */
import type { DnodeSample } from './sample.ts';

/** One event for `log.log`. */
export interface LogEvent {
  readonly atMs: number;
  /** 1 error, 2 warning, 4 information. */
  readonly level: number;
  readonly text: string;
}

/** One row of `log.slowquery`. */
export interface SlowQuery {
  readonly atMs: number;
  readonly user: string;
  readonly createdAtMs: number;
  readonly elapsedMs: number;
  readonly sql: string;
}

/** Who writes: its number, 0 before it has one, and its end point. */
export interface Writer {
  readonly dnodeId: number;
  readonly endPoint: string;
}

const USER_BYTES = 24;
const SQL_BYTES = 1024;
const CONTENT_BYTES = 256;
const ADDRESS_BYTES = 128;
const US_PER_MS = 1000;

/** What makes database and tables, each harmless when it is there already. */
export function schemaStatements({ dnodeId, endPoint }: Writer): string[] {
  return [
    "create database if not exists log replica 1 days 10 keep 30 cache 3 blocks 3 precision 'us'",
    'create table if not exists log.dn (ts timestamp, cpu_taosd float, cpu_system float, cpu_cores int, ' +
      'mem_taosd float, mem_system float, mem_total int, disk_used float, disk_total int, band_speed float, ' +
      'io_read float, io_write float, req_http int, req_select int, req_insert int) ' +
      `tags (dnodeid int, fqdn binary(${ADDRESS_BYTES}))`,
    `create table if not exists log.dn${dnodeId} using log.dn tags (${dnodeId}, ${quoted(endPoint, ADDRESS_BYTES)})`,
    'create table if not exists log.acct (ts timestamp, currentpointspersecond bigint, maxpointspersecond bigint, ' +
      'totaltimeseries bigint, maxtimeseries bigint, totalstorage bigint, maxstorage bigint, totalquerytime bigint, ' +
      'maxquerytime bigint, totalinbound bigint, maxinbound bigint, totaloutbound bigint, maxoutbound bigint, ' +
      'totaldbs smallint, maxdbs smallint, totalusers smallint, maxusers smallint, totalstreams smallint, ' +
      'maxstreams smallint, totalconns smallint, maxconns smallint, accessstate smallint) ' +
      `tags (acctid binary(${USER_BYTES}))`,
    "create table if not exists log.acct_root using log.acct tags ('root')",
    `create table if not exists log.slowquery (ts timestamp, username binary(${USER_BYTES}), created_time timestamp, ` +
      `time bigint, sql binary(${SQL_BYTES}))`,
    `create table if not exists log.log (ts timestamp, level tinyint, content binary(${CONTENT_BYTES}), ` +
      `ipaddr binary(${ADDRESS_BYTES}))`,
  ];
}

/** The row of one interval. */
export function sampleStatement({ dnodeId }: Writer, atMs: number, sample: DnodeSample): string {
  const s = sample;
  const values = [
    ...[s.cpuTaosd, s.cpuSystem].map(float),
    s.cpuCores,
    ...[s.memTaosd, s.memSystem].map(float),
    s.memTotal,
    float(s.diskUsed),
    s.diskTotal,
    ...[s.bandSpeed, s.ioRead, s.ioWrite].map(float),
    s.reqHttp,
    s.reqSelect,
    s.reqInsert,
  ];
  return `insert into log.dn${dnodeId} values (${atMs * US_PER_MS}, ${values.join(', ')})`;
}

/** Events in one statement; each a microsecond after the one before, so that none replaces another. */
export function eventStatement({ endPoint }: Writer, events: readonly LogEvent[]): string {
  const rows = events.map(
    ({ atMs, level, text }, i) =>
      `(${atMs * US_PER_MS + i}, ${level}, ${quoted(text, CONTENT_BYTES)}, ${quoted(endPoint, ADDRESS_BYTES)})`,
  );
  return `insert into log.log values ${rows.join(' ')}`;
}

/** Slow queries in one statement. */
export function slowQueryStatement(queries: readonly SlowQuery[]): string {
  const rows = queries.map(
    ({ atMs, user, createdAtMs, elapsedMs, sql }, i) =>
      `(${atMs * US_PER_MS + i}, ${quoted(user, USER_BYTES)}, ${createdAtMs * US_PER_MS}, ` +
      `${Math.round(elapsedMs * US_PER_MS)}, ${quoted(sql, SQL_BYTES)})`,
  );
  return `insert into log.slowquery values ${rows.join(' ')}`;
}

function float(value: number): string {
  return value.toFixed(3);
}

/** A literal that fits a BINARY of so many bytes: cut between characters, quotes and backslashes kept whole. */
function quoted(text: string, maxBytes: number): string {
  let bytes = 0;
  let fitting = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    fitting += character;
  }
  return `'${fitting.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
