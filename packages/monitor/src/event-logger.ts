/** A logger that hands on what it is told and remembers what happened to the cluster, for `log.log`. */
import type { Clock, Logger, LogModule } from '@tdnode/common';
import type { BoundedQueue } from './bounded-queue.ts';
import type { LogEvent } from './log-tables.ts';

const ERROR = 1;
const WARNING = 2;
const INFORMATION = 4;

/** Whose information is an event: dnodes that come and go, roles, databases. */
const TELLING: ReadonlySet<LogModule> = new Set<LogModule>(['MND', 'DND']);

/** What this package says is not an event of its own: a failing insert would feed itself. */
const SILENT: LogModule = 'MON';

/** The logger for everybody but the monitor. */
export function eventLogger(logger: Logger, events: BoundedQueue<LogEvent>, clock: Clock): Logger {
  const note = (level: number, module: LogModule, text: string): void => {
    if (module !== SILENT) events.add({ atMs: clock.now(), level, text: `${module} ${text}` });
  };
  return {
    error: (module, text) => {
      logger.error(module, text);
      note(ERROR, module, text);
    },
    warn: (module, text) => {
      logger.warn(module, text);
      note(WARNING, module, text);
    },
    info: (module, text) => {
      logger.info(module, text);
      if (TELLING.has(module)) note(INFORMATION, module, text);
    },
    debug: (module, text) => logger.debug(module, text),
  };
}
