/**
 * The server's log: pino decides and collects, our destination writes TDengine's line,
 * `MM/DD hh:mm:ss.uuuuuu TTTTTTTT MOD text`, and never JSON. Errors and warnings have `ERROR` and `WARN` before
 * their text; line breaks in a text become blanks, so that a statement cannot forge lines.
 */
import type { Clock } from '../clock/clock.ts';
import type { Config } from '../config/parameters.ts';
import { TimestampFormatter } from '../time/format.ts';
import type { TimeZone } from '../time/time-zone.ts';
import type { DebugFlags, LogLevel } from './debug-flags.ts';
import { TERMINAL_BIT, debugFlags } from './debug-flags.ts';
import type { LogEntry } from './forwarding-logger.ts';
import { forwardingLogger } from './forwarding-logger.ts';
import { LogFiles } from './log-files.ts';
import type { Logger, LogModule } from './logger.ts';

/** A logger that owns its files. */
export interface FileLogger extends Logger {
  /** A line of another thread, filtered already. */
  entry(entry: LogEntry): void;
  /** Other debug flags from now on (`alter dnode … debugFlag`). */
  setFlags(flags: DebugFlags): void;
  /** The next line begins a new file (`resetlog`, SIGUSR2). */
  turnOver(): void;
  /** Everything said so far is with the operating system. */
  flush(): void;
  /** Flushes and closes; nothing may be said afterwards. */
  close(): Promise<void>;
}

/** What a file logger needs beside the configuration. */
export interface FileLoggerOptions {
  readonly clock: Clock;
  readonly zone: TimeZone;
  /** Number of the main thread: the process. */
  readonly thread: number;
  /** Where lines go whose flag has the terminal's bit. */
  readonly terminal?: (line: string) => void;
}

const marks: Readonly<Record<LogLevel, string>> = {
  error: 'ERROR ',
  warn: 'WARN ',
  info: '',
  debug: '',
};
const GIB = 1024 ** 3;

/** What pino leaves on a destination that asks for it: the line's parts before they became JSON. */
interface PinoMetadata {
  lastMsg?: string;
  lastObj?: { readonly module: LogModule; readonly thread: number; readonly level: LogLevel };
}

/**
 * Opens `logDir/taosdlog.0` or `.1`; rejects when the folder cannot be written. pino is loaded here and not
 * before: threads that only forward lines do without it.
 */
export async function openFileLogger(
  config: Config,
  options: FileLoggerOptions,
): Promise<FileLogger> {
  const { pino } = await import('pino');
  const files = new LogFiles({
    folder: config.logDir,
    name: 'taosdlog',
    maxLines: config.numOfLogLines,
    keepDays: config.logKeepDays,
    isAsync: config.asyncLog === 1,
    minimalFreeBytes: config.minimalLogDirGB * GIB,
    clock: options.clock,
  });
  const flags = { ...debugFlags(config) };
  const destination = lineDestination(files, flags, options);
  const log = pino({ base: null, timestamp: false, level: 'trace' }, destination);
  const entry = ({ level, module, text, thread }: LogEntry): void => {
    log[level]({ module, thread, level }, text);
  };
  const flushAtExit = (): void => files.flush();
  process.once('exit', flushAtExit);
  return {
    ...forwardingLogger(flags, options.thread, entry),
    entry,
    setFlags: (next) => void Object.assign(flags, next),
    turnOver: () => files.turnOver(),
    flush: () => files.flush(),
    close: () => {
      process.off('exit', flushAtExit);
      return files.close();
    },
  };
}

/** A destination that formats the line from its parts. */
function lineDestination(files: LogFiles, flags: DebugFlags, options: FileLoggerOptions) {
  const stamp = lineStamp(options);
  const destination: PinoMetadata & { write(json: string): void } = {
    write() {
      const { module, thread, level } = destination.lastObj!;
      const text = (destination.lastMsg ?? '').replaceAll(/\s*[\r\n]+\s*/gu, ' ');
      const threadName = String(thread).padStart(8, '0');
      const line = `${stamp()} ${threadName} ${module} ${marks[level]}${text}\n`;
      files.write(line);
      if ((flags[module] & TERMINAL_BIT) !== 0) options.terminal?.(line);
    },
  };
  return Object.assign(destination, { [Symbol.for('pino.metadata')]: true });
}

/** `MM/DD hh:mm:ss.uuuuuu`: the wall clock, with the microseconds of the monotonic one. */
function lineStamp({ clock, zone }: FileLoggerOptions): () => string {
  const formatter = new TimestampFormatter(zone, 'us', 'local');
  const bytes = Buffer.alloc(64);
  let ahead = clock.now() - clock.monotonic();
  return () => {
    const wall = clock.now();
    if (Math.abs(wall - ahead - clock.monotonic()) > 1000) ahead = wall - clock.monotonic(); // the clock was set
    const micros = Math.round((clock.monotonic() + ahead) * 1000);
    const end = formatter.write(bytes, 0, micros);
    return bytes.toString('latin1', end - 21, end).replace('-', '/');
  };
}
