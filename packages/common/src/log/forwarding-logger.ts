/** A logger for threads: lines that the flags let through go as messages to whoever owns the file. */
import type { DebugFlags, LogLevel } from './debug-flags.ts';
import { levelBits } from './debug-flags.ts';
import type { Logger, LogModule } from './logger.ts';

/** One line on its way. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly module: LogModule;
  readonly text: string;
  /** Number of the thread that says it. */
  readonly thread: number;
}

/** Filters by `flags` and passes the rest to `post`. */
export function forwardingLogger(
  flags: DebugFlags,
  thread: number,
  post: (entry: LogEntry) => void,
): Logger {
  const say = (level: LogLevel, module: LogModule, text: string | (() => string)): void => {
    if ((flags[module] & levelBits[level]) === 0) return;
    post({ level, module, text: typeof text === 'string' ? text : text(), thread });
  };
  return {
    error: (module, text) => say('error', module, text),
    warn: (module, text) => say('warn', module, text),
    info: (module, text) => say('info', module, text),
    debug: (module, text) => say('debug', module, text),
  };
}
