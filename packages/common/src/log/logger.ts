/**
 * The seam to the log: modules as TDengine prints them (`MM/DD hh:mm:ss.us thread MODULE text`), levels
 * as its debug flags switch them (1 error, 2 warning and information, 4 debug, 8 trace).
 */
export type LogModule =
  | 'DND'
  | 'MND'
  | 'SDB'
  | 'VND'
  | 'TDB'
  | 'WAL'
  | 'SYN'
  | 'QRY'
  | 'HTP'
  | 'MON'
  | 'UTL';

/** Says lines under a module, at four levels. */
export interface Logger {
  error(module: LogModule, text: string): void;
  warn(module: LogModule, text: string): void;
  info(module: LogModule, text: string): void;
  /** The text is a function so that it costs nothing when the module's debug flag is off. */
  debug(module: LogModule, text: () => string): void;
}

/** Drops everything: for tests and tools. */
export const silentLogger: Logger = {
  error: () => {},
  warn: () => {},
  info: () => {},
  debug: () => {},
};
