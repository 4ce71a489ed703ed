export { assert } from './errors/assert.ts';
export { ErrorCode, errorHttpStatus } from './errors/codes.ts';
export type { ErrorSymbol } from './errors/codes.ts';
export { TaosError, invalidOperation, notSupportedYet, syntaxError } from './errors/taos-error.ts';
export type { TaosErrorOptions } from './errors/taos-error.ts';
export { CorruptionError } from './errors/corruption-error.ts';
export * from './types/sql-type.ts';
export type { Column, Precision, Schema, TableKind, TagValue } from './types/schema.ts';
export type { Term, TableUid, Tid, Version, VgId } from './types/ids.ts';
export { MAX_BATCH_ROWS, f64Vector, isNullString, vectorValue } from './block/vector.ts';
export type { Batch, F64Vector, I64Vector, StrVector, Vector } from './block/vector.ts';
export { decodeBatch, encodeBatch } from './block/batch-codec.ts';
export {
  ColumnForm,
  SUBMIT_DIRECTORY_ENTRY_BYTES,
  SUBMIT_GROUP_HEADER_BYTES,
  readSubmit,
  submitGroupBytes,
  submitPrefixBytes,
  writeSubmitGroup,
} from './block/submit.ts';
export type {
  SubmitColumn,
  SubmitColumnSource,
  SubmitGroup,
  SubmitGroupSource,
} from './block/submit.ts';
export { ByteReader } from './bytes/byte-reader.ts';
export { ByteWriter } from './bytes/byte-writer.ts';
export type { FileHandle, FileSystem, OpenMode } from './fs/file-system.ts';
export { nodeFileSystem } from './fs/node-file-system.ts';
export type { FileFinding, RepairReport } from './fs/file-finding.ts';
export { copyAside, setAside } from './fs/set-aside.ts';
export { systemClock } from './clock/clock.ts';
export type { Clock } from './clock/clock.ts';
export { seededRandom, systemRandom } from './random/random.ts';
export type { Random } from './random/random.ts';
export { silentLogger } from './log/logger.ts';
export type { Logger, LogModule } from './log/logger.ts';
export { NameMap } from './names/name-map.ts';
export type { TimeZone } from './time/time-zone.ts';
export { localToUtcMs, timeZone } from './time/zone.ts';
export {
  parseNanoseconds,
  parseNanosecondsBytes,
  parseTimestamp,
  parseTimestampBytes,
} from './time/timestamp-literal.ts';
export {
  NS_TIME_MAX,
  isStoredNanoseconds,
  nextTime,
  precisionOfTicks,
  storedNanoseconds,
  ticksOfStored,
  timeArithmetic,
} from './time/stored-time.ts';
export type { TimeArithmetic } from './time/stored-time.ts';
export { durationTicks, isCalendarUnit, ticksPerSecond } from './time/duration.ts';
export type { DurationUnit } from './time/duration.ts';
export { MS_PER_DAY, civilFromDays, civilMonth, civilYear, daysFromCivil } from './time/civil.ts';
export type { DbOptions } from './types/db-options.ts';
export {
  DEFAULT_CLUSTER_SECRET,
  hasFlag,
  parameterNames,
  parameters,
} from './config/parameters.ts';
export type { Config, Parameter, ParameterName } from './config/parameters.ts';
export { defaultConfig, describeProblem, formatProblem, parseConfig } from './config/load.ts';
export type { ConfigProblem, LoadedConfig } from './config/load.ts';
export { readHostDefaults } from './config/host.ts';
export type { HostDefaults } from './config/host.ts';
export { dumpConfig, dumpLine, showVariables } from './config/dump.ts';
export { MAX_TIMESTAMP_BYTES, TimestampFormatter, formatTimestamp } from './time/format.ts';
export { debugFlags } from './log/debug-flags.ts';
export type { DebugFlags, LogLevel } from './log/debug-flags.ts';
export type { LogEntry } from './log/forwarding-logger.ts';
export { openFileLogger } from './log/file-logger.ts';
export type { FileLogger, FileLoggerOptions } from './log/file-logger.ts';
export { configPage, errorsPage } from './reference/pages.ts';
