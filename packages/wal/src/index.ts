export { Log } from './log.ts';
export type { LogOptions } from './log.ts';
export { RECORD_HEADER_BYTES, padded, recordBytes } from './format.ts';
export type { LogRecord } from './format.ts';
