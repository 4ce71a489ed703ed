export { Log } from './log.ts';
export type { LogOptions } from './log.ts';
export {
  RECORD_HEADER_BYTES,
  RecordField,
  padded,
  readRecordHeader,
  recordBytes,
} from './format.ts';
export type { LogRecord, RecordHeader } from './format.ts';
export { OWN_TYPES } from './segment-index.ts';
export type { TermRun } from './segment-index.ts';
export { checkLog, firstLogVersion, visitSound } from './check.ts';
export type { LogCheck, LogDamage, LogFileCheck } from './check.ts';
export { beginLog, repairLog } from './repair.ts';
export type { LogRepair } from './repair.ts';
export { logFindings, versionsText } from './findings.ts';
